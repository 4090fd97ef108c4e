// The review without waiting: the page brings the next cards along (#pack), each answer goes into the outbox and the
// next card is there at once, with a network or without. Without this module the same page works by its forms.
import { flush, onChange, person, put, remove, unsent } from "./outbox.js";

const FEW = 10;
const STORE = `rated ${person}`;
const root = document.querySelector("[data-review]");
const part = (name) => root.querySelector(`[data-${name}]`);
const parts = Object.fromEntries(["card", "front", "back", "show", "rate", "done", "line", "left", "undo", "bury", "away", "open", "about", "stamp", "finished", "rest", "number"].map((name) => [name, part(name)]));
const pack = JSON.parse(document.getElementById("pack")?.textContent ?? "null");

// Cards to come, those that come back within this sitting ({ card, at }), the one that is asked, and what was done:
// { card, waiting } with the row of an answer, or with the address that brings a card back which was put aside.
let [ready, waiting, current, history] = [[], [], null, []];
let [made, done, beyond, shownAt, isShown, fetching] = ["", 0, 0, 0, false, null];
const answered = new Map(); // id of a card → its family, for this sitting
const own = new Set(); // ids of the answers of this page
const families = () => new Set([...answered.values()].filter(Boolean));

if (pack && person && pack.person === person) begin();

async function begin() {
  made = pack.made;
  done = pack.done;
  const rated = remembered();
  const queued = await unsent().catch(() => []);
  for (const { kind, body } of queued) if (kind === "review") rated.set(body.card_id, { made, rating: body.rating });
  // A page that was kept on this device still has cards that were answered since.
  for (const card of pack.cards) {
    const before = rated.get(card.id);
    if (!before || before.made < made) ready.push(card);
    else settle(card, before.rating);
  }
  beyond = Math.max(0, pack.total - pack.cards.length);
  listen();
  // The first card is on the page already, perhaps with its answer.
  if (ready[0]?.id === pack.cards[0].id) {
    current = ready.shift();
    shownAt = performance.now();
    isShown = !parts.rate.hidden;
    count();
  } else next();
}

// — What comes next ————————————————————————————————————————————

function next() {
  const now = Date.now();
  waiting.sort((a, b) => a.at - b.at);
  if (waiting[0]?.at <= now || !ready.length) current = waiting.shift()?.card ?? null;
  else current = ready.shift();
  if (ready.length + waiting.length < FEW) refill();
  if (current) ask();
  else finish();
}

// After a key: the card comes back in this sitting, or it is done with.
function settle(card, rating) {
  answered.set(card.id, card.family && `${card.kind} ${card.family}`);
  const key = card.keys.find((each) => each.rating === rating);
  if (key?.soon) waiting.push({ at: Date.now() + Math.max(60, key.soon) * 1000, card: { ...card, keys: card.then[rating] ?? card.keys } });
}

async function refill() {
  if (fetching || !navigator.onLine || (!beyond && current)) return;
  fetching = load().catch(() => null);
  await fetching;
  fetching = null;
}

async function load() {
  await flush();
  const answer = await fetch(root.dataset.pack, { headers: { Accept: "application/json" }, redirect: "error" });
  const more = answer.ok ? await answer.json() : null;
  if (more?.person !== person) return;
  const known = new Set([current?.id, ...ready.map(({ id }) => id), ...waiting.map(({ card }) => card.id), ...answered.keys()]);
  const asked = families();
  const fresh = more.cards.filter((card) => !known.has(card.id) && !(card.family && asked.has(`${card.kind} ${card.family}`)));
  ready.push(...fresh);
  made = more.made;
  beyond = fresh.length ? Math.max(0, more.total - more.cards.length) : 0;
  if (current) count();
  else if (ready.length) next();
  else finish();
}

// — What is seen ———————————————————————————————————————————————

function ask() {
  [isShown, shownAt] = [false, performance.now()];
  parts.front.innerHTML = current.front;
  parts.back.replaceChildren();
  parts.rate.hidden = true;
  parts.show.hidden = false;
  parts.done.hidden = true;
  for (const each of [parts.card, parts.show.parentElement, parts.about]) each.hidden = false;
  parts.show.href = `?card=${current.id}&shown=1`;
  parts.rate.action = parts.rate.action.replace(/[0-9a-f-]{36}/, current.id);
  parts.rate.elements.client_id.value = uuid();
  parts.rate.elements.seen_at.value = new Date().toISOString();
  for (const name of ["bury", "away"]) parts[name].action = parts[name].action.replace(/[0-9a-f-]{36}/, current.id);
  parts.open.href = `${root.dataset.cards}${current.id}/`;
  for (const key of current.keys) root.querySelector(`[name="rating"][value="${key.rating}"] [data-when]`).textContent = key.label;
  document.dispatchEvent(new Event("htmx:load")); // say.js shows its buttons
  scrollTo({ top: 0 });
  parts.card.focus({ preventScroll: true });
  count();
}

function show() {
  if (isShown || !current) return;
  isShown = true;
  parts.back.innerHTML = current.back;
  parts.show.hidden = true;
  parts.rate.hidden = false;
  document.dispatchEvent(new Event("htmx:load"));
  parts.card.focus({ preventScroll: true });
}

