/* The labeling room by keyboard and thumb: 1 to 9 choose, letters press the button that shows them, Enter saves,
   Backspace takes back what was done last; a tap on a name is its answer.
   Without this module the page is a plain form. Photos change under it (ahead.js), so it listens to the document. */

const REMEMBERED = "labeling-keys";

const form = () => document.querySelector("[data-answer]");
const likely = () => [...form().querySelectorAll('input[name="likely"]')];
const save = () => document.querySelector("[data-save]").click();

function remembered() {
  try { return localStorage.getItem(REMEMBERED) !== "off"; } catch { return true; }
}

function remember(on) {
  try { localStorage.setItem(REMEMBERED, on ? "on" : "off"); } catch { /* private windows keep nothing */ }
}

let keysOn = remembered();

function showSwitch() {
  const button = document.querySelector("button[data-keys]");
  if (!button) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(keysOn));
  button.title = keysOn ? "1–9 choose, R boxes, S skips, T can’t tell, Backspace undoes, Enter saves" : "Keys are off";
  document.documentElement.dataset.keys = keysOn ? "on" : "off";
}

function flipSwitch(event) {
  if (!event.target.closest("button[data-keys]")) return;
  keysOn = !keysOn;
  remember(keysOn);
  showSwitch();
}

/* Where letters mean themselves. */
const typing = (target) => target.matches?.('input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]');

function press(event) {
  // A key that is held down is pressed once: what it said of this photo it does not say of the next.
  if (!form() || !keysOn || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) {
    const radio = likely()[Number(key) - 1];
    if (!radio) return;
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (key === "/") {
    form().querySelector('input[name="name"]').focus();
  } else if (key === "enter") {
    // On a link or a button Enter means that one.
    if (event.target.closest("a, button, summary")) return;
    save();
  } else {
    // "press the space bar" and the like are the browser's own.
    const button = /^([a-z0+=-]|backspace)$/.test(key) && document.querySelector(`[data-key~="${key}"]`);
    if (!button) return;
    button.click();
  }
  event.preventDefault();
}

/* One of the two is meant, the radio or what is typed: whichever was touched last. */
function typed(event) {
  if (event.target.matches?.('[data-answer] input[name="name"]') && event.target.value.trim()) {
    for (const radio of likely()) radio.checked = false;
  }
}

function chosen(event) {
  if (event.target.matches?.('[data-answer] input[name="likely"]')) form().elements.name.value = "";
}

/* One tap a photo: Undo is at hand. Who is saying more is not sent off in the middle. */
function tap(event) {
  const radio = event.target.closest?.('[data-answer] input[name="likely"]');
  if (radio && event.pointerType === "touch" && !form().querySelector("details[open]")) save();
}

/* Another photo of the same one, without losing what is filled in. */
function look(event) {
  const frame = event.target.closest("[data-frame]");
  if (!frame) return;
  event.preventDefault();
  const shown = document.querySelector(".shot .plate > img");
  shown.width = Number(frame.dataset.width);
  shown.height = Number(frame.dataset.height);
  shown.srcset = frame.dataset.srcset;
  shown.src = frame.dataset.src;
  document.querySelector("[data-full]").href = frame.dataset.src;
  form().elements.photo.value = frame.dataset.photo;
  for (const other of document.querySelectorAll("[data-frame]")) other.setAttribute("aria-pressed", String(other === frame));
  // A box belongs to the photo it was drawn on: see box_form.js.
  document.dispatchEvent(new Event("photochange"));
}

/* What the model says, uncovered in place. The hidden field says that it was seen. */
async function uncover(event) {
  const link = event.target.closest("[data-pencil] a");
  if (!link) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // Another photo came meanwhile, and what was shown is noted already.
    if (page.querySelector('[name="occurrence"]')?.value !== form().elements.occurrence.value) return;
    const parts = ["[data-suggestion]", "[data-pencil]"].map((each) => [document.querySelector(each), page.querySelector(each)]);
    if (parts.some(([here, there]) => !here || !there)) throw new Error("another page");
    for (const [here, there] of parts) {
      here.replaceWith(there);
      window.htmx?.process(there);
    }
  } catch {
    location.assign(link.href);
  }
}

if (form()) {
  showSwitch();
  document.addEventListener("room:shown", showSwitch);
  document.addEventListener("keydown", press);
  document.addEventListener("input", typed);
  document.addEventListener("change", chosen);
  for (const pressed of [flipSwitch, tap, look, uncover]) document.addEventListener("click", pressed);
}
