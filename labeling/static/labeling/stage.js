/* A photo that one can look at closely: wheel, two fingers and keys make it larger, a drag moves it, a button turns it
   and makes it brighter, and while another is held nothing is drawn over it. The file itself is left as it is.

   What lies over the photo is a layer: {grab(point, event), draw(view, svg), back()}. Of a finger that comes down `grab`
   says what it moves, as {move, end, cancel}, or nothing: then it moves the photo. Layers are drawn anew with each view.
   `back` takes the last point of what is being drawn back, or says that nothing is. */

import * as geometry from "./geometry.js";
import { gestures } from "./gestures.js";

const STEP = 1.4; // of one press of + or -
const CLOSER = 1.2; // times: from here on the finest picture there is
const PACE = 60; // pixels of the stage that an arrow moves
const LOOKS = { "+": "in", "=": "in", "-": "out", 0: "whole" };
const LIGHT = [1, 1.5, 2.2];
const SVG = "http://www.w3.org/2000/svg";

export function shape(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

/* Where letters mean themselves. */
const TYPING = 'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]';
const CONTROL = "a, button, summary, input, select, textarea";

export class Stage {
  constructor(root) {
    this.root = root;
    this.shot = root.querySelector("[data-shot]");
    this.plate = this.shot.querySelector(".plate");
    this.photo = this.plate.querySelector("img");
    this.svg = shape("svg", { class: "overlay", role: "group", "aria-label": "Boxes on the photo" }, this.plate);
    this.layers = [];
    this.grabbed = null;
    this.sizes = this.photo.sizes;
    this.light = 0;
    this.view = geometry.whole({ width: 0, height: 0, aspect: this.aspect(), turn: 0 });
    gestures(this.shot, this);
    this.shot.addEventListener("keydown", (event) => this.press(event));
    this.shot.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    new ResizeObserver(() => this.fill()).observe(this.plate);
    for (const button of root.querySelectorAll("[data-view]")) {
      button.addEventListener("click", () => this.look(button.dataset.view, button));
    }
    this.attachHiding();
    root.querySelector("[data-more-tools]")?.addEventListener("click", (event) => {
      const unfolded = root.classList.toggle("has-all-tools");
      event.currentTarget.setAttribute("aria-expanded", String(unfolded));
    });
    this.fill();
  }

  aspect() { return Number(this.photo.getAttribute("width")) / Number(this.photo.getAttribute("height")); }

  add(layer) {
    this.layers.push(layer);
    this.show(this.view);
  }

  /* Another photo is in its place. */
  change() {
    this.photo.sizes = this.sizes;
    this.show(geometry.whole({ ...this.view, aspect: this.aspect(), turn: 0 }));
  }

  fill() {
    const { clientWidth: width, clientHeight: height } = this.plate;
    if (width && height) this.show(geometry.held({ ...this.view, width, height }));
  }

  show(view) {
    this.view = view;
    if (!view.width) return;
    // The photo lies in its place by the style sheet, as a whole; from there it is moved.
    const [wide, , , high, left, top] = geometry.matrix(geometry.whole({ ...view, turn: 0 }));
    const [p, q, r, s, e, f] = geometry.matrix(view);
    const [a, b, c, d] = [p / wide, q / wide, r / high, s / high];
    const numbers = [a, b, c, d, e - a * left - c * top, f - b * left - d * top];
    this.photo.style.transform = `matrix(${numbers.join(",")})`;
    if (view.zoom > CLOSER) this.photo.sizes = "2016px";
    this.shot.classList.toggle("is-close", view.zoom > 1);
    this.placeTag(view);
    for (const layer of this.layers) layer.draw(view, this.svg);
  }

  /* What says that no camera took it stands in the photo's corner, wherever that lies in its place. */
  placeTag(view) {
    const tag = this.plate.querySelector(".drawn");
    if (!tag) return;
    const { x, y } = geometry.onStage(view, { x: 0, y: 0, width: 1, height: 1 });
    Object.assign(tag.style, { left: `${Math.max(x, 0) + 8}px`, top: `${Math.max(y, 0) + 8}px` });
  }

  /* --- by button and key --------------------------------------------------------------------------------- */

  look(how, button) {
    if (how === "in") this.show(geometry.zoomed(this.view, STEP));
    if (how === "out") this.show(geometry.zoomed(this.view, 1 / STEP));
    if (how === "whole") this.show(geometry.whole(this.view));
    if (how === "turn") this.show(geometry.turned(this.view));
    if (how === "fit") {
      const box = this.layers.map((layer) => layer.subject?.()).find(Boolean);
      this.show(box ? geometry.fitted(this.view, box) : geometry.whole(this.view));
    }
    if (how === "light") {
      this.light = (this.light + 1) % LIGHT.length;
      this.photo.style.filter = this.light ? `brightness(${LIGHT[this.light]})` : "";
      button.setAttribute("aria-pressed", String(this.light > 0));
    }
  }

  /* While the photo itself has the focus; where it is shown as a whole, arrows are the page's own. */
  press(event) {
    if (event.target !== this.shot || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = geometry.ARROWS[event.key];
    if (event.key in LOOKS) this.look(LOOKS[event.key]);
    else if (arrow && this.view.zoom > 1) this.show(geometry.panned(this.view, arrow.map((each) => -each * PACE)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  hide(on) {
    this.shot.classList.toggle("is-bare", on);
    this.root.querySelector("[data-hide]")?.setAttribute("aria-pressed", String(on));
  }

  attachHiding() {
    const button = this.root.querySelector("[data-hide]");
    button?.addEventListener("pointerdown", () => this.hide(true));
    for (const end of ["pointerup", "pointercancel", "pointerleave", "keyup", "blur"]) {
      button?.addEventListener(end, () => this.hide(false));
    }
    button?.addEventListener("keydown", (event) => { if ([" ", "Enter"].includes(event.key)) this.hide(true); });
  }

  /* To keys, wherever they are pressed, as long as it is the photo on screen. */
  listen(signal) {
    const hides = (event) => event.key.toLowerCase() === this.root.querySelector("[data-hide]")?.dataset.key;
    const key = (event) => document.documentElement.dataset.keys !== "off" && hides(event) && !event.target.closest?.("dialog")
      && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches?.(TYPING);
    document.addEventListener("keydown", (event) => { if (key(event)) this.hide(true); }, { signal });
    document.addEventListener("keyup", (event) => { if (hides(event)) this.hide(false); }, { signal });
    window.addEventListener("blur", () => this.hide(false), { signal });
    // While something is drawn, what takes an answer back elsewhere takes its last point back, and no answer.
    const back = (event) => {
      if (!this.layers.some((layer) => layer.back?.())) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    document.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !event.target.matches?.(TYPING) && !event.target.closest?.("dialog")) back(event);
    }, { signal, capture: true });
    document.addEventListener("submit", (event) => { if (event.target.matches("form#undo")) back(event); }, { signal, capture: true });
    // While space is held a drag moves the photo, whatever lies under it.
    document.addEventListener("keydown", (event) => {
      if (event.key !== " " || !this.shot.matches(":hover") || event.target.closest?.(CONTROL)) return;
      this.space = true;
      event.preventDefault();
    }, { signal });
    document.addEventListener("keyup", (event) => { if (event.key === " ") this.space = false; }, { signal });
  }

  wheel(event) {
    // Whole, and further away or on a page that scrolls: the page's own.
    if (!event.ctrlKey && this.view.zoom <= 1 && (event.deltaY > 0 || this.scrolls)) return;
    event.preventDefault();
    const { left, top } = this.plate.getBoundingClientRect();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
    const factor = Math.exp(-geometry.clamp(event.deltaY * lines, -200, 200) / 400);
    this.show(geometry.zoomed(this.view, factor, [event.clientX - left, event.clientY - top]));
  }

  /* --- by finger, pen and mouse --------------------------------------------------------------------------- */

  /* The stage has a margin around the plate; layers count from the plate's corner. */
  onPlate([x, y]) { return [x - this.plate.offsetLeft, y - this.plate.offsetTop]; }

  start(point, event) {
    const at = this.onPlate(point);
    const moves = this.space || event.button === 1;
    this.grabbed = (!moves && this.layers.map((layer) => layer.grab?.(at, event)).find(Boolean)) || this.pan(at);
    // No picture is dragged off, no text marked; but what has the focus may lose it.
    if (event.pointerType === "mouse") event.preventDefault();
  }

  pan(from) {
    if (this.view.zoom <= 1) return null; // the page's own
    let last = from;
    return {
      move: (at) => {
        this.show(geometry.panned(this.view, [at[0] - last[0], at[1] - last[1]]));
        last = at;
      },
    };
  }

  holds() { return this.grabbed !== null; }

  move(point) { this.grabbed?.move?.(this.onPlate(point)); }

  end(point) {
    this.grabbed?.end?.(this.onPlate(point));
    this.grabbed = null;
  }

  cancel() {
    this.grabbed?.cancel?.();
    this.grabbed = null;
  }

  pinch({ point, way, factor }) {
    this.show(geometry.zoomed(geometry.panned(this.view, way), factor, this.onPlate(point)));
  }
}
