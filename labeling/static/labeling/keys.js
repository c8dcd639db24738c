/* The keys of the labeling room and of the review page. Each is what stands on something of the page as `data-key` (accounts.keys has the list,
   as its person changed it): a button is pressed, a field with `data-focus` gets the focus. 1 to 9 choose a likely name
   (or what the form says in `data-numbers`) and save it, Enter saves. `?` opens the list of all.
   Photos change under it (ahead.js), so it listens to the document. Without this module there are no keys. */

import { toast } from "../look/site.js";

const form = () => document.querySelector("[data-answer]");
const list = document.querySelector("#keys-list");
const save = () => document.querySelector("[data-save]")?.click();

let on = document.querySelector("button[data-keys]")?.getAttribute("aria-pressed") !== "false";

/* Where letters mean themselves. */
const typing = (target) => target.matches?.('input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]');

/* A sign that a keyboard has behind AltGr is that sign; with other keys held it is the browser's. */
const held = (event) => event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph"));

const found = (key) => [...document.querySelectorAll("[data-key]")]
  .find((each) => each.dataset.key.split(" ").includes(key) && !each.closest("[hidden]"));

function press(event) {
  // A key that is held down is pressed once: what it said of this photo it does not say of the next.
  if (!form() || !on || event.repeat || event.isComposing || held(event) || typing(event.target)) return;
  const key = event.key.toLowerCase();
  if (list.open) {
    if (!found(key)?.matches("[data-open-keys]")) return;
    list.close();
  } else if (/^[1-9]$/.test(key)) {
    const radio = form().querySelectorAll(form().dataset.numbers ?? 'input[name="likely"]')[Number(key) - 1];
    if (!radio) return;
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    // Who is saying more is not sent off in the middle.
    if (!form().querySelector("details[open]")) save();
  } else if (key === "enter") {
    // On a link or a button Enter means that one.
    if (event.target.closest("a, button, summary")) return;
    save();
  } else {
    const meant = found(key);
    if (!meant) return;
    if ("focus" in meant.dataset) goInto(meant);
    else meant.click();
  }
  event.preventDefault();
}

function goInto(place) {
  if (place.matches("details")) place.open = true;
  place.querySelector('input:not([type="hidden"]), textarea').focus();
}

/* Whether they are pressed: as the account says, on every page that comes. */
function show() {
  for (const button of document.querySelectorAll("button[data-keys]")) button.setAttribute("aria-pressed", String(on));
  document.documentElement.dataset.keys = on ? "on" : "off";
  for (const each of document.querySelectorAll("[aria-keyshortcuts], [data-shortcut]")) {
    each.dataset.shortcut ??= each.getAttribute("aria-keyshortcuts");
    if (on) each.setAttribute("aria-keyshortcuts", each.dataset.shortcut);
    else each.removeAttribute("aria-keyshortcuts");
  }
}

async function flip() {
  on = !on;
  show();
  try {
    const answer = await fetch(document.querySelector("[data-open-keys]").href, {
      method: "POST",
      body: new URLSearchParams({ then: on ? "on" : "off" }),
      headers: { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
      credentials: "same-origin",
    });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  } catch {
    toast("No connection: it holds for this page alone.");
  }
}

function click(event) {
  if (event.target.closest("button[data-keys]")) flip();
  if (event.target.closest("[data-close-keys]") || event.target === list) list.close();
  if (event.target.closest("[data-open-keys]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    list.showModal();
  }
}

if (form() && list) {
  show();
  document.addEventListener("room:shown", show);
  document.addEventListener("keydown", press);
  document.addEventListener("click", click);
}
