// One conversation at the desk, while it is open: it follows what changes, keeps what is typed, and says who is here.
// Everything it does can be done without it, by sending the forms and loading the page again.

const desk = document.getElementById("desk");
const here = desk.dataset.here;
const id = here.split("/").pop();
const form = document.querySelector("form[data-reply]");
const box = document.getElementById("text");
const PRESENT_EVERY = 15_000;
// What happens in the customer's other conversations is told to nobody who looks at this one.
const LOOK_EVERY = 10_000;
const KEEP_AFTER = 1_500;
const TYPING_EVERY = 4_000;
let mark = desk.dataset.mark;
let isSent = false;

const post = (path, fields) =>
  fetch(`${here}/${path}`, { method: "POST", body: new URLSearchParams(fields), keepalive: true }).catch(() => undefined);

// Following: the parts that change are fetched anew; what is typed is never touched.
let isLooking = false;
let isAsked = false;
async function look() {
  if (isLooking) {
    isAsked = true;
    return;
  }
  isLooking = true;
  try {
    const answer = await fetch(`${here}/rows?${new URLSearchParams({ mark, ...(desk.dataset.alone ? { alone: "1" } : {}) })}`);
    if (answer.redirected || answer.status === 401) location.reload();
    if (answer.status === 200) {
      mark = answer.headers.get("X-Mark") || "";
      put(await answer.text());
    }
  } catch {
    // Without a connection the page stays as it is; the next look finds what was missed.
  }
  isLooking = false;
  if (isAsked) {
    isAsked = false;
    look();
  }
}

function put(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const open = new Set([...document.querySelectorAll("#thread details[open]")].map((one) => one.textContent.trim()));
  const isAtEnd = box !== null && box.getBoundingClientRect().top < innerHeight;
  const before = document.body.scrollHeight;
  for (const name of ["status", "called", "thread"]) {
    const [old, next] = [document.getElementById(name), fresh.getElementById(name)];
    if (old && next && old.innerHTML !== next.innerHTML) old.replaceChildren(...next.childNodes);
  }
  for (const one of document.querySelectorAll("#thread details")) if (open.has(one.textContent.trim())) one.open = true;
  // Whoever writes stays where they write, however long the thread grows above them.
  if (isAtEnd) scrollBy(0, document.body.scrollHeight - before);
}

function follow() {
  const source = new EventSource(`/inbox/live?${new URLSearchParams({ seller: desk.dataset.seller })}`);
  source.addEventListener("changed", (event) => {
    const { in: inside, out } = JSON.parse(event.data);
    if ([...inside, ...out].includes(id)) look();
  });
  source.addEventListener("again", look);
  source.addEventListener("ended", () => location.reload());
}
follow();
setInterval(() => document.visibilityState === "visible" && look(), LOOK_EVERY);
look();

// Presence: that the page is open, that somebody writes, and that they left.
const present = () => document.visibilityState === "visible" && post("presence", {});
present();
setInterval(present, PRESENT_EVERY);
addEventListener("pagehide", () => post("presence", { leaving: "true" }));

// The reply box: kept while it is typed in, sent once, and counted where texts are paid by the piece.
if (form !== null && box !== null) {
  let keeping = 0;
  let typedAt = 0;
  box.addEventListener("input", () => {
    count();
    clearTimeout(keeping);
    keeping = setTimeout(() => !isSent && post("keep", { text: box.value, quietly: "true" }), KEEP_AFTER);
    if (Date.now() - typedAt > TYPING_EVERY) {
      typedAt = Date.now();
      post("presence", { typing: "true" });
    }
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector(".primary"));
    }
  });
  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
    clearTimeout(keeping);
    setTimeout(() => {
      isSent = false;
    }, 5_000);
  });
  count();
}
for (const one of document.querySelectorAll(".record form[method=post], .ends form")) {
  one.addEventListener("submit", (event) => {
    if (one.dataset.sent) event.preventDefault();
    one.dataset.sent = "1";
  });
}

// Source: 3GPP TS 23.038 section 6.2.1. The server counts again, and has the last word.
function count() {
  const counted = document.getElementById("counted");
  if (form.dataset.channel !== "sms" || counted === null) return;
  const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  const twice = "\f^{}\\[~]|€";
  const text = box.value.replaceAll("€", "EUR");
  const signs = [...text];
  const isGsm = signs.every((one) => basic.includes(one) || twice.includes(one));
  const units = isGsm ? signs.reduce((sum, one) => sum + (twice.includes(one) ? 2 : 1), 0) : text.length;
  const [single, part] = isGsm ? [160, 153] : [70, 67];
  const texts = units <= single ? Math.min(units, 1) : Math.ceil(units / part);
  counted.textContent = `${texts} text${texts === 1 ? "" : "s"} of at most 4. Your first text is signed with your name.`;
}
