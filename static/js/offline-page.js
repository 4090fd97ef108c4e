// The page of what this device keeps (templates/practice/offline.html): what waits in the outbox, what was refused,
// and the pages that the worker keeps (js/offline-worker.js), with a button for each.
import { flush, mine, onChange, tell, within } from "./outbox.js";

const LANGUAGE = document.documentElement.lang;
const [outbox, aside, kept] = ["outbox", "refused", "kept"].map((name) => document.querySelector(`[data-${name}]`));
const template = (name) => document.querySelector(`template[data-words=${name}]`).content;
const word = (name, key) => (template(name).querySelector(`[data-word="${key}"]`) ?? template(name).querySelector('[data-word=""]'))?.textContent ?? key;
const instant = (at) => new Date(at).toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });

function show(section, state) {
  for (const text of section.querySelectorAll("[data-state]")) text.hidden = text.dataset.state !== state;
}

function row({ kind, queued_at, reason }) {
  const line = template("row").firstElementChild.cloneNode(true);
  line.querySelector("[data-what]").textContent = word("kinds", kind);
  Object.assign(line.querySelector("[data-when]"), { dateTime: new Date(queued_at).toISOString(), textContent: instant(queued_at) });
  if (reason !== undefined) line.querySelector("[data-why]").textContent = ` · ${word("reasons", reason)}`;
  return line;
}

const refused = async () => mine(await within("readonly", (_, aside) => aside.getAll()));

onChange(async ({ rows, state }) => {
  show(outbox, rows.length ? state : "sent");
  const list = outbox.querySelector("[data-rows]");
  list.replaceChildren(...rows.map(row));
  list.hidden = outbox.querySelector("[data-sending]").hidden = !rows.length;
  const set = await refused();
  aside.hidden = !set.length;
  aside.querySelector("[data-rows]").replaceChildren(...set.map(row));
});

outbox.querySelector("[data-send]").addEventListener("click", flush);
aside.querySelector("[data-let-go]").addEventListener("click", async () => {
  const set = await refused();
  await within("readwrite", (_, aside) => set.forEach(({ id }) => aside.delete(id)));
  tell(true);
});

// --- Kept pages -----------------------------------------------------------------------------------

async function pages() {
  const found = new Map();
  for (const name of (await caches.keys()).filter((each) => / pages \w+$/.test(each))) {
    const shelf = await caches.open(name);
    for (const request of await shelf.keys()) {
      const at = (await shelf.match(request)).headers.get("X-Kept-At");
      const path = new URL(request.url).pathname;
      if (!(found.get(path) > at)) found.set(path, at);
    }
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}

function link([path]) {
  const [line, link] = ["li", "a"].map((name) => document.createElement(name));
  link.className = "row";
  Object.assign(link, { href: path, textContent: decodeURI(path) });
  line.append(link);
  return line;
}

async function count() {
  if (!("caches" in window) || !navigator.serviceWorker) return show(kept, "unable");
  const found = await pages();
  show(kept, found.length ? "some" : "none");
  const list = kept.querySelector("[data-list]");
  list.hidden = !found.length;
  list.querySelector("[data-rows]").replaceChildren(...found.map(link));
  if (!found.length) return;
  kept.querySelector("[data-number]").textContent = found.length;
  const newest = found.map(([, at]) => at).sort().at(-1);
  Object.assign(kept.querySelector("[data-newest]"), { dateTime: newest, textContent: instant(newest) });
  const { usage } = (await navigator.storage?.estimate?.()) ?? {};
  kept.querySelector("[data-size-part]").hidden = !usage;
  if (usage) kept.querySelector("[data-size]").textContent = new Intl.NumberFormat(LANGUAGE, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(usage / 1e6);
}

// The worker answers when it has done what it was asked.
async function ask(said) {
  show(kept, "working");
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((done) => { port1.onmessage = done; });
  active.postMessage(said, [port2]);
  await answered;
  await count();
}

kept.querySelector("[data-keep]").addEventListener("click", () => ask({ kind: "keep", isForced: true }));
kept.querySelector("[data-clear]").addEventListener("click", () => ask({ kind: "forget" }));
count().catch(() => show(kept, "unable"));
