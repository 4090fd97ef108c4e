// <form data-autosubmit>: choosing is asking. htmx takes the submit where the form has hx-get; else the page
// reloads with the choice in its address. The button stays for those without a script (class "nojs").
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && !event.target.matches("[type=search], [type=text]")) form.requestSubmit();
});

// Empty fields do not belong into an address that people share.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-autosubmit]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
