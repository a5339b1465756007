// The chat of the front page: one message at a time, kept through reloads, and never asked twice.

const chat = document.querySelector("[data-chat]");
const log = chat.querySelector("[data-log]");
const looking = chat.querySelector("[data-looking]");
const speaks = chat.querySelector("[data-speaks]");
const form = chat.querySelector("[data-compose]");
const box = form.querySelector("textarea");
const answers = form.querySelector("[data-answers]");
const starters = form.querySelector("[data-starters]");
const words = JSON.parse(chat.dataset.words);
const shelf = `parley-chat:${chat.dataset.who}`;
const ANSWER_MILLISECONDS_MAX = 60_000;
const LOOK_AGAIN_MILLISECONDS = 4_000;
const FOLLOW_AGAIN_MILLISECONDS_MAX = 30_000;

// `token` says who is writing, `waiting` are messages the server has not confirmed, in the order they were written.
let kept = { token: chat.dataset.token, waiting: [] };
const places = new Map(); // where each of the server's messages stands, by its id
let unnamed = []; // bubbles made here before the server named their message
let isBusy = false;
let lookAgain = null;
let live = null; // the stream of what is new, while there is one
let lastTold = ""; // the last message it told of
let isBehind = false; // it told of something while an answer was awaited
const wereWritten = log.querySelectorAll("article").length - 1; // by the server, beside its greeting
let invites = null; // the kind of quick answer that the last answer asks for
let misses = 0; // how often in a row the stream could not be had

function keep() {
  try {
    sessionStorage.setItem(shelf, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing still chats; only a reload starts again.
  }
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(shelf) ?? "null");
  } catch {
    return null;
  }
}

function newId() {
  // randomUUID is there only on https and localhost; a shop's own network may have neither.
  return globalThis.crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// One message, as bubbles.html makes it too: change both together.
function bubble({ author, text, at, facts = [] }) {
  const who = ["customer", "assistant", "system"].includes(author) ? author : "agent";
  const made = element("article", `bubble from-${who}`);
  // What the house says of the conversation itself, such as that a person reads along, is nobody's own words.
  if (who === "system") {
    made.append(element("p", "said", text));
    return made;
  }
  made.append(element("h3", "unseen", who === "customer" ? words.you : words[who]));
  if (who === "agent") made.append(element("p", "speaker", words.agent));
  made.append(element("p", "said", text));
  if (at) {
    const line = element("p", "at");
    const time = element("time", "", clock(at, { hour: "2-digit", minute: "2-digit" }));
    time.dateTime = at;
    line.append(time);
    made.append(line);
  }
  if (facts.length > 0) made.append(receipts(facts));
  return made;
}

function receipts(facts) {
  const made = element("details", "receipts");
  const title = element("summary", "", `${words.sources} `);
  title.append(element("span", "count", String(facts.length)));
  const list = element("ul");
  for (const fact of facts) {
    const row = element("li");
    row.append(element("span", "fact", fact.text.length > 160 ? `${fact.text.slice(0, 159)}…` : fact.text), " ");
    row.append(element("span", "source", source(fact.source ?? "")));
    list.append(row);
  }
  made.append(title, list);
  return made;
}

// "invoice INV-1 at 2026-03-16T11:00:00Z": what was read, and when. receipts.py reads it the same way.
function source(text) {
  const [, where, when] = /^(.+?)(?: at |, read )(\d{4}-\d\d-\d\dT\S+)$/s.exec(text) ?? [];
  if (when === undefined) return text;
  return `${where}, ${words.read.replace("{when}", clock(when, { hour: "2-digit", minute: "2-digit", second: "2-digit" }))}`;
}

function clock(at, parts) {
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? "" : moment.toLocaleTimeString(chat.lang, { ...parts, hourCycle: "h23" });
}

function add(made) {
  log.append(made);
  log.scrollTop = log.scrollHeight;
  return made;
}

function state(message, kind) {
  message.place.classList.toggle("is-waiting", kind === "waiting");
  message.place.querySelector(".trouble")?.remove();
  if (kind !== "lost") return;
  const line = element("p", "trouble", `${words.not_sent} `);
  line.setAttribute("role", "alert");
  const again = element("button", "", words.try_again);
  again.type = "button";
  again.addEventListener("click", () => {
    // Whatever was written after it waits for it, so that nothing arrives out of order.
    for (const one of kept.waiting) one.isLost = false;
    box.focus();
    sendNext();
  });
  line.append(again);
  message.place.append(line);
}

function lose() {
  for (const message of kept.waiting) {
    message.isLost = true;
    state(message, "lost");
  }
}

async function ask(token, message) {
  return fetch("/api/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ text: message.text, message_id: message.id }),
    signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
  });
}

