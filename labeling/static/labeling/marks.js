/* What lies over a photo and is only looked at: boxes, and numbered pointers at field marks. */

import * as geometry from "./geometry.js";
import { shape } from "./stage.js";

const SIDES = ["x", "y", "width", "height"];
const ASIDE = 34; // pixels from a point to its number
const RADIUS = 11;

const share = (element, name) => parseFloat(element.getAttribute(name)) / 100;

/* As a page says it, in per cent, in the attributes of an element. */
export const boxIn = (element, prefix = "") => Object.fromEntries(SIDES.map((side) => [side, share(element, prefix + side)]));

export function outline(sides, name, parent) {
  for (const layer of ["case", "line"]) shape("rect", { class: layer, ...sides }, parent);
  if (!name) return;
  const text = shape("text", { class: "tag", x: sides.x, y: Math.max(sides.y - 8, 14) }, parent);
  text.textContent = name;
}

/* Its number stands towards the middle, where there is room for it. */
export function pointer(view, at, number, parent) {
  const [x1, y1] = geometry.toStage(view, at);
  const x2 = x1 + (x1 < view.width / 2 ? ASIDE : -ASIDE), y2 = y1 + (y1 < view.height / 2 ? ASIDE : -ASIDE);
  for (const layer of ["leader-case", "leader"]) shape("line", { class: layer, x1, y1, x2, y2 }, parent);
  shape("circle", { class: "dot", r: 3, cx: x1, cy: y1 }, parent);
  shape("circle", { class: "dot", r: RADIUS, cx: x2, cy: y2 }, parent);
  shape("text", { class: "number", x: x2, y: y2 }, parent).textContent = number;
}

/* A layer of a stage: what the page has drawn over the photo (parts/marks.html), in its place and in its size however
   near one looks. */
export class Marks {
  constructor(stage) {
    const of = (selector) => [...stage.plate.querySelectorAll(selector)];
    const numbers = of(".marks text").map((each) => each.textContent);
    this.boxes = of(".marks .box").map((each) => boxIn(each));
    this.points = of(".marks .leader").map((each, at) => [[share(each, "x1"), share(each, "y1")], numbers[at]]);
    this.boxGroup = shape("g", {}, stage.svg);
    this.pointGroup = shape("g", {}, stage.svg);
    stage.add(this);
  }

  subject() { return this.boxes[0] ?? null; }

  /* `what`: boxes or points. */
  show(what, on) { (what === "boxes" ? this.boxGroup : this.pointGroup).style.display = on ? "" : "none"; }

  draw(view) {
    for (const group of [this.boxGroup, this.pointGroup]) group.replaceChildren();
    for (const box of this.boxes) outline(geometry.onStage(view, box), "", this.boxGroup);
    for (const [at, number] of this.points) pointer(view, at, number, this.pointGroup);
  }
}
