// Behaviours, one a file. Each listens on the document for its data-* attributes, so that what htmx brings
// in later works like what was there from the start. Without any of them every page still does its task.
import "./theme.js";
import "./dialogs.js";
import "./toasts.js";
import "./menus.js";
import "./tabs.js";
import "./filters.js";
import "./combobox.js";
import "./help.js";
import "./say.js";
import "./focus.js";
import "./reveal.js";
import "./prefetch.js";
import "./print.js";
import "./passkeys.js";
