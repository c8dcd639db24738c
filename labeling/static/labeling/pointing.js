/* Pointing in the labeling room: the panel of field marks is fetched and put in place, so that nothing else on the page
   changes; a press on the photo, or a cross that arrows move, fills in its numbers. Without this module each of its buttons
   sends the form and the page comes back with everything that was filled in. */

import { Points } from "./points.js";

const panel = () => document.querySelector("[data-room-marks]");
const root = () => document.querySelector("[data-stage]");
const hint = () => root().querySelector("[data-stage-hint]"); // beside the photo: the panel may be out of sight
const isOpen = () => Boolean(panel()?.querySelector("[data-point-keep]"));

const points = new WeakMap(); // of each photo's stage

function here() {
  const stage = root()?.stage;
  if (stage && !points.has(stage)) points.set(stage, new Points(stage, {
    takes: () => isOpen() && !document.querySelector("[data-draw][aria-pressed=true]"),
    fields: () => ["x", "y"].map((side) => panel().querySelector(`[name=point-${side}]`)),
    says: (sentence) => { hint().textContent = sentence; },
    done: () => panel().querySelector("[data-point-keep]").click(),
    left: () => panel().querySelector("[value=point_close]").click(),
  }));
  return points.get(stage);
}

/* One of the two is meant: words of one's own are asked for where no mark is chosen. */
function which() {
  const mark = panel()?.querySelector("[name=point-mark]");
  if (!mark) return;
  panel().querySelector("[data-own-words]").hidden = Boolean(mark.value);
  if (mark.value) panel().querySelector("[name=point-words]").value = "";
}

/* The panel has come or gone, or says something else. */
function changed({ focus = false, opened = false } = {}) {
  which();
  const layer = here();
  if (!layer) return;
  layer.hide();
  layer.list = [...panel().querySelectorAll("[data-points]")].map((each) => each.dataset.points.trim().split(" ")
    .filter(Boolean).map((point) => point.split(",").map(Number)));
  if (isOpen()) layer.show();
  else hint().textContent = "";
  if (isOpen() && opened) panel().scrollIntoView({ block: "start" });
  if (isOpen() && focus) layer.cross.button.focus({ preventScroll: true });
  layer.draw(layer.stage.view);
}

/* Sends the room's form as it stands, and takes the panel out of the page that comes back. */
async function ask(name, value, options) {
  const form = document.querySelector("[data-answer]");
  const occurrence = form.elements.occurrence.value;
  const said = new FormData(form);
  said.set(name, value);
  try {
    const answer = await fetch(location.pathname, { method: "POST", body: new URLSearchParams(said), credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-room-marks]");
    // Another photo came meanwhile.
    if (document.querySelector("[data-answer]")?.elements.occurrence.value !== occurrence) return;
    if (!fresh || page.querySelector("[data-answer]")?.elements.occurrence.value !== occurrence) throw new Error("another page");
    panel().replaceWith(fresh);
    changed(options);
  } catch {
    hint().textContent = "No connection: nothing was kept. Try again.";
  }
}

function press(event) {
  const button = event.target.closest?.("button");
  if (!button || !(button.closest("[data-room-marks]") || button.matches("[data-pointing]"))) return;
  event.preventDefault();
  const closes = button.matches("[data-pointing]") && isOpen();
  const opened = button.matches("[data-pointing]");
  ask(button.name, closes ? "point_close" : button.value, { opened, focus: opened && event.detail === 0 });
}

document.addEventListener("click", press);
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[name=point-mark]")) which();
  // The marks of another name are offered.
  if (isOpen() && event.target.matches?.("[data-answer] [name=likely], [data-answer] [name=name]")) ask("then", "point_open");
});
document.addEventListener("photochange", () => { if (isOpen()) ask("then", "point_open"); });
document.addEventListener("room:shown", () => { if (panel()) changed(); });
if (panel()) changed();
