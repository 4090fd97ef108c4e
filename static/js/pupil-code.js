// A card that was scanned brings its code behind the # of the address: it is put into the form, and nothing is sent.
const form = document.querySelector("form[data-code-from-address]");
const code = decodeURIComponent(location.hash.slice(1));
if (form && /^[0-9A-Za-z-]{12,20}$/.test(code)) {
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname);
  form.querySelector("button[type=submit]").focus();
}
