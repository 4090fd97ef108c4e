// What a browser runs when a push arrives, with no page open. A push says {title, text, path, tag, language}.
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data?.json() ?? {};
  } catch {
    // Not ours; a browser that shows nothing for a push may take the permission away.
  }
  const { title = "Dojang", text = "", path = "/notices/", tag, language } = said;
  event.waitUntil(registration.showNotification(title, { body: text, tag, lang: language, data: { path } }));
});

// A page that shows it already comes to the front; no other page is led away from what is done on it. Only paths of the
// hall are followed.
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.path ?? "/notices/", location.origin);
  if (wanted.origin !== location.origin) return;
  event.waitUntil((async () => {
    const pages = await clients.matchAll({ type: "window" });
    const there = pages.find(({ url }) => new URL(url).pathname === wanted.pathname);
    return there ? there.focus() : clients.openWindow(wanted.href);
  })());
});
