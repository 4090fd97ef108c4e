// <button data-dialog-open="id"> shows the native <dialog id="id">; data-dialog-close inside it, the Escape key
// (the browser's) and a press beside it close it. The opener may be a link to a page that does the same
// without a script. The browser gives the focus back to the opener.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (!dialog?.showModal) return;
    event.preventDefault();
    opener.closest("details[open]")?.removeAttribute("open");
    if (!dialog.open) dialog.showModal();
    return;
  }

  const closer = event.target.closest("[data-dialog-close]");
  if (closer) closer.closest("dialog")?.close();
  // The padding of a dialog is zero, so the element itself is only ever hit through its backdrop.
  else if (event.target.matches("dialog[open]")) event.target.close();
});

// A form inside a dialog that was answered well is done: the server says so with HX-Trigger "dialog:close".
document.addEventListener("dialog:close", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});
