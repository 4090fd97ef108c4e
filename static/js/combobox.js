// The WAI-ARIA combobox around a list that htmx fills (components/combobox.html). Focus stays in the input;
// aria-activedescendant walks. An option with data-href is a place to go to, one with data-value an answer to keep.
// Without a script it is a search field in a form that submits.
const parts = (box) => ({
  input: box.querySelector("[role=combobox]"),
  list: box.querySelector("[role=listbox]"),
  value: box.querySelector("[data-combobox-value]"),
  status: box.querySelector("[role=status]"),
});
const optionsOf = (list) => [...list.querySelectorAll("[role=option]")];
const boxOf = (event) => event.target.closest?.("[data-combobox]");

function mark(box, option) {
  const { input, list } = parts(box);
  for (const each of optionsOf(list)) each.setAttribute("aria-selected", String(each === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function show(box, on) {
  const { input, list } = parts(box);
  const open = on && optionsOf(list).length > 0;
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) mark(box, null);
}

function take(box, option) {
  if (option.dataset.href) {
    location.assign(option.dataset.href);
    return;
  }
  const { input, value } = parts(box);
  input.value = option.dataset.label ?? option.textContent.trim();
  if (value) {
    value.value = option.dataset.value;
    value.dispatchEvent(new Event("change", { bubbles: true }));
  }
  show(box, false);
}

function filled(box) {
  const { list, status } = parts(box);
  optionsOf(list).forEach((option, i) => { option.id ||= `${list.id}-${i}`; });
  show(box, true);
  // The server counts, because it knows the plural forms: <… data-status="5 results">.
  status.textContent = list.querySelector("[data-status]")?.dataset.status ?? "";
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.matches("[data-combobox] [role=listbox]")) filled(boxOf(event));
});
// This module comes with the focus: suggestions may have been faster.
for (const box of document.querySelectorAll("[data-combobox]:focus-within")) filled(box);

document.addEventListener("keydown", (event) => {
  const box = boxOf(event);
  if (!box || !event.target.matches("[role=combobox]") || event.isComposing) return; // Hangul is composed
  const { list } = parts(box);
  const options = optionsOf(list);
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");

  if (event.key === "Escape" && !list.hidden) show(box, false);
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!options.length) return;
    if (list.hidden) show(box, true);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const from = at < 0 && step < 0 ? options.length : at;
    mark(box, options[(from + step + options.length) % options.length]);
  } else if (event.key === "Enter" && !list.hidden && at >= 0) take(box, options[at]);
  else return;
  event.preventDefault();
});

// mousedown would take the focus out of the input before the click arrives
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-combobox] [role=listbox]")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("[data-combobox] [role=option]");
  if (option) take(boxOf(event), option);
});
document.addEventListener("input", (event) => {
  const box = boxOf(event);
  if (!box || !event.target.matches("[role=combobox]")) return;
  const { value } = parts(box);
  if (value) value.value = ""; // what is typed is no longer what was chosen
  if (!event.target.value.trim()) show(box, false);
});
document.addEventListener("focusout", (event) => {
  const box = boxOf(event);
  if (box && !box.contains(event.relatedTarget)) show(box, false);
});
