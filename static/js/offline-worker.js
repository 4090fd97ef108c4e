// Keeps pages of the person who is signed in for when there is no network. Which ones the hall says (`OFFLINE.pages`):
// {person, urls, fresh: urls that age within minutes, under: folders whose pages are kept once they were visited}.
// Pages come from the network wherever it answers within PATIENCE, so none is stale; what is in them is named by its
// content and kept for good. Caches carry the build: when it changes, pages are fetched anew and then the old ones go.
const { build, pages, fallback, files } = self.OFFLINE;
const PATIENCE = 3000; // ms
const JUST = 60e3; // ms after a form was sent in which no older page is shown
const STALE = 12 * 3600e3; // ms after which a kept page is fetched again
const STALE_FRESH = 10 * 60e3;
const VISITED = 60; // pages of `under` that are kept, newest first
const OURS = "dojang ";
const STATE = `${OURS}state`;
const FILES = `${OURS}${build} files`;
const NEVER = /^\/(api|_allauth)\//;
const FLOORS = /^\/tuls\/[^/]+\/floor\//; // pictures of cards
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

let known; // what the hall said last, with `digest`, and in `off` whose pages are not wanted on this device
let sentAt = 0; // when a page sent a form last

async function recall() {
  if (known) return known;
  const said = await (await caches.open(STATE)).match("/known");
  if (said) known = { off: [], ...(await said.json()) };
  return known;
}

async function remember(said) {
  known = said;
  await (await caches.open(STATE)).put("/known", new Response(JSON.stringify(said)));
}

