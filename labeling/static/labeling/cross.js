/* A cross that lies over the photo of a stage and is moved by mouse, finger and arrow keys. Where it stands is told in
   fractions 0-1 of the photo. */

import { ARROWS, clamp, toPhoto, toStage } from "./geometry.js";

const STEP = 0.01;
const FINE = 0.002; // with Shift
const LINES = "M22 4v13M22 27v13M4 22h13M27 22h13";
const SVG = "http://www.w3.org/2000/svg";

function drawing() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 44 44");
  svg.setAttribute("aria-hidden", "true");
  for (const layer of ["case", "line"]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", layer);
    path.setAttribute("d", LINES);
    svg.append(path);
  }
  return svg;
}

export class Cross {
  /* `on`: moved([x, y]) each time it is, done() by Enter, left() by Escape. */
  constructor(stage, on) {
    this.stage = stage;
    this.on = on;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "cross";
    this.button.dataset.noGesture = "";
    this.button.append(drawing());
    this.button.addEventListener("keydown", (event) => this.press(event));
    this.button.addEventListener("pointerdown", (event) => this.grab(event));
    this.button.addEventListener("click", (event) => event.stopPropagation());
  }

  show(at) {
    this.stage.plate.append(this.button);
    this.move(at ?? [0.5, 0.5], { tell: Boolean(at) });
  }

  hide() { this.button.remove(); }

  get shown() { return this.button.isConnected; }

  move([x, y], { tell = true } = {}) {
    this.at = [clamp(x, 0, 1), clamp(y, 0, 1)];
    this.redraw();
    if (tell) this.on.moved(this.at);
  }

  redraw() {
    const [left, top] = toStage(this.stage.view, this.at);
    this.button.style.left = `${left}px`;
    this.button.style.top = `${top}px`;
    const [across, down] = this.at.map((each) => Math.round(100 * each));
    this.button.setAttribute("aria-label", `Cross, ${across} % from the left, ${down} % from the top. Arrows move it, Enter keeps it.`);
  }

  /* To where a pointer is on the screen. */
  follow({ clientX, clientY }) {
    const { left, top } = this.stage.plate.getBoundingClientRect();
    this.move(toPhoto(this.stage.view, [clientX - left, clientY - top]));
  }

  press(event) {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow) {
      const step = event.shiftKey ? FINE : STEP;
      this.move(this.at.map((each, axis) => each + arrow[axis] * step));
    } else if (event.key === "Enter") this.on.done();
    else if (event.key === "Escape") this.on.left();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  grab(event) {
    event.stopPropagation();
    this.button.setPointerCapture(event.pointerId);
    const follow = (moved) => this.follow(moved);
    this.button.addEventListener("pointermove", follow);
    const end = (lifted) => {
      this.button.removeEventListener("pointermove", follow);
      for (const each of ["pointerup", "pointercancel"]) this.button.removeEventListener(each, end);
      // Pressed and not moved: where it stands is meant.
      if (lifted.type === "pointerup") this.follow(lifted);
    };
    for (const each of ["pointerup", "pointercancel"]) this.button.addEventListener(each, end);
  }
}
