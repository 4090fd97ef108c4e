// Runs a training plan. Where it is follows from the clock alone, never from counted ticks: a page that slept finds
// its place by itself. The server has written every word and phase (#run); times are milliseconds unless they say so.
const told = JSON.parse(document.getElementById("run").textContent);
const { phases, beats, words } = told;
const TOTAL = told.seconds * 1000;
const MUTED = "timer-muted";
const root = document.documentElement;
const stage = document.querySelector("[data-timer]");
const opener = document.querySelector("[data-timer-start]");
const form = document.getElementById("finish");
const part = (name) => stage.querySelector(`[data-t="${name}"]`);
const key = (name) => stage.querySelector(`[data-do="${name}"]`);
const say = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
const blocks = [...document.querySelectorAll("template[data-block]")].map((each) => each.content.textContent.trim());
const items = [...document.querySelectorAll("template[data-item]")].map(({ content }) => ({
  name: content.querySelector("[data-name]").textContent.trim(),
  help: content.querySelector("[data-help]"),
}));

// `began` is when the plan would have begun without any pause; `held` is where it stands while it does not run.
let [began, held, last, spent, noted, at, timer] = [0, 0, 0, 0, 0, -1, 0];
let [isOpen, isRunning, isDone] = [false, false, false];

const put = (name, text) => { const line = part(name); if (line.textContent !== text) line.textContent = text; };
const coming = (index) => phases.slice(index + 1).find(({ kind }) => kind === "work");
const clock = (seconds) => {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

// --- What is shown ------------------------------------------------------------------------------------

function show(place) {
  const index = phases.findLastIndex((phase) => phase.at * 1000 <= place);
  if (index !== at) enter(index);
  const phase = phases[at];
  const inside = place - phase.at * 1000;
  const left = Math.ceil(phase.seconds - inside / 1000);
  put("number", phase.seconds < 100 ? String(left) : clock(left));
  put("left", clock(Math.ceil((TOTAL - place) / 1000)));
  part("line").value = place / 1000;
  put("beat", movement(phase, inside));
}

function movement({ kind, item }, inside) {
  const every = kind === "work" ? (beats[item] ?? []) : [];
  const now = every.findLast((beat) => beat.at * 1000 <= inside);
  if (!now) return "";
  const said = say(words.movement, { number: now.number, all: every.length });
  return now.tempo === "normal" ? said : `${said} · ${words[now.tempo]}`;
}

function enter(index) {
  at = index;
  const phase = phases[at];
  const following = coming(at);
  const name = items[phase.kind === "work" ? phase.item : (following ?? phase).item].name;
  const next = following && say(words.next, { name: items[following.item].name });
  Object.assign(stage.dataset, { kind: phase.kind, digits: phase.seconds < 100 ? 2 : phase.seconds < 600 ? 4 : 5 });
  put("block", blocks[phase.block]);
  put("round", phase.rounds > 1 ? say(words.round, phase) : "");
  put("name", phase.kind === "rest" ? next : name);
  put("next", phase.kind === "work" ? (next ?? words.last) : "");
  part("help").replaceChildren(items[phase.kind === "work" ? phase.item : (following ?? phase).item].help.cloneNode(true));
  label();
  if (isRunning) {
    put("said", say(words[`say_${phase.kind}`], { name, seconds: phase.seconds }));
    navigator.vibrate?.({ ready: [80], work: [300], rest: [120, 80, 120] }[phase.kind]);
  }
}

function label() {
  const standing = isOpen && !isRunning && !isDone;
  stage.toggleAttribute("data-paused", standing);
  put("word", isDone ? words.done : standing ? words.paused : words[phases[at].kind]);
  key("pause").querySelector('[data-when="running"]').hidden = standing;
  key("pause").querySelector('[data-when="paused"]').hidden = !standing;
}

// --- Time ---------------------------------------------------------------------------------------------

function tick() {
  clearTimeout(timer);
  if (!isRunning) return;
  const now = Date.now();
  if (now < last) began -= last - now; // the clock was put back
  else spent += Math.min(now - last, TOTAL - held); // what is slept beyond the end is no training
  last = now;
  held = now - began;
  if (held >= TOTAL) return finish();
  const before = at;
  show(held);
  if (at !== before) score();
  if (!noted) note();
  const inside = held - phases[at].at * 1000;
  const beat = (beats[phases[at].item] ?? []).find(({ at: second }) => second * 1000 > inside);
  timer = setTimeout(tick, Math.min(1000 - (inside % 1000), beat ? beat.at * 1000 - inside : 1000));
}

function go() {
  isRunning = true;
  last = Date.now();
  began = last - held;
  at = -1;
  hush();
  context?.resume();
  tick();
}

function stop() {
  if (isRunning) tick();
  isRunning = false;
  clearTimeout(timer);
  hush();
  if (!isDone) label();
}

function move(place) {
  held = Math.max(0, place);
  at = -1;
  if (held >= TOTAL) finish();
  else if (isRunning) go();
  else { hush(); show(held); }
}

function finish() {
  [isDone, isRunning, held] = [true, false, TOTAL];
  clearTimeout(timer);
  stage.dataset.kind = "done";
  for (const name of ["beat", "next", "round"]) put(name, "");
  put("name", document.querySelector("h1").textContent.trim());
  put("left", clock(0));
  part("line").value = told.seconds;
  stage.dataset.digits = spent < 6e5 ? 4 : 7;
  put("number", clock(Math.round(spent / 1000)));
  arrange();
  label();
  put("said", words.done);
  navigator.vibrate?.([200, 100, 200, 100, 400]);
  (part("finish") ?? part("done").querySelector("a")).focus({ preventScroll: true });
  rest();
  note();
}

function arrange() {
  part("keys").hidden = part("how").hidden = isDone;
  part("done").hidden = !isDone;
}

// --- Sound: the signals of a phase are laid onto the clock of the sound card as soon as it begins -----

let context = null;
let scores = [];
let isMuted = remembered() === "on";

function remembered() {
  try { return localStorage.getItem(MUTED); } catch { return null; }
}

function tone(into, second, pitch, length, loud = 0.3) {
  if (second < context.currentTime) return;
  const [wave, gain] = [context.createOscillator(), context.createGain()];
  wave.frequency.value = pitch;
  gain.gain.setValueAtTime(loud, second);
  gain.gain.exponentialRampToValueAtTime(0.001, second + length);
  wave.connect(gain).connect(into);
  wave.start(second);
  wave.stop(second + length);
}

function score() {
  if (isMuted || !isRunning || !context) return;
  const into = context.createGain();
  into.connect(context.destination);
  scores = [...scores.slice(-1), into]; // the last tone of the phase before is still sounding
  const phase = phases[at];
  const zero = context.currentTime - (Date.now() - began) / 1000 + phase.at;
  const end = zero + phase.seconds;
  for (const before of [3, 2, 1]) tone(into, end - before, 660, 0.12);
  const after = phases[at + 1]?.kind;
  for (const [late, pitch] of after ? [[0, after === "work" ? 990 : 440]] : [[0, 660], [0.2, 830], [0.4, 990]]) {
    tone(into, end + late, pitch, 0.6, 0.4);
  }
  if (phase.kind !== "work") return;
  for (const beat of beats[phase.item] ?? []) tone(into, zero + beat.at, beat.tempo === "slow" ? 1100 : 1700, 0.05, 0.2);
}

function hush() {
  for (const each of scores) each.disconnect();
  scores = [];
}

function mute(on) {
  isMuted = on;
  try { localStorage.setItem(MUTED, on ? "on" : "off"); } catch { /* then it is not remembered */ }
  key("mute").setAttribute("aria-pressed", String(on));
  hush();
  score();
}

// --- The screen ---------------------------------------------------------------------------------------

let lock = null;

async function awake() {
  if (isOpen && !isDone && !lock) lock = await navigator.wakeLock?.request("screen").catch(() => null);
  lock?.addEventListener("release", () => { lock = null; }, { once: true });
}

function rest() {
  lock?.release();
  lock = null;
}

function open() {
  isOpen = true;
  stage.hidden = false;
  root.toggleAttribute("data-timing", true);
  scrollTo(0, 0);
  context ??= window.AudioContext ? new AudioContext() : null;
  if (isDone) begin();
  else go();
  arrange();
  awake();
  key("pause").focus({ preventScroll: true });
}

function begin() {
  [isDone, noted, spent, held] = [false, 0, 0, 0];
  arrange();
  go();
}

function leave() {
  stop();
  note();
  rest();
  if (document.fullscreenElement) document.exitFullscreen();
  isOpen = false;
  stage.hidden = true;
  root.toggleAttribute("data-timing", false);
  opener.focus();
}

const does = {
  pause: () => (isDone ? begin() : isRunning ? stop() : go()),
  skip: () => { if (!isDone) move((phases[at].at + phases[at].seconds) * 1000); },
  back: () => {
    if (isDone) return;
    if (isRunning) tick();
    const inside = held - phases[at].at * 1000;
    move(phases[inside > 2000 ? at : Math.max(0, at - 1)].at * 1000);
  },
  restart: () => { begin(); awake(); },
  mute: () => mute(!isMuted),
  full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.().catch(() => {})),
  leave,
};

