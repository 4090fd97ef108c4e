// The console's pages while they are open. What arrives replaces small pieces by their id; this takes care that nothing
// else is touched: pieces of jobs that do not stand here are dropped, those that say nothing new are not replaced, and
// a log grows at its end without moving what somebody reads or has marked.
const GAP = 5000;
const page = document.getElementById("live");
const { askOn = "", askEvery = "", askWhile = "" } = page?.dataset ?? {};
let asked = 0;
let waiting;

function ask() {
  if (!page || waiting) return;
  waiting = setTimeout(() => {
    waiting = undefined;
    asked = Date.now();
    if (!document.hidden) htmx.trigger(page, "live:refresh");
  }, Math.max(0, asked + GAP - Date.now()));
}

function here(text) {
  const arrived = document.createElement("template");
  arrived.innerHTML = text;
  let isStrange = false;
  for (const piece of [...arrived.content.children]) {
    if (document.getElementById(piece.id)) continue;
    piece.remove();
    isStrange ||= /^job-.*-state$/.test(piece.id);
  }
  return { html: arrived.innerHTML, isStrange };
}

htmx.defineExtension("console", {
  // From the socket there is no request.
  transformResponse(text, request) {
    const { html, isStrange } = here(text);
    if (!request && (askOn === "all" || (askOn === "strangers" && isStrange))) ask();
    return html;
  },
});

function bare(piece) {
  const copy = piece.cloneNode(true);
  copy.removeAttribute("hx-swap-oob");
  if (!copy.className) copy.removeAttribute("class");
  for (const each of copy.querySelectorAll("[data-since]")) each.textContent = "";
  return copy.outerHTML;
}

function grow(target, text) {
  const before = target.textContent;
  if (text === before) return;
  const isAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 8;
  if (text.startsWith(before)) target.append(text.slice(before.length));
  else target.textContent = text;
  if (isAtEnd) target.scrollTop = target.scrollHeight;
}

document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  const piece = detail.fragment.firstElementChild ?? detail.fragment;
  if (target.matches("[data-grows]")) {
    grow(target, piece.textContent);
    detail.shouldSwap = false;
  } else if (bare(piece) === bare(target)) detail.shouldSwap = false;
});

// How long something has been running, as rules.clock writes it
function clock(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function tick() {
  for (const each of document.querySelectorAll("[data-since]")) {
    each.textContent = clock(Math.max(0, (Date.now() - Date.parse(each.dateTime)) / 1000));
  }
}

setInterval(tick, 1000);
document.addEventListener("htmx:wsAfterMessage", tick);
if (askEvery) setInterval(() => { if (!askWhile || document.querySelector(askWhile)) ask(); }, Number(askEvery));
for (const log of document.querySelectorAll("#job-log")) log.scrollTop = log.scrollHeight;

// <input type=checkbox data-check-all="job"> picks every row of the page; <output data-checked="job"> counts them.
function boxes(name) {
  return [...document.querySelectorAll(`input[type=checkbox][name="${name}"]`)];
}

function count() {
  for (const output of document.querySelectorAll("[data-checked]")) {
    output.value = boxes(output.dataset.checked).filter((each) => each.checked).length;
  }
  for (const all of document.querySelectorAll("[data-check-all]")) {
    const found = boxes(all.dataset.checkAll);
    const checked = found.filter((each) => each.checked).length;
    all.checked = checked > 0 && checked === found.length;
    all.indeterminate = checked > 0 && checked < found.length;
  }
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[type=checkbox]")) return;
  if (target.dataset.checkAll) for (const each of boxes(target.dataset.checkAll)) each.checked = target.checked;
  count();
});
addEventListener("pageshow", count);
