// Short messages. The server sends HX-Trigger: {"toast": {"text": "Saved.", "tone": "success"}};
// Django's own messages stand in #toasts when the page arrives. Errors stay until they are closed,
// the others leave after eight seconds, unless a pointer or the focus rests on them.
const STAY = 8000;
const region = document.getElementById("toasts");
const template = document.getElementById("toast-template");

function leave(toast) {
  toast.dataset.leaving = "";
  const gone = () => toast.remove();
  toast.addEventListener("transitionend", gone, { once: true });
  setTimeout(gone, 600);
}

function wind(toast) {
  toast.querySelector("[data-toast-close]").hidden = false;
  if (toast.dataset.tone === "error") return;
  let timer;
  const start = () => { timer = setTimeout(leave, STAY, toast); };
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, () => { stop(); start(); });
  start();
}

function say({ text, tone = "info" }) {
  const toast = template.content.firstElementChild.cloneNode(true);
  const icon = toast.querySelector("use");
  toast.dataset.tone = tone;
  toast.querySelector("p").textContent = text;
  icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, `#${tone}`));
  region.append(toast);
  wind(toast);
}

if (region && template) {
  for (const toast of region.children) wind(toast);
  region.addEventListener("click", (event) => {
    if (event.target.closest("[data-toast-close]")) leave(event.target.closest(".toast"));
  });
  document.addEventListener("toast", (event) => say(event.detail));
  // When the network or the server fails, htmx swaps nothing: say it instead of standing still.
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, () => say({ text: region.dataset.failed, tone: "error" }));
  }
}
