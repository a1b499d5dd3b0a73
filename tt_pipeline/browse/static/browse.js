// The pages work without this script. While a query runs, it says so and shows Cancel.
"use strict";
for (const form of document.querySelectorAll("form.sql")) {
  form.classList.add("scripted");
  form.addEventListener("submit", () => {
    form.classList.add("running");
    form.querySelector("button").textContent = "Running…";
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  window.addEventListener("pageshow", () => {
    form.classList.remove("running");
    form.querySelector("button").textContent = "Run";
  });
}
