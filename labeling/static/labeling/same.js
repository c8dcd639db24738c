/* The same name as last time, by one button: pages that were fetched ahead do not know yet what was said since. */

const said = [];

const form = () => document.querySelector("[data-answer]");
const again = () => document.querySelector("[data-same]");
const radioOf = (label) => [...form().querySelectorAll('[name="likely"][type="radio"]')].find((each) => each.value === label);

/* What is being sent, where it is a name that this page knows. */
function remember(event) {
  if (!event.target.matches("[data-answer]") || (event.submitter?.value ?? "save") !== "save") return;
  const occurrence = form().elements.occurrence.value;
  const typed = form().elements.name.value.trim();
  const radio = form().querySelector('[name="likely"]:checked');
  if (!typed && !radio) return;
  const name = typed || radio.closest("label").querySelector(":scope > span:not(.plate)").firstChild.textContent.trim();
  // Pressed twice it is said once.
  if (said.at(-1)?.occurrence === occurrence) said.pop();
  said.push({ occurrence, label: typed ? "" : radio.value, typed, name });
}

function offer() {
  // It is back: taken back, or refused.
  if (said.at(-1)?.occurrence === form()?.elements.occurrence.value) said.pop();
  const last = said.at(-1);
  if (!last || !again()) return;
  again().hidden = false;
  again().value = last.label;
  again().dataset.name = last.typed;
  again().querySelector("[data-same-name]").textContent = last.name;
}

/* Pressed, it is as if one had chosen that name and saved it. */
function press(event) {
  const button = event.target.closest?.("[data-same]");
  if (!button) return;
  event.preventDefault();
  const radio = radioOf(button.value);
  if (radio) {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  } else {
    for (const each of form().querySelectorAll('[name="likely"][type="radio"]')) each.checked = false;
    form().elements.name.value = button.dataset.name || button.querySelector("[data-same-name]").textContent;
  }
  document.querySelector("[data-save]").click();
}

document.addEventListener("submit", remember, { capture: true });
document.addEventListener("click", press);
document.addEventListener("room:shown", offer);