// --- What is noted: at four fifths, when no closed page can take it back, and with more at the end ------

async function note() {
  const seconds = Math.min(told.seconds, Math.round(spent / 1000));
  if (!form || spent < told.enough * TOTAL || seconds <= noted) return;
  noted = seconds;
  const facts = filled(seconds);
  try {
    const outbox = await import("./outbox.js");
    const body = { item_type: "plan", item: form.dataset.item, status: "done", ...facts };
    await outbox.put({ kind: "progress", url: form.dataset.send, body });
    if (!isDone) return;
    put("next", navigator.onLine ? words.noted : words.kept);
    part("finish").hidden = true;
  } catch {
    if (!isRunning) form.requestSubmit();
  }
}

function filled(spent) {
  const { client_id, seconds, occurred_at } = form.elements;
  client_id.value = crypto.randomUUID?.() ?? client_id.value;
  occurred_at.value = new Date().toISOString();
  seconds.value = spent;
  return { client_id: client_id.value, occurred_at: occurred_at.value, score: Math.round((100 * spent) / told.seconds) };
}

// --- Wires --------------------------------------------------------------------------------------------

opener.addEventListener("click", open);
stage.addEventListener("click", (event) => does[event.target.closest("[data-do]")?.dataset.do]?.());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  tick();
  awake();
});
document.addEventListener("fullscreenchange", () => {
  key("full").setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
});
document.addEventListener("keydown", (event) => {
  if (!isOpen || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("dialog")) return;
  if (event.key === "Escape" && !document.fullscreenElement && !document.querySelector("dialog[open]")) return leave();
  if (root.dataset.singleKeys === "off" || (event.key === " " && event.target.closest("button, summary, a"))) return;
  const act = { " ": "pause", ArrowLeft: "back", ArrowRight: "skip", r: "restart", m: "mute", f: "full" }[
    event.key.length === 1 ? event.key.toLowerCase() : event.key
  ];
  if (!act) return;
  event.preventDefault();
  does[act]();
});
key("full").hidden = !document.fullscreenEnabled;
key("mute").setAttribute("aria-pressed", String(isMuted));
opener.disabled = false;
