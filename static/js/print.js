// <button data-print> opens the browser's own dialog for printing; css/print.css makes the page a sheet.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
