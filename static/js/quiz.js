// A quiz is one page with all its questions; this shows one at a time and gives answers to the outbox, which sends them
// now or when there is a network again. The hall marks: what comes back is the question with its answer.
import { flush, onChange, onSent, put, unsent } from "./outbox.js";

const PATIENCE = 5000; // ms after which an answer that is still being sent is said to be kept
const quiz = document.querySelector("[data-quiz]");
const { quiz: url, answers, id } = quiz.dataset;
const waiting = quiz.querySelector("[data-waiting]");
const STORE = `quiz ${id}`;

const sections = () => [...quiz.querySelectorAll("[data-question]")];
const at = (place) => quiz.querySelector(`[data-question="${place}"]`);
const placeOf = (section) => Number(section.dataset.question);
const isOpen = (section) => section.querySelector("[data-answer]") !== null && !section.matches("[data-busy]");
const isKept = (section) => section.matches("[data-kept], [data-busy]");
const shown = () => sections().find((section) => !section.hidden);

function show(section) {
  for (const each of [...sections(), waiting]) each.hidden = each !== section;
  if (section !== waiting) history.replaceState(null, "", `${url}#${section.id}`);
  section.querySelector("[data-verdict], input[type=text], h2").focus({ preventScroll: true });
  section.scrollIntoView({ block: "nearest" });
}

// The next open question after this one, then those before it; with none open the one beside it, then the result.
function next() {
  const all = sections();
  const here = all.indexOf(shown());
  const open = [...all.slice(here + 1), ...all.slice(0, here + 1)].find(isOpen);
  if (open) return show(open);
  if (all.some(isKept)) return show(waiting);
  if (!all.some((each) => each.dataset.fresh) && all[here + 1]) return show(all[here + 1]);
  sessionStorage.removeItem(STORE);
  location.assign(url);
}

// --- Answers ------------------------------------------------------------------------------------------

// What rules/marking.py takes, or in `why` the name of the sentence that says what is missing.
function given(form) {
  const data = new FormData(form);
  const puts = [...form.querySelectorAll("select")].map(({ name, value }) => [Number(name.slice(4)), Number(value)]);
  switch (form.dataset.answer) {
    case "type": {
      const typed = data.get("typed").trim();
      return { given: typed, why: typed ? "" : "nothing" };
    }
    case "order":
      return { given: [...form.querySelectorAll("[data-number]")].map((thing) => Number(thing.dataset.number)) };
    case "match":
      if (puts.some(([, partner]) => !partner)) return { why: "notAll" };
      return { given: puts, why: new Set(puts.map(([, partner]) => partner)).size < puts.length ? "twice" : "" };
    default: {
      const chosen = data.getAll("option").map(Number);
      return { given: chosen, why: chosen.length ? "" : "nothing" };
    }
  }
}

function complain(form, said) {
  form.querySelector("[data-error]")?.remove();
  const error = piece("[data-complaint]");
  error.querySelector("p").textContent = said;
  error.id = `error-${form.elements.place.value}`;
  const fields = form.querySelector("fieldset");
  fields.before(error);
  fields.dataset.invalid = "";
  fields.setAttribute("aria-describedby", error.id);
  fields.querySelector("input, select")?.focus();
}

const piece = (name) => quiz.querySelector(`template${name}`).content.firstElementChild.cloneNode(true);

async function send(form) {
  const section = form.closest("[data-question]");
  const said = given(form);
  if (said.why) return complain(form, quiz.dataset[said.why]);
  const body = {
    client_id: form.elements.client_id.value,
    place: placeOf(section),
    given: said.given,
    answered_at: new Date().toISOString(),
  };
  section.dataset.busy = "";
  form.querySelector("[data-send]").disabled = true;
  try {
    await put({ kind: "answer", url: answers, body });
  } catch {
    return form.submit(); // a browser that keeps nothing
  }
  setTimeout(() => section.matches("[data-busy]") && keep(section), PATIENCE);
}

function keep(section) {
  delete section.dataset.busy;
  section.dataset.kept = "";
  const form = section.querySelector("[data-answer]");
  if (!form) return;
  const told = piece("[data-kept-here]");
  told.querySelector("[data-reason]").replaceChildren(section.querySelector("template[data-why]").content.cloneNode(true));
  form.replaceWith(told);
  const on = section.querySelector("[data-go=next]");
  on.classList.replace("btn--plain", "btn--primary");
  on.querySelector("[data-go-text]").textContent = quiz.dataset.next;
  on.hidden = false;
  if (!section.hidden) told.focus({ preventScroll: true });
}

function replace(section, html) {
  const arrived = document.createElement("template");
  arrived.innerHTML = html;
  const fresh = arrived.content.querySelector("[data-question]");
  if (!fresh) return null;
  fresh.hidden = section.hidden;
  fresh.dataset.fresh = "yes";
  section.replaceWith(fresh);
  htmx.process(fresh);
  for (const list of fresh.querySelectorAll("[data-order]")) arrange(list);
  return fresh;
}

// The hall has the answer (or refused it): show the question as it knows it.
const settling = new Set();
async function settle(place, detail) {
  if (settling.has(place)) return;
  settling.add(place);
  await renew(place, detail);
  settling.delete(place);
}

