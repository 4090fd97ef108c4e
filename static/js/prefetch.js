// The next page is fetched while the finger or pointer is still deciding. Only our own pages that were made
// to be read (a GET without side effects carries no data-no-prefetch), once each, never when the reader saves data.
const seen = new Set([location.href]);

function fetchSoon(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  if (link.closest("[data-no-prefetch]") || link.pathname === location.pathname || seen.has(link.href)) return;
  seen.add(link.href);
  document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href: link.href }));
}

if (!navigator.connection?.saveData) {
  document.addEventListener("pointerover", fetchSoon, { passive: true });
  document.addEventListener("touchstart", fetchSoon, { passive: true });
}
