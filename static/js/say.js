// <button data-say="걷는 서기" hidden>: a recording (data-audio) where there is one, else the browser's own Korean
// voice. The button appears only when one of them exists, and leaves when the recording turns out not to: never a dead button.
const synth = window.speechSynthesis;
let voice = null;
let audio = null;

function show() {
  voice = synth?.getVoices().find(({ lang }) => lang.replace("_", "-").toLowerCase().startsWith("ko")) ?? null;
  for (const button of document.querySelectorAll("[data-say]")) {
    button.hidden = !(voice || (button.dataset.audio && !("dead" in button.dataset)));
  }
}

function hush() {
  audio?.pause();
  audio = null;
  synth?.cancel();
  for (const button of document.querySelectorAll("[data-say][data-speaking]")) delete button.dataset.speaking;
}

function speak(button) {
  const words = new SpeechSynthesisUtterance(button.dataset.say);
  Object.assign(words, { voice, lang: voice.lang, rate: 0.85, onend: hush, onerror: hush });
  synth.speak(words);
}

function play(button) {
  audio = new Audio(button.dataset.audio);
  audio.addEventListener("ended", hush);
  audio.addEventListener("error", () => {
    hush();
    button.dataset.dead = "";
    show();
    if (voice) speak(button);
  });
  audio.play().catch(() => {}); // a failed load arrives as "error" above
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-say]");
  if (!button) return;
  const again = "speaking" in button.dataset;
  hush();
  if (again) return; // a second press is silence
  button.dataset.speaking = "";
  if (button.dataset.audio && !("dead" in button.dataset)) play(button);
  else if (voice) speak(button);
});

synth?.addEventListener?.("voiceschanged", show); // voices arrive late in most browsers
document.addEventListener("htmx:load", show);
show();
