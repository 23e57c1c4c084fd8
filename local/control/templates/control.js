"use strict";
// Shows progress while the server works, and sends no form twice.
const progress = document.getElementById("progress");
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.ariaBusy === "true") return event.preventDefault();
    form.ariaBusy = "true";
    setTimeout(() => { progress.textContent = "Working …"; }, 300);
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
