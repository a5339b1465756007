// Buttons that copy a value. Without this file there are none, and one press on a value selects it.
"use strict";

if (navigator.clipboard) {
  for (const hint of document.querySelectorAll(".by-hand")) hint.hidden = true;
  for (const button of document.querySelectorAll("button.copy")) {
    const name = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = name; }, 2000);
    });
  }
}
