// [data-install] appears where the browser offers to install the hall; its [data-install-now] takes the offer.
const place = document.querySelector("[data-install]");
let offer;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
  place.hidden = false;
});
addEventListener("appinstalled", () => { place.hidden = true; });
place.querySelector("[data-install-now]").addEventListener("click", () => offer.prompt());
