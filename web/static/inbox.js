// The inbox, live: rows change as conversations do. What is new is put in its place unless somebody points at the list
// or is in it; then it waits behind a line that says how many there are, so that no row moves from under a hand.
const form = document.querySelector("form[data-live]");
const body = form.querySelector("[data-rows]");
const sheet = form.querySelector("[data-sheet]");
const fresh = form.querySelector("[data-fresh]");
const told = document.querySelector("[data-told]");
const holds = "holds" in form.dataset;
const title = document.title.replace(/^\([^)]*\) /, "");
const ROWS_MAX = 100;
const waitingRows = new Map();
const gone = new Set();

const isInUse = () => body.matches(":hover") || body.contains(document.activeElement);
const rankOf = (row) => Number(row.dataset.rank);
const keyOf = (row) => row.id.slice(2);

function parsed(html) {
  const table = document.createElement("template");
  table.innerHTML = `<table><tbody>${html}</tbody></table>`;
  return [...table.content.querySelectorAll("tr")];
}

function place(row) {
  const after = [...body.children].find((one) => rankOf(one) > rankOf(row));
  body.insertBefore(row, after ?? null);
  while (body.children.length > ROWS_MAX) body.lastElementChild.remove();
}

// A row keeps its tick and its focus when it is written anew.
function renew(old, row) {
  row.querySelector("input").checked = old.querySelector("input")?.checked ?? false;
  const hasFocus = old.contains(document.activeElement);
  const isInPlace = isInUse() || rankOf(old) === rankOf(row);
  if (isInPlace) old.replaceWith(row);
  else { old.remove(); place(row); }
  if (hasFocus) row.querySelector(".row").focus({ preventScroll: true });
}

function drop(key) {
  waitingRows.delete(key);
  const row = document.getElementById(`c-${key}`);
  if (row === null) return;
  if (isInUse()) { gone.add(key); row.classList.add("is-gone"); row.querySelector("input").checked = false; }
  else row.remove();
}

function show(rows) {
  for (const row of rows) {
    gone.delete(keyOf(row));
    const old = document.getElementById(row.id);
    if (old !== null) renew(old, row);
    else if (holds) continue;
    else if (isInUse()) waitingRows.set(keyOf(row), row);
    else { row.classList.add("is-new"); place(row); waitingRows.delete(keyOf(row)); announce(1); }
  }
  tell();
}

let announced = 0;
let quiet;
function announce(more) {
  announced += more;
  clearTimeout(quiet);
  quiet = setTimeout(() => { announced = 0; tell(); }, 8000);
}

function tell() {
  const isEmpty = body.children.length === 0;
  sheet.hidden = isEmpty;
  form.querySelector(".tools")?.toggleAttribute("hidden", isEmpty);
  const empty = document.querySelector("[data-empty]");
  if (empty !== null) empty.hidden = !isEmpty;
  const count = waitingRows.size;
  if (count === 0) { fresh.textContent = announced > 0 ? `${announced} new` : ""; return; }
  if (fresh.firstElementChild?.dataset.count === String(count)) return;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: `${count} new` });
  button.dataset.count = String(count);
  button.addEventListener("click", settle);
  fresh.replaceChildren(button);
}

function settle() {
  for (const row of waitingRows.values()) { row.classList.add("is-new"); place(row); }
  waitingRows.clear();
  for (const key of gone) document.getElementById(`c-${key}`)?.remove();
  gone.clear();
  const sorted = [...body.children].sort((one, other) => rankOf(one) - rankOf(other));
  if (sorted.some((row, at) => body.children[at] !== row)) body.append(...sorted);
  tell();
}
const settleLater = () => setTimeout(() => { if (!isInUse() && (waitingRows.size > 0 || gone.size > 0)) settle(); }, 400);
body.addEventListener("mouseleave", settleLater);
body.addEventListener("focusout", settleLater);

function count(waiting) {
  document.title = waiting > 0 ? `(${waiting.toLocaleString("en")}) ${title}` : title;
  const tab = document.querySelector('[data-count="waiting"]');
  if (tab !== null) tab.textContent = waiting.toLocaleString("en");
}

async function fetched(more) {
  const answer = await fetch(form.dataset.rowsFrom + more, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(`the rows could not be fetched: ${answer.status}`);
  return parsed(await answer.text());
}

// One question at a time; what changes meanwhile is asked for together in the next.
let asking = false;
const wanted = new Set();
let all = false;
async function look() {
  if (asking) return;
  asking = true;
  try {
    while (all || wanted.size > 0) {
      if (all) {
        all = false;
        wanted.clear();
        const rows = await fetched("");
        const keys = new Set(rows.map(keyOf));
        for (const row of [...body.children]) if (!keys.has(keyOf(row))) drop(keyOf(row));
        show(rows);
      } else {
        const keys = [...wanted].slice(0, 50);
        for (const key of keys) wanted.delete(key);
        const rows = await fetched(`&ids=${keys.join(",")}`);
        const here = new Set(rows.map(keyOf));
        for (const key of keys) if (!here.has(key)) drop(key);
        show(rows);
      }
    }
  } catch {
    fresh.textContent = "Not connected; this list may be old.";
  } finally {
    asking = false;
  }
}

function follow() {
  const since = encodeURIComponent(form.dataset.since);
  const stream = new EventSource(`${form.dataset.live}&since=${since}`);
  stream.addEventListener("changed", (event) => {
    const said = JSON.parse(event.data);
    for (const key of said.out) drop(key);
    for (const key of said.in) if (!holds || document.getElementById(`c-${key}`) !== null) wanted.add(key);
    count(said.waiting);
    tell();
    look();
  });
  stream.addEventListener("again", () => { if (!holds) { all = true; look(); } });
  stream.addEventListener("ended", () => { stream.close(); signedOut(); });
  stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) signedOut(); });
}

function signedOut() {
  const link = Object.assign(document.createElement("a"), { href: location.href, textContent: "Sign in again" });
  fresh.replaceChildren("This list is no longer live. ", link);
}

// Without a page of its own to come back to, what was done is said here and the rows follow by themselves.
form.addEventListener("submit", async (event) => {
  if (event.submitter === null) return;
  event.preventDefault();
  const asked = new FormData(form, event.submitter);
  const answer = await fetch(form.action, { method: "POST", body: asked, headers: { Accept: "application/json" } })
    .catch(() => null);
  if (answer === null || !(answer.headers.get("content-type") ?? "").startsWith("application/json")) {
    told.textContent = "That could not be done. Load the page again.";
    return;
  }
  const said = await answer.json();
  told.textContent = said.told ?? said.title ?? "That could not be done.";
  for (const tick of form.querySelectorAll("[data-rows] input:checked")) { tick.checked = false; wanted.add(tick.value); }
  look();
});

const until = form.querySelector("[data-until]");
const day = form.querySelector("[data-day]");
if (until !== null && day !== null) {
  const fit = () => { day.hidden = until.value !== "day"; };
  until.addEventListener("change", fit);
  fit();
}
for (const button of document.querySelectorAll("[data-goes-by-itself]")) button.hidden = true;

// Whoever looked at a conversation and went away without saying so is there no longer after a while.
setInterval(() => {
  const now = Date.now();
  for (const one of body.querySelectorAll(".there")) if (Date.parse(one.dataset.until) < now) one.remove();
}, 5000);
tell();
follow();
