"use strict";
// Shows progress while the server works, and sends no form twice.
const progress = document.getElementById("progress");
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) return event.preventDefault();
    form.setAttribute("aria-busy", "true");
    setTimeout(() => { progress.textContent = "Working …"; }, 300);
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
