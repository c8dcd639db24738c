/* Drafts keep what is typed into them: a moment after the last key it goes to the server as it stands, and until
   it is there this window keeps it too, also over a reload. Enter saves and sends nothing. Whatever is pressed
   waits until the words of every draft are kept. Without this module a draft is a plain form. */

const PAUSE = 400;
const AGAIN = 5000;
const states = new WeakMap();

const forms = () => [...document.querySelectorAll("[data-draft-form]")];
const draftOf = (form) => form.closest("[data-draft]").dataset.draft;
const stored = (id) => `draft:${id}`;

function stateOf(form) {
  if (!states.has(form)) states.set(form, { dirty: false, timer: 0, running: null, known: wordsOf(form).toString() });
  return states.get(form);
}

/* All but the version they are about, and the token of the window. */
function wordsOf(form) {
  const words = new URLSearchParams(new FormData(form));
  words.delete("csrfmiddlewaretoken");
  words.delete("seen");
  return words;
}

function touched(form) {
  const state = stateOf(form);
  const words = wordsOf(form).toString();
  if (words === state.known) return;
  state.known = words;
  state.dirty = true;
  keepHere(form, { words });
  clearTimeout(state.timer);
  state.timer = setTimeout(() => flush(form), PAUSE);
}

/* `saved`: the server has them. They stay all the same: a reload may have left before they got there. */
function keepHere(form, { words, saved = false }) {
  const version = form.elements.namedItem("seen").value;
  sessionStorage.setItem(stored(draftOf(form)), JSON.stringify({ version, words, saved }));
}

function say(form, text) {
  form.querySelector("[data-kept]").textContent = text;
}

/* One request after the other: each names the version that the one before made. */
function flush(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.running ??= send(form, state).finally(() => { state.running = null; });
  return state.running;
}

async function send(form, state) {
  while (state.dirty && form.isConnected) {
    state.dirty = false;
    const answer = await ask(form);
    if (answer.why) {
      state.dirty = true;
      say(form, answer.why);
      state.timer = setTimeout(() => flush(form), AGAIN);
      return;
    }
    form.elements.namedItem("seen").value = answer.version;
    stateWhat(form, answer);
    if (!state.dirty) keepHere(form, { words: state.known, saved: true });
    if (answer.html) {
      showBoth(form, answer.html);
      return;
    }
    say(form, "Kept as you typed it, in this draft.");
  }
}

/* What the line of the draft says, now that these words are known. */
function stateWhat(form, { version, lacks, state }) {
  const section = form.closest("[data-draft]");
  section.querySelector("[data-version]").value = `${section.dataset.draft}:${version}`;
  if (lacks) {
    section.dataset.lacks = lacks.join(" ");
    const line = section.querySelector("[data-state]");
    line.textContent = state;
    line.classList.toggle("is-ready", !lacks.length);
  }
  document.dispatchEvent(new Event("tray"));
}

async function ask(form) {
  let answer;
  try {
    answer = await fetch(form.dataset.keepUrl, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  } catch {
    return { why: "No connection. Your words stay here and go up by themselves." };
  }
  const json = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  const said = json ? await answer.json() : {};
  if (answer.ok && json) return said;
  if (answer.status === 404) return { why: "This draft is gone or sent: look in another window. Your words stay here." };
  return { why: said.why ?? `Not kept yet (${answer.status}). Your words stay here and go up by themselves.` };
}

/* Another window saved other words meanwhile. */
function showBoth(form, html) {
  const draft = new DOMParser().parseFromString(html, "text/html").querySelector("[data-draft]");
  const section = form.closest("[data-draft]");
  document.adoptNode(draft);
  section.replaceWith(draft);
  attach(draft);
  draft.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  draft.querySelector("[role=alert]")?.focus();
}

/* What a reload or a crash kept from the server. The version it was typed at goes with it, but not into a form that
   this window has just asked for: its own acts are no other window's. */
function bringBack(form, { anew = false } = {}) {
  const state = stateOf(form), seen = form.elements.namedItem("seen");
  const kept = JSON.parse(sessionStorage.getItem(stored(draftOf(form))));
  if (kept === null) return;
  if (kept.saved && Number(kept.version) <= Number(seen.value)) {
    sessionStorage.removeItem(stored(draftOf(form)));
    return;
  }
  const words = new URLSearchParams(kept.words);
  if (!anew || kept.saved) seen.value = kept.version;
  for (const field of form.elements) {
    if (!field.name || ["BUTTON", "FIELDSET"].includes(field.tagName)) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = words.getAll(field.name).includes(field.value);
    else if (words.has(field.name)) field.value = words.get(field.name);
  }
  if (kept.saved) {
    state.known = wordsOf(form).toString();
    return;
  }
  touched(form);
  // At once, before another letter is typed: where the server has these words already, they are no other window's.
  if (state.dirty) flush(form);
  else sessionStorage.removeItem(stored(draftOf(form)));
}

function forgetOthers() {
  const here = new Set(forms().map((form) => stored(draftOf(form))));
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith("draft:") && !here.has(key)) sessionStorage.removeItem(key);
  }
}

function attach(root) {
  root.querySelectorAll("[data-draft-form]").forEach(stateOf);
}

function edited(event) {
  const form = event.target.form;
  if (!form?.matches("[data-draft-form]")) return;
  touched(form);
}

document.addEventListener("input", edited);
document.addEventListener("change", edited);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.defaultPrevented || event.target.tagName !== "INPUT") return;
  const form = event.target.form;
  if (!form?.matches("[data-draft-form]")) return;
  event.preventDefault();
  touched(form);
  flush(form);
});

let passing = null;

document.addEventListener("submit", async (event) => {
  const { target, submitter } = event;
  if (passing === target) {
    passing = null;
    return;
  }
  const waiting = forms().filter((form) => stateOf(form).dirty || stateOf(form).running);
  if (!waiting.length || event.defaultPrevented) return;
  event.preventDefault();
  await Promise.allSettled(waiting.map(flush));
  if (!target.isConnected) return;
  passing = target;
  target.requestSubmit(submitter);
});

window.addEventListener("pagehide", () => {
  for (const form of forms()) {
    if (stateOf(form).dirty) navigator.sendBeacon(form.dataset.keepUrl, new URLSearchParams(new FormData(form)));
  }
});

document.addEventListener("draft", ({ target }) => {
  target.querySelectorAll("[data-draft-form]").forEach((form) => bringBack(form, { anew: true }));
});

attach(document);
forms().forEach((form) => bringBack(form));
forgetOthers();
