// Light, dark, or as the system says. The choice is a cookie, because the server prints it into <html>:
// the first paint is already right. "system" is the absence of the cookie.
const root = document.documentElement;

function choose(theme) {
  const fixed = theme === "light" || theme === "dark";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${fixed ? theme : ""}; path=/; samesite=lax; max-age=${fixed ? 31536000 : 0}${secure}`;
  if (fixed) root.dataset.theme = theme;
  else delete root.dataset.theme;
  show();
}

function show() {
  const theme = root.dataset.theme ?? "system";
  for (const form of document.querySelectorAll("[data-theme-switch]")) {
    form.hidden = false;
    for (const button of form.querySelectorAll("button[name=theme]")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-switch]")) return;
  event.preventDefault();
  choose(event.submitter?.value);
});

document.addEventListener("htmx:load", show);
show();
