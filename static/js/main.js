// Behaviours, one a file. Each listens on the document for its data-* attributes, so that what htmx brings
// in later works like what was there from the start. Without any of them every page still does its task.
import "./theme.js";
import "./dialogs.js";
import "./toasts.js";
import "./menus.js";
import "./help.js";
import "./focus.js";
import "./filters.js"; // at once: a choice that is made before it listens would be lost

// What few pages have is fetched with the first of them.
const FEW = {
  "[data-say]": () => import("./say.js"),
  "[data-reveal]": () => import("./reveal.js"),
  "[data-tabs]": () => import("./tabs.js"),
  "[data-print]": () => import("./print.js"),
  "form[data-passkey]": () => import("./passkeys.js"),
};
function fetchFew() {
  for (const where of Object.keys(FEW).filter((each) => document.querySelector(each))) {
    FEW[where]();
    delete FEW[where];
  }
}
document.addEventListener("htmx:load", fetchFew);
fetchFew();

// What nobody needs before they are in it: a field that suggests.
const suggest = ({ target }) => target?.closest?.("[data-combobox]") && import("./combobox.js");
document.addEventListener("focusin", suggest);
suggest({ target: document.activeElement });

// Whoever is signed in, or was when a worker came to this browser. What they do changes pages, so none is fetched ahead.
const person = document.querySelector("meta[name=dojang-person]")?.content;
if (!person) import("./prefetch.js");
if (person || navigator.serviceWorker?.controller) import("./offline.js");