function finish() {
  for (const each of [parts.card, parts.show.parentElement, parts.about]) each.hidden = true;
  // Without a network the page may have asked all that it carries, and the day is not done.
  parts.rest.hidden = !beyond;
  parts.stamp.hidden = parts.finished.hidden = beyond > 0;
  parts.done.hidden = false;
  parts.done.focus({ preventScroll: true });
  count();
}

function count() {
  parts.undo.hidden = !history.length && !done;
  parts.number.textContent = done;
  const left = ready.length + waiting.length + (current ? 1 : 0) + beyond;
  parts.left.textContent = left;
  parts.line.max = done + left || 1;
  parts.line.value = done;
}

// — What is done ———————————————————————————————————————————————

function rate(rating) {
  if (!isShown) return;
  const card = current;
  const row = {
    kind: "review",
    url: root.dataset.send,
    body: {
      client_id: uuid(),
      card_id: card.id,
      rating,
      reviewed_at: new Date().toISOString(),
      duration: Math.min(600000, Math.round(performance.now() - shownAt)),
    },
  };
  own.add(row.body.client_id);
  window.history.replaceState(null, "", location.pathname); // ?card= asked for this one, once
  const kept = put(row).then(() => true, () => false);
  history.push({ card, row, kept, waiting: [...waiting] });
  remember(card.id, rating);
  settle(card, rating);
  done += 1;
  next();
  kept.then((was) => was || failed());
}

async function undo() {
  const last = history.pop();
  if (!last) return false;
  if (!(await (last.row ? retract(last) : bringBack(last)))) return failed();
  if (current) ready.unshift(current);
  waiting = last.waiting.filter(({ card }) => !ready.some(({ id }) => id === card.id));
  answered.delete(last.card.id);
  forget(last.card.id);
  if (last.row) done -= 1;
  current = last.card;
  ask();
}

async function retract({ row, kept }) {
  await kept;
  const { client_id } = row.body;
  if (await remove(client_id).catch(() => false)) return true;
  return put({ kind: "retraction", url: root.dataset.send, body: { client_id } }).then(() => true, () => false);
}

const bringBack = async ({ told, back, sent }) => (await told) && tell(back, sent);

// Not today, or never again: the server is told, and here the card is gone at once.
async function dismiss(form) {
  const sent = new FormData(form);
  const told = tell(form.action, sent);
  const act = { card: current, waiting: [...waiting], told, back: form.action.replace(/[^/]+\/$/, "bring-back/"), sent };
  history.push(act);
  answered.set(current.id, 0);
  next();
  if (await told) return say(form.dataset.said, "success");
  if (history.includes(act)) history.splice(history.indexOf(act), 1);
  failed();
}

// Whoever is not signed in any more is led elsewhere, which is no 204.
const tell = (url, body) =>
  fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" })
    .then(({ status }) => status === 204, () => false);

const say = (text, tone) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone } }));
const failed = () => say(document.getElementById("toasts").dataset.failed, "error");

function listen() {
  parts.show.addEventListener("click", (event) => { event.preventDefault(); show(); });
  parts.card.addEventListener("click", (event) => { if (!event.target.closest("a, button")) show(); });
  parts.rate.addEventListener("submit", (event) => { event.preventDefault(); rate(Number(event.submitter?.value)); });
  parts.undo.addEventListener("submit", (event) => {
    if (history.length) { event.preventDefault(); undo(); }
  });
  onChange(({ rows }) => {
    // Another tab asked some of these.
    const isTheirs = ({ kind, body }) => kind === "review" && !own.has(body.client_id) && !answered.has(body.card_id);
    const theirs = rows.filter(isTheirs).map(({ body }) => body.card_id);
    if (!theirs.length) return;
    for (const id of theirs) answered.set(id, 0);
    ready = ready.filter(({ id }) => !theirs.includes(id));
    if (theirs.includes(current?.id)) next();
    else count();
  });
  for (const name of ["bury", "away"]) {
    parts[name].addEventListener("submit", (event) => { event.preventDefault(); if (current) dismiss(parts[name]); });
  }
  document.addEventListener("keydown", pressed);
  addEventListener("online", () => { if (!current) refill(); });
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (document.querySelector("dialog[open]") || event.target.matches("input, textarea, select")) return;
  const key = event.key.toLowerCase();
  if (key === " " || key === "enter") {
    if (!current || event.target.closest("a:not([data-show]), button")) return;
    event.preventDefault(); // the page stays where it is
    return show();
  }
  if (document.documentElement.dataset.singleKeys === "off") return;
  if (/^[1-4]$/.test(key)) rate(Number(key));
  else if (key === "u") parts.undo.requestSubmit();
  else if (key === "b" && current) parts.bury.requestSubmit();
  else if (key === "p") root.querySelector("[data-card] [data-say]:not([hidden])")?.click();
}

// — What was answered from which pack, for pages that are opened again without a network ————————

function remembered() {
  try {
    return new Map(Object.entries(JSON.parse(localStorage.getItem(STORE) ?? "{}")));
  } catch {
    return new Map();
  }
}

function write(rated) {
  try {
    localStorage.setItem(STORE, JSON.stringify(Object.fromEntries([...rated].slice(-500))));
  } catch {} // without it only a kept page shows a card again
}

const remember = (id, rating) => write(remembered().set(id, { made, rating }));
function forget(id) {
  const rated = remembered();
  rated.delete(id);
  write(rated);
}

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
}
