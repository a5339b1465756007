// The chat of the front page: one message at a time, kept through reloads, and never asked twice.

const chat = document.querySelector("[data-chat]");
const log = chat.querySelector("[data-log]");
const looking = chat.querySelector("[data-looking]");
const form = chat.querySelector("[data-compose]");
const box = form.querySelector("textarea");
const words = JSON.parse(chat.dataset.words);
const shelf = `parley-chat:${chat.dataset.who}`;
const ANSWER_MILLISECONDS_MAX = 60_000;
const LOOK_AGAIN_MILLISECONDS = 4_000;

// `token` says who is writing, `waiting` are messages the server has not confirmed, in the order they were written.
let kept = { token: chat.dataset.token, waiting: [] };
let shown = 0; // how many of the server's messages stand in the page
let isBusy = false;
let lookAgain = null;
let live = null; // the stream of what is new, while there is one
let lastTold = ""; // the last message it told of
let isBehind = false; // it told of something while an answer was awaited

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
  const who = author === "customer" || author === "assistant" ? author : "agent";
  const made = element("article", `bubble from-${who}`);
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
  if (isBehind) catchUp();
  follow();
  sendNext();
}

function heard(message, turn) {
  kept.waiting.shift();
  kept.token = turn.session;
  state(message, "sent");
  shown += 1;
  if (turn.reply === null) return lookSoon();
  shown += 1;
  add(bubble({ author: "assistant", text: turn.reply, at: new Date().toISOString(), facts: turn.facts ?? [] }));
}

// Sending it again would not help; the sentence says why.
function refused(message, problem) {
  kept.waiting.shift();
  state(message, "sent");
  const line = element("p", "trouble", `${words.not_sent} ${problem.title ?? (typeof problem.detail === "string" ? problem.detail : "")}`);
  line.setAttribute("role", "alert");
  message.place.append(line);
}

// Somebody else answers, a person or a later turn: look for it until it is there.
function lookSoon() {
  looking.hidden = true;
  const waits = log.querySelector("[data-waits]") ?? add(element("p", "looking", words.no_reply));
  waits.dataset.waits = "";
  clearTimeout(lookAgain);
  lookAgain = setTimeout(async () => {
    if (isBusy || document.hidden) return lookSoon();
    const before = shown;
    await soFar().catch(() => null);
    if (shown === before) return lookSoon();
    waits.remove();
  }, LOOK_AGAIN_MILLISECONDS);
}

// Puts what the server has and the page has not at the end of the log; false when the token is no longer good.
async function soFar() {
  const answer = await fetch("/api/chat", { headers: { Authorization: `Bearer ${kept.token}` } });
  if (!answer.ok) return answer.status >= 500;
  const { messages } = await answer.json();
  for (const message of messages.slice(shown)) add(bubble(message));
  shown = messages.length;
  return true;
}

// The server tells as it happens what is new, a person's words among them. The token goes in a header, so the stream is
// read by fetch. Where there is none, lookSoon still looks by itself.
async function follow() {
  if (live !== null || document.hidden) return;
  const mine = (live = new AbortController());
  let wasTold = false;
  try {
    const headers = { Authorization: `Bearer ${kept.token}`, ...(lastTold && { "Last-Event-ID": lastTold }) };
    const answer = await fetch("/api/chat/live", { headers, signal: mine.signal });
    if (answer.ok && answer.body !== null) {
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const events = (rest + part.value).split("\n\n");
        rest = events.pop();
        for (const event of events) wasTold = told(event) || wasTold;
      }
    }
  } catch {
    // It broke off, or the page was left; either way it is taken up again where it stopped.
  }
  if (live !== mine) return;
  live = null;
  // A stream that never told anything has no conversation yet: the next answer begins one.
  if (wasTold) setTimeout(follow, LOOK_AGAIN_MILLISECONDS);
}

function told(event) {
  const [, id] = /^id: (.+)$/m.exec(event) ?? [];
  if (id !== undefined) {
    lastTold = id;
    catchUp();
  }
  return event.includes("event: ");
}

async function catchUp() {
  isBehind = isBusy || kept.waiting.length > 0;
  if (isBehind) return;
  const before = shown;
  isBusy = true; // nothing is sent meanwhile, so that what is shown stays in order
  await soFar().catch(() => null);
  isBusy = false;
  if (shown !== before) {
    clearTimeout(lookAgain);
    log.querySelector("[data-waits]")?.remove();
  }
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
  if (choice === null || matchMedia("(hover: hover)").matches) box.focus();
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
  if (before === null || chat.hasAttribute("data-answered")) return;
  kept = before;
  log.setAttribute("aria-busy", "true");
  // What cannot be read now is not forgotten: the next answer goes on in the same conversation.
  const isGood = await soFar().catch(() => true);
  if (!isGood) kept.token = chat.dataset.token;
  for (const message of kept.waiting) {
    const place = add(bubble({ author: "customer", text: message.text }));
    Object.defineProperty(message, "place", { value: place, enumerable: false });
    message.isLost = true;
  }
  lose();
  log.removeAttribute("aria-busy");
  log.scrollTop = log.scrollHeight;
  follow();
}

begin();
