// <button data-copy="what is copied" data-copied="what is said then" hidden>: shown where the browser lets pages copy.
const buttons = document.querySelectorAll("[data-copy]");

async function copy({ dataset }) {
  await navigator.clipboard.writeText(dataset.copy);
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: dataset.copied, tone: "success" } }));
}

for (const button of navigator.clipboard ? buttons : []) {
  button.addEventListener("click", () => copy(button).catch(() => { button.hidden = true; }));
  button.hidden = false;
}