// One at a time: the first answer begins the conversation that the second message belongs to.
async function sendNext() {
  const [message] = kept.waiting;
  if (isBusy || message === undefined || message.isLost) return;
  isBusy = true;
  state(message, "waiting");
  looking.hidden = false;
  let answer = null;
  try {
    answer = await ask(kept.token, message);
    if ((answer.status === 401 || answer.status === 404) && kept.token !== chat.dataset.token) {
      // The conversation is over or gone; the page's own token begins a new one.
      kept.token = chat.dataset.token;
      answer = await ask(kept.token, message);
    }
    if (answer.ok) heard(message, await answer.json());
    else if (answer.status >= 500 || answer.status === 429 || answer.status === 409) lose();
    else refused(message, await answer.json().catch(() => ({})));
  } catch {
    lose();
  }
  looking.hidden = true;
  isBusy = false;
  keep();
  if (answer?.ok) refreshBeside();
  if (isBehind) await catchUp();
  follow();
  sendNext();
}

function heard(message, turn) {
  kept.waiting.shift();
  kept.token = turn.session;
  state(message, "sent");
  if (turn.id) name(turn.id, message.place);
  if (turn.reply === null) return lookSoon();
  choose((invites = turn.choices));
  const answer = { author: "assistant", text: turn.reply, at: new Date().toISOString(), facts: turn.facts ?? [] };
  const made = bubble(answer);
  // What was written after the question is on its way already, and stands below the answer.
  log.insertBefore(made, kept.waiting[0]?.place ?? null);
  log.scrollTop = log.scrollHeight;
  unnamed.push({ made, ...answer });
}

// What is proposed or guessed is answered with one press; the words are those a customer would write. front.html makes
// the same: change both together. While they are there, nothing else is suggested.
function choose(kind) {
  // Whoever writes on has not read it yet, or answers in their own words.
  const invited = kept.waiting.length === 0 ? words.choices[kind] : undefined;
  // Those that are there already stay: whoever stands on one with the keyboard goes on standing there.
  const areThere = answers.getAttribute("aria-label") === invited?.label && !answers.hidden;
  if (invited !== undefined && !areThere) {
    answers.setAttribute("aria-label", invited.label);
    answers.replaceChildren(
      ...invited.say.map((text) => {
        const button = element("button", "", text);
        Object.assign(button, { type: "submit", name: "choice", value: text, formNoValidate: true });
        return button;
      }),
    );
  }
  // Whoever stood on a button that goes away is not left nowhere.
  if (invited === undefined && answers.contains(document.activeElement)) backToTalk();
  answers.hidden = invited === undefined;
  starters.hidden = invited !== undefined;
}

// To the box; where that would bring up a keyboard over half the screen, to the log.
function backToTalk() {
  (matchMedia("(hover: hover)").matches ? box : log).focus({ preventScroll: true });
}

function name(id, made) {
  places.set(id, made);
  unnamed = unnamed.filter((one) => one.made !== made);
}

