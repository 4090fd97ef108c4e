// A form that comes back with errors puts the reader on the first field that needs them.
function first(within) {
  within.querySelector('[aria-invalid="true"]:not([type=hidden]), fieldset[data-invalid] input')?.focus();
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) first(event.target);
});
// Not in the style guide, which shows errors for their own sake.
if (!document.querySelector("[data-no-autofocus]")) first(document);
