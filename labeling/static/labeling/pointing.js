/* Pointing in the labeling room: the panel of field marks is fetched and put in place, so that nothing else on the page
   changes; a press on the photo, or a cross that arrows move, fills in its numbers. Without this module each of its buttons
   sends the form and the page comes back with everything that was filled in. */

import { Cross } from "./cross.js";
import * as geometry from "./geometry.js";
import { shape } from "./stage.js";

const RADIUS = 11;
const ASIDE = 34; // pixels from a point to its number
const STILL = 8; // pixels: what moved further was meant to move the photo

const panel = () => document.querySelector("[data-room-marks]");
const root = () => document.querySelector("[data-stage]");
const isOpen = () => Boolean(panel()?.querySelector("[data-point-keep]"));

/* What is pointed at, drawn over the photo; while the panel is open a press moves the cross there. */
class Points {
  constructor(stage) {
    this.stage = stage;
    this.group = shape("g", { class: "pointers", "aria-hidden": "true" });
    stage.svg.append(this.group);
    this.cross = new Cross(stage.plate, {
      moved: (at) => this.fill(at),
      done: () => panel().querySelector("[data-point-keep]").click(),
      left: () => panel().querySelector("[value=point_close]").click(),
    }, {
      place: (at) => geometry.toStage(stage.view, at),
      find: (at) => geometry.toPhoto(stage.view, at),
    });
    stage.layers.unshift(this);
  }

  get numbers() { return ["x", "y"].map((side) => panel().querySelector(`[name=point-${side}]`)); }

  fill(at) {
    this.numbers.forEach((field, axis) => { field.value = Math.round(100_000 * at[axis]) / 1000; });
    panel().querySelector("[data-point-says]").textContent = "Pointed. Keep it, or press elsewhere.";
  }

  /* The panel has come or gone, or says something else. */
  change({ focus = false } = {}) {
    this.cross.hide();
    this.list = [...panel().querySelectorAll("[data-points]")].map((each) => each.dataset.points.trim().split(" ")
      .filter(Boolean).map((point) => point.split(",").map(Number)));
    if (isOpen()) {
      const [x, y] = this.numbers.map((field) => (field.value.trim() === "" ? NaN : Number(field.value) / 100));
      const says = panel().querySelector("[data-point-says]");
      this.cross.show(x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y] : null);
      if (!says.textContent) says.textContent = "Press where it is on the photo, or move the cross with the arrow keys.";
      if (focus) this.cross.button.focus({ preventScroll: true });
    }
    this.stage.shot.classList.toggle("is-drawing", isOpen());
    this.draw(this.stage.view);
  }

  grab(from) {
    if (!isOpen() || document.querySelector("[data-draw][aria-pressed=true]")) return null;
    const pan = this.stage.pan(from);
    return {
      move: (at) => pan?.move(at),
      end: (at) => {
        if (Math.hypot(at[0] - from[0], at[1] - from[1]) <= STILL) this.cross.move(geometry.toPhoto(this.stage.view, at));
      },
    };
  }

  draw(view) {
    this.group.replaceChildren();
    this.list?.forEach((points, number) => {
      for (const at of points) {
        const [x, y] = geometry.toStage(view, at);
        const [right, down] = [x < view.width / 2 ? ASIDE : -ASIDE, y < view.height / 2 ? ASIDE : -ASIDE];
        for (const layer of ["leader-case", "leader"]) shape("line", { class: layer, x1: x, y1: y, x2: x + right, y2: y + down }, this.group);
        shape("circle", { class: "dot", r: 3, cx: x, cy: y }, this.group);
        shape("circle", { class: "dot", r: RADIUS, cx: x + right, cy: y + down }, this.group);
        shape("text", { class: "number", x: x + right, y: y + down }, this.group).textContent = number + 1;
      }
    });
    if (this.cross.shown) this.cross.redraw();
  }
}

const points = new WeakMap();

function here() {
  const stage = root()?.stage;
  if (!stage) return null;
  if (!points.has(stage)) points.set(stage, new Points(stage));
  return points.get(stage);
}

/* One of the two is meant: words of one's own are asked for where no mark is chosen. */
function which() {
  const mark = panel()?.querySelector("[name=point-mark]");
  if (!mark) return;
  panel().querySelector("[data-own-words]").hidden = Boolean(mark.value);
  if (mark.value) panel().querySelector("[name=point-words]").value = "";
}

function changed(options) {
  which();
  here()?.change(options);
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
    const says = panel().querySelector("[data-point-says]") ?? document.querySelector("[data-stage-hint]");
    says.textContent = "No connection: nothing was kept. Try again.";
  }
}

function press(event) {
  const button = event.target.closest?.("button");
  if (!button || !(button.closest("[data-room-marks]") || button.matches("[data-pointing]"))) return;
  event.preventDefault();
  const closes = button.matches("[data-pointing]") && isOpen();
  const byKey = event.detail === 0;
  ask(button.name, closes ? "point_close" : button.value, { focus: byKey && button.matches("[data-pointing]") });
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