async function digest(person) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(person));
  return [...new Uint8Array(bytes.slice(0, 8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const shelf = ({ digest }) => `${OURS}${build} pages ${digest}`;

// Those of this build first: its predecessor's pages are better than none until they are fetched anew.
async function shelves() {
  const names = (await caches.keys()).filter((name) => name.endsWith(` pages ${known.digest}`));
  names.sort((one, other) => (other === shelf(known)) - (one === shelf(known)));
  return Promise.all(names.map((name) => caches.open(name)));
}

async function drop(isOver) {
  const names = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== STATE && isOver(name));
  await Promise.all(names.map((name) => caches.delete(name)));
}

// --- Keeping --------------------------------------------------------------------------------------

// What the hall wants kept; null where nobody is signed in or it cannot be asked.
async function ask() {
  const answer = await fetch(pages, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
  const { person, urls, fresh, under } = await answer.json();
  await isPerson(person);
  await remember({ ...known, urls, fresh, under });
  return known;
}

// Whoever is signed in: what was kept of others goes.
async function isPerson(person) {
  const before = await recall();
  if (before?.person === person) return;
  await remember({ off: before?.off ?? [], person, digest: person && (await digest(person)), urls: [], fresh: [], under: [] });
  await drop((name) => name.includes(" pages ") && !(person && name.endsWith(known.digest)));
}

const isOff = () => known.off.includes(known.digest);
const isUnder = (path) => Boolean(known?.under?.some((folder) => path.startsWith(folder)));
const isListed = (path) => Boolean(known?.person) && !isOff() && (known.urls.includes(path) || isUnder(path));

// A page is kept only for the person that it was made for, as it says itself.
async function store(path, answer) {
  if (!answer.ok || answer.redirected || !answer.headers.get("Content-Type")?.startsWith("text/html")) return;
  const text = await answer.text();
  if (/<meta name="dojang-person"\s+content="([^"]*)"/.exec(text)?.[1] !== known.person) return;
  if (/<div id="toasts"[^>]*data-message/.test(text)) return fetchPage(path); // what is said once is not kept
  const headers = new Headers({ "Content-Type": "text/html; charset=utf-8", "X-Kept-At": new Date().toISOString() });
  const policy = answer.headers.get("Content-Security-Policy"); // its nonce is in the page
  if (policy) headers.set("Content-Security-Policy", policy);
  await (await caches.open(shelf(known))).put(path, new Response(text, { headers }));
  await storeFiles(text, location.origin + path);
}

const LINKS = [/(?:href|src)=\\?"(\/[^"\\#?]+)/g, /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g, /url\(["']?(\.[^"')#?]+)/g];

const isFile = ({ origin, pathname }) => origin === location.origin && (pathname.startsWith(files) || FLOORS.test(pathname));

// The style sheets, scripts and pictures of a text, and what these name in turn.
async function storeFiles(text, base) {
  const shelf = await caches.open(FILES);
  const wanted = LINKS.flatMap((link) => [...text.matchAll(link)]).map(([, href]) => new URL(href, base).href);
  for (const url of new Set(wanted)) {
    if (!isFile(new URL(url)) || (await shelf.match(url))) continue;
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok) continue;
    await shelf.put(url, answer.clone());
    if (/\.(js|css)$/.test(url)) await storeFiles(await answer.text(), url);
  }
}

const age = (answer) => (answer ? Date.now() - new Date(answer.headers.get("X-Kept-At")) : Infinity);

async function fetchPage(path) {
  const answer = await fetch(path, { credentials: "same-origin", signal: AbortSignal.timeout(30000) }).catch(() => null);
  if (answer) await store(path, answer);
  return Boolean(answer);
}

async function keepFallback() {
  const answer = await fetch(fallback);
  await (await caches.open(FILES)).put(fallback, answer.clone());
  await storeFiles(await answer.text(), location.origin + fallback);
}

// What the next build's worker has begun to keep is not thrown away by its predecessor.
const isFollowed = () => registration.installing || registration.waiting || self.serviceWorker?.state === "redundant";

let keeping;

// Everything that the hall wants kept, two pages at a time, what is young left alone. One call at a time.
function keep(isForced) {
  keeping ??= (async () => {
    if (!(await ask()) || isOff()) return;
    const mine = await caches.open(shelf(known));
    const held = (await Promise.all((await shelves()).map((shelf) => shelf.keys()))).flat();
    const visited = held.map((each) => new URL(each.url).pathname).filter(isListed);
    const queue = [];
    for (const path of new Set([...known.urls, ...visited])) {
      const limit = isForced ? 0 : known.fresh.includes(path) ? STALE_FRESH : STALE;
      if (age(await mine.match(path)) > limit) queue.push(path);
    }
    let isOnline = true;
    const fetching = async () => { while (isOnline && !isOff() && queue.length) isOnline = await fetchPage(queue.shift()); };
    await Promise.all([fetching(), fetching()]);
    if (!isOnline || isOff()) return;
    await keepFallback().catch(() => {});
    await forgetVisited(mine);
    if (!isFollowed()) await drop((name) => !name.startsWith(`${OURS}${build} `));
  })().finally(() => { keeping = null; });
  return keeping;
}

async function forgetVisited(mine) {
  const others = [];
  for (const each of await mine.keys()) {
    const path = new URL(each.url).pathname;
    if (!isListed(path)) await mine.delete(each);
    else if (!known.urls.includes(path)) others.push([age(await mine.match(each)), each]);
  }
  others.sort(([one], [other]) => one - other);
  for (const [, each] of others.slice(VISITED)) await mine.delete(each);
}

// --- Answering ------------------------------------------------------------------------------------

async function find(path) {
  if (!(await recall())?.person) return null;
  for (const shelf of await shelves()) {
    const found = await shelf.match(path);
    if (found) return found;
  }
  return null;
}

async function shown(kept) {
  const text = await kept.text();
  return new Response(text.replace(/<html\b/, `<html data-kept-at="${kept.headers.get("X-Kept-At")}"`), { headers: kept.headers });
}

const isDown = (answer) => !answer || [502, 503, 504].includes(answer.status);

// Null where it does not come in time.
const soon = (coming) => Promise.race([coming, new Promise((done) => setTimeout(done, PATIENCE, null))]);

async function page(event, url) {
  await recall();
  // What is asked for with a query is another page, except where the query only says where in it one was.
  const isWhole = !url.search || known?.fresh?.includes(url.pathname) || isUnder(url.pathname);
  const path = isWhole ? url.pathname : null;
  const coming = fetch(event.request).then((answer) => {
    if (!url.search && isListed(path)) event.waitUntil(store(path, answer.clone()).catch(() => {}));
    return answer;
  }).catch(() => null);
  event.waitUntil(coming);
  const kept = path && (await find(path));
  // What was just sent is to be seen, however slow the network is.
  const isAwaited = Date.now() - sentAt < JUST;
  sentAt = 0;
  const answer = await (kept && !isAwaited ? soon(coming) : coming);
  if (!isDown(answer)) return answer;
  if (kept) return shown(kept);
  return answer ?? (await caches.match(fallback)) ?? Response.error();
}

async function file(request) {
  const shelf = await caches.open(FILES);
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept && HASHED.test(new URL(request.url).pathname)) return kept;
  const coming = fetch(request).catch(() => null);
  const answer = await (kept ? soon(coming) : coming);
  if (answer?.status === 200) await shelf.put(request, answer.clone());
  return answer ?? kept ?? Response.error();
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (isFile(url)) event.respondWith(file(request));
  else if (request.mode === "navigate" && !NEVER.test(url.pathname)) event.respondWith(page(event, url));
});

addEventListener("install", (event) => event.waitUntil(keepFallback().catch(() => {})));

const ACTS = {
  // A page says whose it is, and whether it came before there was a worker that could have kept it.
  async here({ person, url, isNew }) {
    await isPerson(person);
    if (!person || isOff() || !(isNew || !known.urls.length) || !(await ask())) return;
    if (isNew && isListed(url)) await fetchPage(url);
  },
  async keep({ isForced }) {
    await recall();
    if (isForced && known) await remember({ ...known, off: known.off.filter((each) => each !== known.digest) });
    await keep(isForced);
  },
  async renew() {
    await recall();
    for (const path of known?.fresh ?? []) if (isListed(path)) await fetchPage(path);
  },
  async forget() {
    await recall();
    await remember({ ...known, off: [...known.off, known.digest] });
    await keeping;
    await drop((name) => name.endsWith(` pages ${known.digest}`));
  },
  async sent() {
    sentAt = Date.now();
  },
};

addEventListener("message", (event) => {
  const done = ACTS[event.data?.kind]?.(event.data).catch(() => {});
  if (done) event.waitUntil(done.then(() => event.ports[0]?.postMessage("done")));
});
