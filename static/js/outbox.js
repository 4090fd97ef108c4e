// What was done here and the hall was not told of yet: a row each in IndexedDB, gone once it was answered. What arrives
// twice is answered "duplicate", so whatever was cut is sent again. Rows: { kind (of PARTS), url, body: { client_id, … } }.
// onChange is told { rows, state }, onSent { row, outcome }; an outcome has client_id, result and reason.
const PARTS = { review: "reviews", retraction: "retractions", answer: "answers", progress: "updates" };
const AT_ONCE = 50;
const ALONE = 3; // tries after which a row goes by itself, so that one the hall cannot take holds up no other
const page = document.querySelector("meta[name=dojang-person]");
const between = new BroadcastChannel("dojang-outbox");
const [changed, sent] = [new Set(), new Set()];
let [opened, token, timer, running, isAskedAgain, tries, state] = [null, null, 0, null, false, 0, ""];

export const person = page?.content ?? "";
export const onChange = (act) => { changed.add(act); tell(); };
export const onSent = (act) => sent.add(act);

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open("dojang", 1);
    asked.onupgradeneeded = () => {
      for (const name of ["outbox", "refused"]) asked.result.createObjectStore(name, { keyPath: "id" });
    };
    asked.onsuccess = () => {
      asked.result.onclose = () => { opened = null; };
      asked.result.onversionchange = () => { opened = null; asked.result.close(); };
      done(asked.result);
    };
    asked.onerror = () => { opened = null; failed(asked.error); };
  });
  return opened;
}

// `act(outbox, refused)` in one transaction; gives the result of the request that it returns, once all is written.
export async function within(mode, act) {
  const begin = async () => (await open()).transaction(["outbox", "refused"], mode, { durability: "strict" });
  const work = await begin().catch(() => { opened = null; return begin(); }); // once more: a browser may close it
  const asked = act(work.objectStore("outbox"), work.objectStore("refused"));
  return new Promise((done, failed) => {
    work.oncomplete = () => done(asked?.result);
    work.onabort = () => failed(work.error);
  });
}

export const mine = (rows) => rows.filter((row) => row.person === person).sort((a, b) => a.queued_at - b.queued_at);
export const unsent = async () => mine(await within("readonly", (outbox) => outbox.getAll()));

export async function tell(others) {
  const rows = await unsent().catch(() => []);
  for (const act of changed) act({ rows, state });
  if (others) between.postMessage(0);
}

// Where a browser keeps nothing it is sent at once; fails when that cannot be either.
export async function put({ kind, url, body }) {
  const id = kind === "retraction" ? `-${body.client_id}` : body.client_id;
  const row = { id, person, kind, url, body, queued_at: Date.now(), tries: 0 };
  try {
    await within("readwrite", (outbox) => outbox.put(row));
  } catch {
    return sendAlone(row);
  }
  tell(true);
  flush();
}

// True where it certainly never left this device.
export async function remove(client_id) {
  let gone = false;
  await within("readwrite", (outbox) => {
    outbox.get(client_id).onsuccess = ({ target: { result: row } }) => {
      gone = row?.person === person && !row.tries;
      if (gone) outbox.delete(client_id);
    };
  });
  if (gone) tell(true);
  return gone;
}

// Only one tab sends at a time; a call during another one is followed by one more round, and both end with it.
export async function flush() {
  if (!person) return;
  isAskedAgain = true;
  running ??= sendAll().finally(() => {
    running = null;
    if (isAskedAgain && !state) flush();
  });
  return running;
}

async function sendAll() {
  clearTimeout(timer);
  try {
    do {
      isAskedAgain = false;
      await (navigator.locks?.request("dojang-outbox", rounds) ?? rounds());
    } while (isAskedAgain && !state);
  } catch {
    state = "later";
  }
  if (!state) tries = 0;
  else if (state !== "other") timer = setTimeout(flush, Math.min(5000 * 3 ** tries++, 300000) * (0.8 + Math.random() * 0.4));
  tell();
}

