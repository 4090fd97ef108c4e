// <form data-passkey="create|get" hidden>: its button asks the device for a passkey and sends what it says in the
// field "credential". The options of the server stand in the JSON with the id data-passkey-options; a form without
// one fetches them from its own address. Shown only where passkeys work; [data-passkey-missing] stands there otherwise.
function show() {
  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = false;
  for (const notice of document.querySelectorAll("[data-passkey-missing]")) notice.hidden = true;
}

async function options(form) {
  const { passkeyOptions } = form.dataset;
  if (passkeyOptions) return JSON.parse(document.getElementById(passkeyOptions).textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).request_options;
}

// A passkey that opens alone has to be kept on the device, and the device has to ask who holds it.
function wanted(asked, form) {
  const choice = asked.publicKey.authenticatorSelection;
  const alone = form.elements.passwordless?.checked ?? false;
  choice.residentKey = alone ? "required" : "discouraged";
  choice.requireResidentKey = alone;
  if (alone) choice.userVerification = "required";
  return asked;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  if ("asking" in form.dataset) return;
  form.dataset.asking = "";
  try {
    const asked = await options(form);
    const { create, get } = window.webauthnJSON;
    const said = form.dataset.passkey === "create" ? await create(wanted(asked, form)) : await get(asked);
    form.elements.credential.value = JSON.stringify(said);
    form.submit();
  } catch {
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: form.dataset.failed, tone: "error" } }));
  }
  delete form.dataset.asking;
});

document.addEventListener("htmx:load", show);
show();
