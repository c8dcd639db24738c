/* Pointing at a field mark: a press on the photo, or a cross that arrows move, fills in two numbers. A layer of a stage.

   `on` is told and asked: takes() whether a press is meant for it; fields() its two numbers, in per cent; says(sentence);
   done() by Enter, left() by Escape. */

import { Cross } from "./cross.js";
import * as geometry from "./geometry.js";
import { pointer } from "./marks.js";
import { shape } from "./stage.js";

const STILL = 8; // pixels: what moved further was meant to move the photo
const START = "Press where it is on the photo, or move the cross with the arrow keys.";

export class Points {
  constructor(stage, on) {
    Object.assign(this, { stage, on, list: [] }); // list: of each number its points
    this.group = shape("g", { class: "pointers", "aria-hidden": "true" }, stage.svg);
    this.cross = new Cross(stage, { moved: (at) => this.write(at), done: on.done, left: on.left });
    stage.layers.unshift(this);
  }

  /* What is filled in; null where that is no point of the photo. */
  get placed() {
    const at = this.on.fields().map((field) => (field.value.trim() === "" ? NaN : Number(field.value) / 100));
    return at.every((each) => each >= 0 && each <= 1) ? at : null;
  }

  write(at) {
    this.on.fields().forEach((field, axis) => { field.value = at ? Math.round(100_000 * at[axis]) / 1000 : ""; });
    this.on.says(at ? "Pointed. Press elsewhere to move it." : START);
  }

  show() {
    this.cross.show(this.placed);
    if (!this.placed) this.on.says(START);
    this.stage.shot.classList.add("is-drawing");
  }

  hide() {
    this.cross.hide();
    this.stage.shot.classList.remove("is-drawing");
  }

  /* The point is taken back; without one, pointing ends. False: nobody points. */
  back() {
    if (!this.on.takes()) return false;
    if (!this.placed) { this.on.left(); return true; }
    this.write(null);
    this.cross.show(null);
    return true;
  }

  grab(from) {
    if (!this.on.takes()) return null;
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
    this.list.forEach((points, number) => { for (const at of points) pointer(view, at, number + 1, this.group); });
    if (this.cross.shown) this.cross.redraw();
  }
}
