// Single keys: "?" shows the sheet of keys, "/" goes to the search box, others belong to the page
// (<… data-key="j"> is pressed, a field is focused). They can be switched off (WCAG 2.1.4), because people who
// speak to their computer press letters without meaning to.
const STORE = "single-keys";
const sheet = document.getElementById("keys");
const toggle = sheet?.querySelector("[data-single-keys]");

// Pages with keys of their own (the tul player) ask <html data-single-keys>.
function use(on) {
  document.documentElement.dataset.singleKeys = on ? "on" : "off";
  localStorage.setItem(STORE, on ? "on" : "off");
}

if (toggle) {
  toggle.checked = localStorage.getItem(STORE) !== "off";
  toggle.addEventListener("change", () => use(toggle.checked));
  use(toggle.checked);
}

const writing = (element) => element.isContentEditable || element.matches("input, textarea, select");
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (toggle && !toggle.checked) return;
  if (writing(event.target) || document.querySelector("dialog[open]")) return;

  if (event.key === "?") {
    event.preventDefault();
    sheet?.showModal();
    return;
  }
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].find(visible);
  if (!target) return;
  event.preventDefault();
  if (writing(target)) target.focus();
  else target.click();
});