// Sending it again would not help; the sentence says why.
function refused(message, problem) {
  kept.waiting.shift();
  unnamed = unnamed.filter((one) => one.made !== message.place);
  state(message, "sent");
  const line = element("p", "trouble", `${words.not_sent} ${problem.title ?? (typeof problem.detail === "string" ? problem.detail : "")}`);
  line.setAttribute("role", "alert");
  message.place.append(line);
  choose(invites);
}

// Somebody else answers, a person or a later turn: look for it until it is there.
function lookSoon() {
  looking.hidden = true;
  const waits = log.querySelector("[data-waits]") ?? add(element("p", "looking", words.no_reply));
  waits.dataset.waits = "";
  clearTimeout(lookAgain);
  lookAgain = setTimeout(async () => {
    if (isBusy || document.hidden) return lookSoon();
    const isNew = await soFar().catch(() => false);
    if (isNew !== "new") return lookSoon();
    waits.remove();
  }, LOOK_AGAIN_MILLISECONDS);
}

// Brings the log in line with what the server has; "new" when something came, false when the token is no longer good.
async function soFar() {
  const answer = await fetch("/api/chat", { headers: { Authorization: `Bearer ${kept.token}` } });
  if (!answer.ok) return answer.status >= 500;
  const { messages } = await answer.json();
  const isNew = bringInLine(messages);
  choose((invites = messages.at(-1)?.choices));
  return isNew ? "new" : true;
}

// Every message once, and in the server's order: what somebody else said while an answer was on its way stands before it.
function bringInLine(messages) {
  nameWhatTheServerWrote(messages);
  for (const message of messages.filter(({ id }) => !places.has(id))) {
    const mine = unnamed.find((one) => one.author === message.author && one.text.trim() === message.text.trim());
    if (mine === undefined) continue;
    arrived(mine.made);
    name(message.id, mine.made);
  }
  let isNew = false;
  messages.forEach((message, at) => {
    if (places.has(message.id)) return;
    const next = messages.slice(at + 1).find((later) => places.has(later.id));
    const made = bubble(message);
    log.insertBefore(made, (next && places.get(next.id)) ?? kept.waiting[0]?.place ?? null);
    places.set(message.id, made);
    isNew = true;
  });
  if (isNew) log.scrollTop = log.scrollHeight;
  return isNew;
}

// What was written without script stands in the page without its ids: the latest messages, in their order.
function nameWhatTheServerWrote(messages) {
  if (!chat.hasAttribute("data-answered") || places.size > 0) return;
  const written = [...log.querySelectorAll("article")].slice(1, 1 + wereWritten);
  const latest = messages.slice(-Math.max(written.length, 1));
  written.forEach((made, at) => latest[at] && places.set(latest[at].id, made));
}

// A message whose answer was lost, and that the server has all the same: it is not to be sent again.
function arrived(made) {
  const message = kept.waiting.find((one) => one.place === made);
  if (message === undefined) return;
  kept.waiting = kept.waiting.filter((one) => one !== message);
  state(message, "sent");
  keep();
}

// The server tells as it happens what is new, a person's words among them. The token goes in a header, so the stream is
// read by fetch. Where there is none, lookSoon still looks by itself.
async function follow() {
  if (live !== null || document.hidden || kept.token === "") return;
  const mine = (live = new AbortController());
  let goesOn = true;
  let wasTold = false;
  try {
    const headers = { Authorization: `Bearer ${kept.token}`, ...(lastTold && { "Last-Event-ID": lastTold }) };
    const answer = await fetch("/api/chat/live", { headers, signal: mine.signal });
    // A token that is no longer good, or a house without such a stream: the next answer may bring another.
    goesOn = answer.ok || answer.status >= 500 || answer.status === 429;
    if (answer.ok && answer.body !== null) {
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const events = (rest + part.value).split("\n\n");
        rest = events.pop();
        for (const event of events) wasTold = told(event) || wasTold;
      }
      // A stream that ended without telling anything has no conversation yet: the next answer begins one.
      goesOn = wasTold;
    }
  } catch {
    // It broke off, or the server is away; either way it is taken up again where it stopped.
  }
  if (live !== mine) return;
  live = null;
  misses = wasTold ? 0 : misses + 1;
  const wait = Math.min(LOOK_AGAIN_MILLISECONDS * 2 ** Math.max(0, misses - 1), FOLLOW_AGAIN_MILLISECONDS_MAX);
  if (goesOn) setTimeout(follow, wait);
}

