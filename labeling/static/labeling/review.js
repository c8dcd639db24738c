/* The review page: who types another name means that one. */

const form = document.querySelector("[data-answer]");
const name = form?.querySelector('input[name="name"]');

name?.addEventListener("input", () => {
  form.querySelector("[data-other]").checked = name.value.trim() !== "";
});
