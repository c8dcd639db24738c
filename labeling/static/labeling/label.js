/* The labeling room by thumb and mouse: a tap on a name is its answer, another photo comes without a reload, and what the
   model says is uncovered in place. Keys: keys.js. Without this module the page is a plain form. Photos change under it (ahead.js), so it listens to the document. */

const form = () => document.querySelector("[data-answer]");
const likely = () => [...form().querySelectorAll('input[name="likely"]')];
const save = () => document.querySelector("[data-save]").click();

/* One of the two is meant, the radio or what is typed: whichever was touched last. */
function typed(event) {
  if (event.target.matches?.('[data-answer] input[name="name"]') && event.target.value.trim()) {
    for (const radio of likely()) radio.checked = false;
  }
  if (event.target.matches?.('[data-answer] input[name="name"]')) offerNoCloser(event.target.value.trim() ? UNKNOWN : null);
}

function chosen(event) {
  if (!event.target.matches?.('[data-answer] input[name="likely"]')) return;
  form().elements.name.value = "";
  offerNoCloser(event.target.dataset);
}

const UNKNOWN = { group: "" }; // what is typed may be a group's name, too, until a proposal says what it is

/* Of a group's name one may say at once that nobody could be closer. `data`: of what was chosen. */
function offerNoCloser(data) { form().querySelector('[value="no_closer"]').hidden = !(data && "group" in data); }

function proposed(event) {
  if (event.target.matches?.('[data-answer] input[name="name"]')) offerNoCloser(event.detail);
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
  document.addEventListener("input", typed);
  document.addEventListener("change", chosen);
  document.addEventListener("chosen", proposed);
  for (const pressed of [tap, look, uncover]) document.addEventListener("click", pressed);
}
