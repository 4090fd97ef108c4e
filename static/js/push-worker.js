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

// An open page of the hall is used again; only paths of the hall are followed.
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.path ?? "/notices/", location.origin);
  if (wanted.origin !== location.origin) return;
  event.waitUntil((async () => {
    for (const page of await clients.matchAll({ type: "window" })) {
      if ("navigate" in page) {
        await page.focus();
        return page.navigate(wanted.href).catch(() => clients.openWindow(wanted.href));
      }
    }
    return clients.openWindow(wanted.href);
  })());
});
