// <nav data-tabs> with links to #ids. Without a script all sections stand under each other and the links jump;
// with it they become the WAI-ARIA tabs pattern. Tabs that are pages of their own are plain links and need nothing.
function wire(list) {
  const tabs = [...list.querySelectorAll('a[href^="#"]')];
  const panels = tabs.map((tab) => document.getElementById(tab.hash.slice(1)));
  if (!tabs.length || panels.includes(null)) return;

  function select(chosen, { focus = false } = {}) {
    tabs.forEach((tab, i) => {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panels[i].hidden = !on;
    });
    if (focus) chosen.focus();
  }

  list.setAttribute("role", "tablist");
  tabs.forEach((tab, i) => {
    tab.id ||= `${panels[i].id}-tab`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panels[i].id);
    tab.removeAttribute("aria-current");
    panels[i].setAttribute("role", "tabpanel");
    panels[i].setAttribute("aria-labelledby", tab.id);
    panels[i].tabIndex = 0;
  });

  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (!tab) return;
    event.preventDefault();
    select(tab);
    history.replaceState(history.state, "", tab.hash); // the open tab can be shared
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    select(tabs[(to + tabs.length) % tabs.length], { focus: true });
  });

  select(tabs.find((tab) => tab.hash === location.hash) ?? tabs[0]);
}

function wireAll(within) {
  for (const list of within.querySelectorAll("[data-tabs]:not([role=tablist])")) wire(list);
}

document.addEventListener("htmx:load", (event) => wireAll(event.target.parentNode ?? document));
wireAll(document);