async function renew(place, detail) {
  const section = at(place);
  const answer = await fetch(`${url}?place=${place}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  const html = answer?.ok ? await answer.text() : "";
  const fresh = html && replace(section, html);
  if (!fresh) return keep(section);
  if (fresh.matches("[data-answered]")) {
    remember(place, html);
    if (!fresh.hidden) fresh.querySelector("[data-verdict]").focus();
  } else if (detail) complain(fresh.querySelector("form"), detail);
  if (!waiting.hidden && !sections().some(isKept)) next();
}

// A page that was kept on the device does not know what was answered since.
const recall = () => JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
const remember = (place, html) => {
  try {
    sessionStorage.setItem(STORE, JSON.stringify({ ...recall(), [place]: html }));
  } catch { /* no room: the page asks the hall again */ }
};

onSent(({ row, outcome }) => {
  if (row.url === answers) settle(row.body.place, outcome.result === "rejected" ? outcome.detail : "");
});
onChange(({ rows, state }) => {
  if (state) for (const section of sections()) if (section.matches("[data-busy]")) keep(section);
  // What was kept may have been sent by another page.
  const here = new Set(rows.filter((row) => row.url === answers).map(({ body }) => body.place));
  for (const section of sections()) if (section.matches("[data-kept]") && !here.has(placeOf(section))) settle(placeOf(section), "");
});

// --- Putting in order ---------------------------------------------------------------------------------

function arrange(list) {
  list.dataset.live = "";
  for (const place of list.querySelectorAll(".order__place")) place.hidden = true;
  for (const moves of list.querySelectorAll("[data-moves]")) moves.hidden = false;
  number(list);
}

function number(list) {
  [...list.children].forEach((thing, place) => { thing.querySelector("select").value = place + 1; });
}

function move(button) {
  const thing = button.closest("[data-number]");
  const list = thing.parentElement;
  if (button.dataset.move < 0) thing.previousElementSibling?.before(thing);
  else thing.nextElementSibling?.after(thing);
  number(list);
  button.focus();
  const place = [...list.children].indexOf(thing) + 1;
  const what = thing.querySelector(".order__text").textContent.trim();
  list.parentElement.querySelector("[data-said]").textContent = `${what}: ${quiz.dataset.moved} ${place}`;
}

function drag(event, thing) {
  const list = thing.parentElement;
  const grip = event.target.closest("[data-grip]");
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  thing.dataset.dragged = "";
  const follow = ({ clientY }) => {
    for (const other of list.children) {
      const { top, bottom } = other.getBoundingClientRect();
      if (other === thing || clientY < top || clientY > bottom) continue;
      other[other.compareDocumentPosition(thing) & Node.DOCUMENT_POSITION_PRECEDING ? "after" : "before"](thing);
      grip.setPointerCapture(event.pointerId);
      break;
    }
  };
  const drop = () => {
    grip.removeEventListener("pointermove", follow);
    delete thing.dataset.dragged;
    number(list);
  };
  grip.addEventListener("pointermove", follow);
  grip.addEventListener("lostpointercapture", drop, { once: true });
  grip.addEventListener("pointerup", drop, { once: true });
}

// --- What people do -----------------------------------------------------------------------------------

// Nothing is answered after the end, so what waits here goes first.
async function end(link) {
  await flush();
  const isHeld = (await unsent()).some((row) => row.url === answers);
  if (isHeld) show(waiting);
  else location.assign(link.href);
}

quiz.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-answer]");
  if (!form) return;
  event.preventDefault();
  if (isOpen(form.closest("[data-question]"))) send(form);
});
quiz.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-move]");
  if (mover) return move(mover);
  const over = event.target.closest(".quiz__end a");
  if (over && sections().some(isKept)) {
    event.preventDefault();
    return end(over);
  }
  const link = event.target.closest("[data-go], [data-result]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (Number(link.dataset.go)) show(at(link.dataset.go));
  else next();
});
quiz.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-grip]") && event.button === 0) drag(event, event.target.closest("[data-number]"));
});
// Figures choose an option: elsewhere js/help.js sees to it, but not while the focus is in a field.
quiz.addEventListener("keydown", (event) => {
  if (!event.target.matches("[type=radio], [type=checkbox]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.documentElement.dataset.singleKeys === "off" || !/^[1-9]$/.test(event.key)) return;
  shown().querySelector(`[data-key="${event.key}"]`)?.click();
});
// Enter in a field sends its form by itself.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.closest("a, button, input, select, textarea, summary, dialog[open]")) return;
  const section = shown();
  const button = section?.querySelector("[data-send]") ?? section?.querySelector("[data-go=next], [data-result]");
  if (!button) return;
  event.preventDefault();
  button.click();
});

for (const list of quiz.querySelectorAll("[data-order]")) arrange(list);
const kept = await unsent().catch(() => []);
for (const [place, html] of Object.entries(recall())) {
  if (at(place) && isOpen(at(place))) replace(at(place), html);
}
for (const { url: to, body } of kept) if (to === answers && at(body.place) && isOpen(at(body.place))) keep(at(body.place));
const asked = at(location.hash.match(/^#question-(\d+)$/)?.[1] ?? new URLSearchParams(location.search).get("place"));
if (asked) show(asked);
else if (shown() && !isOpen(shown())) {
  const open = sections().find(isOpen);
  if (open ?? sections().some(isKept)) show(open ?? waiting);
}
document.documentElement.dataset.quiz = "ready";
