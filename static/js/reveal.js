// <button data-reveal="id" hidden> beside a password: show what is typed, for thumbs on small keys.
function appear() {
  for (const button of document.querySelectorAll("[data-reveal]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
});

document.addEventListener("htmx:load", appear);
appear();
