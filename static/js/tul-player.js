// Walks the feet over the floor of a tul. The server has drawn everything; this only moves it.
// Frame 0 is the ready posture, frame n the n-th step: {step, tempo, turn, joined, left, right, x, y}.
const BEAT = 1100; // milliseconds from count to count, at the written tempo
const TEMPO = { normal: 1, slow: 2, fast: 0.55, connecting: 0.8, continuous: 0.8, natural: 0.9 };

function wire(figure) {
  const frames = JSON.parse(document.getElementById("frames").textContent);
  const part = (name) => figure.querySelector(`[data-${name}]`);
  const feet = (which) => [...figure.querySelectorAll(`[data-feet="${which}"] [data-foot]`)];
  const strokes = [...figure.querySelectorAll(".floor__path")];
  const marks = [...figure.querySelectorAll("[data-mark]")].map((mark) => [mark, Number(mark.getAttribute("x"))]);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const angles = { left: frames[0].left.angle, right: frames[0].right.angle };
  let at = 0, kept = 0, mirrored = false, timer = 0;

  // CSS turns by the number it is given, so angles go on counting: a turn is made the way the tul makes it.
  function turned(foot, sole, turn) {
    let by = (((sole.angle - angles[foot]) % 360) + 540) % 360 - 180;
    if (turn === "clockwise" && by < -45) by += 360;
    if (turn === "counterclockwise" && by > 45) by -= 360;
    return angles[foot] + by;
  }

  function stand(element, sole, angle) {
    const side = mirrored ? -1 : 1;
    element.style.transform = `translate(${side * sole.x}px, ${sole.y}px) rotate(${side * angle}deg) scaleX(${side})`;
    element.toggleAttribute("data-raised", sole.is_raised);
  }

  function show(step, { say = false } = {}) {
    const forward = step === at + 1;
    at = Math.max(0, Math.min(step, frames.length - 1));
    const frame = frames[at], next = frames[at + 1];
    for (const element of feet("now")) {
      const foot = element.dataset.foot;
      angles[foot] = turned(foot, frame[foot], forward ? frame.turn : "");
      stand(element, frame[foot], angles[foot]);
    }
    figure.querySelector('[data-feet="next"]').toggleAttribute("hidden", !next);
    if (next) for (const element of feet("next")) stand(element, next[element.dataset.foot], next[element.dataset.foot].angle);

    for (const stroke of strokes) {
      const age = at - Number(stroke.dataset.step);
      stroke.toggleAttribute("hidden", age < 0);
      stroke.dataset.age = Math.min(age, 4);
    }
    part("count").textContent = at || "";
    part("jump").value = at;
    part("at").textContent = at;
    const row = document.querySelector(`[data-row="${at}"]`);
    for (const other of document.querySelectorAll("[data-row][aria-current]")) other.removeAttribute("aria-current");
    row?.setAttribute("aria-current", "step");
    const name = row?.querySelector("[data-name] a, [data-name] span")?.textContent ?? part("now").dataset.ready;
    const how = row?.querySelector(".step__how")?.textContent.replace(/\s+/g, " ").trim();
    part("now").textContent = at ? `${name} · ${how}` : name;
    if (say) part("said").textContent = at ? `${at}. ${part("now").textContent}` : name;
  }

  function pause() {
    clearTimeout(timer);
    timer = 0;
    playing(false);
  }

  function playing(on) {
    const button = figure.querySelector('[data-do="play"]');
    button.setAttribute("aria-pressed", String(on));
    button.querySelector('[data-when="paused"]').hidden = on;
    button.querySelector('[data-when="playing"]').hidden = !on;
  }

  function tick() {
    if (at >= frames.length - 1) return pause();
    show(at + 1);
    const following = frames[at + 1];
    const beat = following ? TEMPO[following.tempo] * (following.joined ? 0.6 : 1) : 1;
    timer = setTimeout(tick, (BEAT * beat) / Number(part("tempo").value));
  }

  const does = {
    first: () => { pause(); show(0, { say: true }); },
    back: () => { pause(); show(at - 1, { say: true }); },
    forward: () => { pause(); show(at + 1, { say: true }); },
    play: () => {
      if (timer) return pause();
      if (at >= frames.length - 1) show(0);
      playing(true);
      timer = setTimeout(tick, calm.matches ? 0 : 250);
    },
    mirror: () => {
      mirrored = !mirrored;
      figure.querySelector('[data-do="mirror"]').setAttribute("aria-pressed", String(mirrored));
      part("board").style.transform = mirrored ? "scaleX(-1)" : "";
      for (const [mark, x] of marks) mark.setAttribute("x", mirrored ? -x : x);
      show(at);
    },
  };

  // Paper does not move: it gets the whole path with the numbers of the steps, and the screen then its step back.
  function print(on) {
    pause();
    if (on) kept = at;
    if (mirrored) does.mirror();
    show(on ? 0 : kept);
    part("numbers").toggleAttribute("hidden", !on);
    part("count").toggleAttribute("hidden", on);
    part("whole").hidden = !on;
    for (const stroke of on ? strokes : []) {
      stroke.removeAttribute("hidden");
      stroke.dataset.age = 2;
    }
  }

  figure.addEventListener("click", (event) => does[event.target.closest("[data-do]")?.dataset.do]?.());
  part("jump").addEventListener("input", (event) => { pause(); show(Number(event.target.value), { say: true }); });
  part("floor").addEventListener("click", (event) => {
    const box = part("floor").getBoundingClientRect();
    does[event.clientX < box.left + box.width / 2 ? "back" : "forward"]();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-jump-to]");
    if (link) { pause(); show(Number(link.dataset.jumpTo)); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
    const act = { ArrowLeft: "back", ArrowRight: "forward", k: "play", m: "mirror" }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || document.documentElement.dataset.singleKeys === "off") return;
    event.preventDefault();
    does[act]();
  });

  for (const element of [...feet("now"), ...feet("next")]) element.removeAttribute("transform");
  part("now").dataset.ready = part("now").textContent;
  part("numbers").setAttribute("hidden", "");
  part("count").removeAttribute("hidden");
  part("controls").hidden = false;
  part("whole").hidden = true;
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  show(Number(location.hash.match(/^#step-(\d+)$/)?.[1] ?? 0));
}

for (const figure of document.querySelectorAll("[data-tul-player]")) wire(figure);