// Each row is tried once; what the hall cannot take now waits, and the rest goes on.
async function rounds() {
  state = navigator.onLine ? "" : "offline";
  const tried = new Set();
  let isStuck = false;
  while (!state) {
    const rows = (await unsent()).filter(({ id }) => !tried.has(id));
    if (!rows.length) break;
    const number = rows[0].tries < ALONE ? AT_ONCE : 1;
    const some = rows.filter((row) => row.url === rows[0].url).slice(0, number);
    for (const { id } of some) tried.add(id);
    const why = await send(some);
    if (why === "not now") isStuck = true;
    else state = why;
    tell(true);
  }
  if (isStuck) state ||= "later";
}

// Gives "" when the rows are settled, "not now" when the hall does not take just these, or why all have to wait.
async function send(chosen) {
  const rows = await begun(chosen);
  if (!rows.length) return "";
  const answer = await post(rows);
  if (!answer || answer.status === 429) return "later";
  if (answer.why) return answer.why;
  if (answer.status >= 500) return "not now";
  const said = await answer.json().catch(() => null);
  if (answer.ok) return said ? settle(rows, said) : "not now";
  if (rows.length > 1) {
    let stuck = "";
    for (const row of rows) {
      const why = await send([row]);
      if (why && why !== "not now") return why;
      stuck ||= why;
    }
    return stuck;
  }
  if (!said?.code) return "not now"; // a refusal that is not the hall's, but of something before it
  return settle(rows, { [PARTS[rows[0].kind]]: [{ ...rows[0].body, result: "rejected", reason: said.code }] });
}

// From now on they may have arrived. What was taken back meanwhile is left out.
async function begun(rows) {
  const held = [];
  await within("readwrite", (outbox) => rows.forEach(({ id }) => outbox.get(id).onsuccess = ({ target: { result } }) => {
    if (!result) return;
    held.push({ ...result, tries: result.tries + 1 });
    outbox.put(held.at(-1));
  }));
  return held;
}

async function post(rows, again) {
  const body = { sent_at: new Date().toISOString(), device: device() };
  for (const row of rows) (body[PARTS[row.kind]] ??= []).push(row.body);
  const answer = await ask(rows[0].url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token ?? written() },
    body: JSON.stringify(body),
  });
  if (again || ![401, 403].includes(answer?.status)) return answer;
  const why = await who();
  return why ? { why } : post(rows, true);
}

async function sendAlone(row) {
  const answer = await post([row]);
  const outcome = answer?.ok && (await answer.json())[PARTS[row.kind]]?.[0];
  if (!outcome) throw new Error("neither kept nor sent");
  for (const act of sent) act({ row, outcome });
}

async function settle(rows, said) {
  const settled = [];
  for (const row of rows) {
    const outcome = said[PARTS[row.kind]]?.find((each) => each.client_id === row.body.client_id);
    if (outcome) settled.push({ row, outcome });
  }
  await within("readwrite", (outbox, aside) => {
    for (const { row, outcome } of settled) {
      outbox.delete(row.id);
      if (outcome.result === "rejected") aside.put({ ...row, reason: outcome.reason });
    }
  });
  for (const each of settled) for (const act of sent) act(each);
  return settled.length < rows.length ? "later" : "";
}

// Who is signed in now, with a token of today: what somebody did is never sent as somebody else.
async function who() {
  const answer = await ask(page.dataset.pages, {});
  if (!answer?.ok) return "later";
  const said = answer.redirected ? null : await answer.json().catch(() => null);
  if (!said) return "signed-out";
  if (said.person !== person) return "other";
  token = said.token;
  return "";
}

const ask = (url, how) =>
  fetch(url, { ...how, credentials: "same-origin", signal: AbortSignal.timeout(20000) }).catch(() => null);

const written = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";

function device() {
  try {
    return (localStorage.device ??= `browser ${crypto.randomUUID().slice(0, 8)}`);
  } catch {
    return "browser";
  }
}

between.onmessage = () => tell();
addEventListener("online", flush);
addEventListener("offline", () => { state = "offline"; tell(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
