// Lists by keyboard. j and k move from row to row, Enter opens (it is a link), x ticks, / goes to the search, ? shows the
// keys, g and a letter goes to the page of that letter. Any other key presses the button that names it (data-key), about
// the ticked rows, or the row one is on when none is ticked.
const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("[data-rows] .row")].filter((row) => row.offsetParent !== null);
const tickOf = (row) => row?.closest("tr, li")?.querySelector("input[type=checkbox]") ?? null;
const rowHere = () => document.activeElement?.closest("tr, li")?.querySelector(".row") ?? null;

let goes = false;

function move(by) {
  const all = rows();
  if (all.length === 0) return;
  const here = all.indexOf(rowHere());
  all[Math.max(0, Math.min(here + by, all.length - 1))].focus();
}

function press(key) {
  const row = rowHere();
  const own = row?.closest("tr, li")?.querySelector(`[data-key="${key}"]`);
  const button = own ?? document.querySelector(`[data-key="${key}"]`);
  if (button === null || button.disabled || button.closest("[hidden]") !== null) return false;
  if (own === null || own === undefined) {
    const tick = tickOf(row);
    const isAnyTicked = document.querySelector("[data-rows] input[type=checkbox]:checked") !== null;
    if (!isAnyTicked && button.form?.querySelector("[data-rows]") != null) {
      if (tick === null) return false;
      tick.checked = true;
    }
  }
  button.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") !== null) return;
  const { key } = event;
  if (goes) {
    goes = false;
    const there = [...document.querySelectorAll(".tabs a")].find((tab) => tab.textContent.trim().toLowerCase().startsWith(key));
    if (there !== undefined) there.click();
    return;
  }
  if (key === "/") {
    const search = document.querySelector("[data-search]");
    if (search === null) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (key === "j" || key === "k") {
    move(key === "j" ? 1 : -1);
  } else if (key === "x") {
    const tick = tickOf(rowHere());
    if (tick !== null) tick.click();
  } else if (key === "g") {
    goes = true;
    setTimeout(() => { goes = false; }, 1500);
  } else if (key === "?") {
    document.querySelector("dialog[data-help]")?.showModal();
  } else if (/^[a-z]$/.test(key) && press(key)) {
    event.preventDefault();
  }
});

for (const select of document.querySelectorAll(".filter select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
