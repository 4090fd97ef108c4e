// Somebody who is signed in can go on without a network: the worker keeps their pages (js/offline-worker.js), the
// outbox what they did. [data-unsent] is the badge; <html data-kept-at> says that this page was on the device.
import { flush, onChange, onSent, person } from "./outbox.js";

const RESTS = 5000; // ms: who only passes by has nothing fetched for them
const page = document.querySelector("meta[name=dojang-person]");
const { serviceWorker } = navigator;
const tell = (said) => serviceWorker.ready.then(({ active }) => active.postMessage(said));

const ENDED = { "signed-out": "signedOut", other: "other" };
if (person) {
  const badge = document.querySelector("[data-unsent]");
  let told = "";
  onChange(({ rows, state }) => {
    if (badge) {
      badge.hidden = !rows.length;
      badge.querySelector("[data-unsent-count]").textContent = rows.length;
    }
    if (rows.length && ENDED[state] && told !== state) {
      told = state;
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: badge.dataset[ENDED[state]], tone: "warning" } }));
    }
    if (rows.length) navigator.setAppBadge?.(rows.length).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  });
  flush();
}

const { keptAt } = document.documentElement.dataset;
for (const time of document.querySelectorAll(keptAt ? "[data-kept-time]" : "none")) {
  time.dateTime = keptAt;
  time.textContent = new Date(keptAt).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

// A page that the browser kept whole may by now be of somebody who has gone.
try {
  localStorage.setItem("person", person);
  addEventListener("pageshow", ({ persisted }) => { if (persisted && localStorage.getItem("person") !== person) location.reload(); });
} catch { /* then only its own caches know */ }

if (serviceWorker) {
  if (person) serviceWorker.register(page.dataset.worker, { scope: "/" }).catch(() => {});
  // Without a person: whoever was signed in here is not any more, and their pages go.
  tell({ kind: "here", person, url: location.pathname, isNew: !keptAt && !serviceWorker.controller });
  addEventListener("submit", ({ target, defaultPrevented }) => {
    if (target.method === "post" && !defaultPrevented) serviceWorker.controller?.postMessage({ kind: "sent" });
  });
  // What shows answers is kept anew once no more of them come, or when the page is left.
  let renewing;
  const renew = () => {
    if (renewing) tell({ kind: "renew" });
    renewing = clearTimeout(renewing);
  };
  onSent(() => {
    clearTimeout(renewing);
    renewing = setTimeout(renew, 4 * RESTS);
  });
  document.addEventListener("visibilitychange", renew);
  if (person && !keptAt && !navigator.connection?.saveData) setTimeout(tell, RESTS, { kind: "keep" });
}
