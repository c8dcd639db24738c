/* The labeling room by keyboard: 1 to 9 choose, letters press the button that shows them, Enter saves, Backspace
   takes back what was done last.
   Without this module the page is a plain form. */

const form = document.querySelector("[data-answer]");
const REMEMBERED = "labeling-keys";

function remembered() {
  try { return localStorage.getItem(REMEMBERED) !== "off"; } catch { return true; }
}

function remember(on) {
  try { localStorage.setItem(REMEMBERED, on ? "on" : "off"); } catch { /* private windows keep nothing */ }
}

let keysOn = remembered();

function attachSwitch() {
  const button = document.querySelector("[data-keys]");
  if (!button) return;
  const show = () => {
    button.setAttribute("aria-pressed", String(keysOn));
    button.title = keysOn ? "1–9 choose, S skips, T can’t tell, Z or Backspace undoes, Enter saves" : "Keys are off";
  };
  button.hidden = false;
  button.addEventListener("click", () => { keysOn = !keysOn; remember(keysOn); show(); });
  show();
}

/* Where letters mean themselves. */
const typing = (target) => target.matches?.('input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]');

function press(event) {
  if (!keysOn || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) {
    const radio = form.querySelectorAll('input[name="likely"]')[Number(key) - 1];
    if (!radio) return;
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (key === "/") {
    form.querySelector('input[name="name"]').focus();
  } else if (key === "enter") {
    // On a link or a button Enter means that one.
    if (event.target.closest("a, button, summary")) return;
    document.querySelector("[data-save]").click();
  } else {
    // "press the space bar" and the like are the browser's own.
    const button = /^([a-z]|backspace)$/.test(key) && document.querySelector(`[data-key~="${key}"]`);
    if (!button) return;
    button.click();
  }
  event.preventDefault();
}

/* One of the two is meant, the radio or what is typed: whichever was touched last. */
function attachChoice() {
  const name = form.querySelector('input[name="name"]');
  const radios = [...form.querySelectorAll('input[name="likely"]')];
  name.addEventListener("input", () => {
    if (name.value.trim()) for (const radio of radios) radio.checked = false;
  });
  form.addEventListener("change", (event) => { if (radios.includes(event.target)) name.value = ""; });
}

/* Another photo of the same one, without losing what is filled in. */
function attachFrames() {
  const frames = [...document.querySelectorAll("[data-frame]")];
  const shown = document.querySelector(".shot .plate > img");
  for (const frame of frames) {
    frame.addEventListener("click", (event) => {
      event.preventDefault();
      shown.width = Number(frame.dataset.width);
      shown.height = Number(frame.dataset.height);
      shown.srcset = frame.dataset.srcset;
      shown.src = frame.dataset.src;
      // A box belongs to the photo it was drawn on.
      document.querySelector(".shot .marks")?.remove();
      document.querySelector("[data-full]").href = frame.dataset.src;
      form.elements.photo.value = frame.dataset.photo;
      for (const other of frames) other.setAttribute("aria-pressed", String(other === frame));
    });
  }
}

/* The model's opinion, uncovered in place. The hidden field says that it was seen. */
async function uncover(event) {
  const link = event.target.closest("[data-opinion] a");
  if (!link) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const parts = ["[data-suggestion]", "[data-opinion]"].map((each) => [document.querySelector(each), page.querySelector(each)]);
    if (parts.some(([here, there]) => !here || !there)) throw new Error("another page");
    for (const [here, there] of parts) {
      here.replaceWith(there);
      window.htmx?.process(there);
    }
  } catch {
    location.assign(link.href);
  }
}

if (form) {
  attachSwitch();
  attachFrames();
  attachChoice();
  document.addEventListener("keydown", press);
  document.addEventListener("click", uncover);
}
