// <form data-push="on|off" hidden>: its button asks the browser for a subscription, or gives it up, and sends the form.
// Only one of the two is shown, and [data-push-missing] where neither can work. The form "on" carries the public key
// of the hall (data-key), its service worker (data-worker) and the digests of the endpoints that it knows of this
// person (data-devices): a subscription of whoever used this browser before is not theirs.
const on = document.querySelector("form[data-push=on]");
const off = document.querySelector("form[data-push=off]");
const canPush = on && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const spelled = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

async function held() {
  const worker = await navigator.serviceWorker.getRegistration(on.dataset.worker);
  return (await worker?.pushManager.getSubscription()) ?? null;
}

async function isKnown(subscription) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return on.dataset.devices.split(" ").includes(hex);
}

async function show() {
  const subscription = await held();
  const is = subscription !== null && (await isKnown(subscription));
  off.elements.endpoint.value = subscription?.endpoint ?? "";
  [on.hidden, off.hidden] = [is, !is];
  for (const notice of document.querySelectorAll("[data-push-missing]")) notice.hidden = true;
}

// A subscription to another key than today's brings nothing any more.
async function subscribed() {
  await navigator.serviceWorker.register(on.dataset.worker, { scope: "/" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const old = await pushManager.getSubscription();
  if (old && spelled(old.options.applicationServerKey ?? new ArrayBuffer()) === on.dataset.key) return old;
  await old?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: on.dataset.key });
}

const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "error" } }));

async function begin() {
  if ((await Notification.requestPermission()) !== "granted") return say(on.dataset.denied);
  const subscription = await subscribed();
  on.elements.endpoint.value = subscription.endpoint;
  for (const name of ["p256dh", "auth"]) on.elements[name].value = spelled(subscription.getKey(name));
  on.submit();
}

async function end() {
  await (await held())?.unsubscribe();
  off.submit();
}

if (canPush) {
  for (const [form, act] of [[on, begin], [off, end]]) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if ("asking" in form.dataset) return;
      form.dataset.asking = "";
      await act().catch(() => say(on.dataset.failed));
      delete form.dataset.asking;
    });
  }
  show().catch(() => {});
}