function told(event) {
  const [, id] = /^id: ?(.+)$/m.exec(event) ?? [];
  const [, kind] = /^event: ?(.+)$/m.exec(event) ?? [];
  if (id !== undefined) {
    lastTold = id;
    catchUp();
  }
  if (kind === "speaker") {
    const [, data] = /^data: ?(.+)$/m.exec(event) ?? [];
    const isPerson = data !== undefined && JSON.parse(data).speaker === "agent";
    // The place is always there and only its words change: that is what screen readers say aloud.
    const line = isPerson ? words.person_here : "";
    if (speaks.textContent !== line) speaks.textContent = line;
    if (isPerson) choose(null); // a person asks in their own words
  }
  return kind !== undefined;
}

async function catchUp() {
  isBehind = isBusy;
  if (isBehind) return;
  isBusy = true; // nothing is sent meanwhile, so that what is shown stays in order
  const isNew = await soFar().catch(() => false);
  isBusy = false;
  if (isNew === "new") {
    clearTimeout(lookAgain);
    log.querySelector("[data-waits]")?.remove();
  }
  if (isBehind) return catchUp(); // more was told while it looked
  sendNext();
}

async function refreshBeside() {
  const place = document.querySelector("[data-beside-place]");
  if (place === null || !chat.dataset.beside) return;
  const answer = await fetch(chat.dataset.beside).catch(() => null);
  if (answer?.ok) place.innerHTML = await answer.text(); // our own page, escaped by the server
}

function write(text) {
  const said = text.trim();
  if (said === "") return;
  const message = { id: newId(), text: said, isLost: false };
  message.place = add(bubble({ author: "customer", text: said, at: new Date().toISOString() }));
  // A place in the page cannot be kept through a reload, so it stays out of what is.
  Object.defineProperty(message, "place", { enumerable: false });
  unnamed.push({ made: message.place, author: "customer", text: said });
  choose(null);
  kept.waiting.push(message);
  state(message, "waiting");
  keep();
  if (kept.waiting[0].isLost) lose();
  sendNext();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const choice = event.submitter?.name === "choice" ? event.submitter.value : null;
  write(choice ?? box.value);
  if (choice === null) box.value = "";
  if (choice === null) box.focus();
  else backToTalk();
});

box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

chat.querySelector("[data-again]").addEventListener("click", () => {
  try {
    sessionStorage.removeItem(shelf);
  } catch {
    // nothing was kept
  }
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    live?.abort(); // a browser has few lines to one server, and many tabs
    live = null;
    return;
  }
  refreshBeside();
  follow();
});

async function begin() {
  const here = document.querySelector(".who [aria-current]");
  const strip = here?.closest("ul");
  if (strip && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - 16;
  const before = recall();
  if (chat.hasAttribute("data-answered")) {
    if (await soFar().catch(() => true)) follow();
    return;
  }
  if (before === null) return;
  kept = before;
  log.setAttribute("aria-busy", "true");
  // Those the server may have: if it does, they are found by their words, and not shown twice.
  for (const message of kept.waiting) {
    const place = add(bubble({ author: "customer", text: message.text }));
    Object.defineProperty(message, "place", { value: place, enumerable: false });
    unnamed.push({ made: place, author: "customer", text: message.text });
    message.isLost = true;
  }
  // What cannot be read now is not forgotten: the next answer goes on in the same conversation.
  const isGood = await soFar().catch(() => true);
  if (!isGood) kept.token = chat.dataset.token;
  lose();
  log.removeAttribute("aria-busy");
  log.scrollTop = log.scrollHeight;
  follow();
}

begin();
