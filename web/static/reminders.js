// The queue of reminders by keyboard: x ticks the row that is looked at, and the button says how many are ticked.
const queue = document.querySelector("[data-queue]");
if (queue !== null) {
  const told = queue.querySelector("[data-chosen]");
  const count = () => {
    const ticked = queue.querySelectorAll("input[name=ids]:checked").length;
    told.textContent = ticked > 0 ? ` (${ticked})` : "";
  };
  queue.addEventListener("change", count);
  count();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = document.activeElement?.closest("tr");
    const tick = row?.querySelector("input[name=ids]");
    if (tick === null || tick === undefined || document.activeElement.matches("textarea, input:not([type=checkbox])")) return;
    tick.checked = !tick.checked;
    count();
  });
}
