// Pages that show what happens as it happens. <div id="live" data-live hx-ext="ws" ws-connect="…" hx-get="(this page)"
// hx-trigger="live:refresh" hx-swap="none">: the socket brings fragments that replace small pieces by their id. With
// each connection the page asks for its state once, so nothing is missed; without a socket it asks every few seconds,
// and with one now and then, since what the server was not told of it cannot tell.
const EVERY = 5000;
const NOW_AND_THEN = 60000;
const REFUSED = 4403;

const page = document.querySelector("[data-live]");
let timer;

function refresh() {
  if (!document.hidden) htmx.trigger(page, "live:refresh");
}

function show(state) {
  document.documentElement.dataset.live = state;
}

function poll(every) {
  clearInterval(timer);
  timer = setInterval(refresh, every);
}

if (page) {
  show("polling");
  poll(EVERY);
  document.addEventListener("htmx:wsOpen", () => { show("on"); poll(NOW_AND_THEN); refresh(); });
  document.addEventListener("htmx:wsClose", ({ detail }) => {
    if (detail.event.code === REFUSED) { show("refused"); clearInterval(timer); }
    else if (document.documentElement.dataset.live !== "polling") { show("polling"); poll(EVERY); }
  });
  document.addEventListener("visibilitychange", refresh);
  // One that fails is followed by the next: nobody is told with a toast each time.
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => { if (event.target === page) event.stopImmediatePropagation(); }, true);
  }
}
