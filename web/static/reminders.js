// The queue of reminders: the button says how many are ticked. Keys are those of every list (lists.js).
const queue = document.querySelector("[data-queue]");
if (queue !== null) {
  const told = queue.querySelector("[data-chosen]");
  const count = () => {
    const ticked = queue.querySelectorAll("input[name=ids]:checked").length;
    told.textContent = ticked > 0 ? ` (${ticked})` : "";
  };
  queue.addEventListener("change", count);
  count();
}
