/* Boxes over a photo: drawn by a drag, by a tap on each of four edges, or by keys; moved, sized and removed.

   A layer of a stage. One box is edited, that of the organism which is asked about; those beside it are only shown.
   Whoever made the layer is told of each change, and of what is to be done next, which is no more than a sentence. */

import * as geometry from "./geometry.js";
import { outline } from "./marks.js";
import { shape } from "./stage.js";

const REACH = 22; // pixels around an edge that a finger means by it: half of what it touches
const EXACT = 8; // the same of a mouse
const STILL = 8; // pixels: a finger that moved less has tapped
const TWICE = 400; // milliseconds between two taps that are one double tap
const PACE = 8; // pixels of the stage that an arrow moves; with Shift one
const HANDLES = [[0, 0], [0.5, 0], [1, 0], [0, 0.5], [1, 0.5], [0, 1], [0.5, 1], [1, 1]];
const HALF = 5; // of a handle's side

const far = ([a, b], [c, d]) => Math.hypot(c - a, d - b);

export class Boxes {
  /* `name`: of the organism; `changed(box)`, box null for none; `says(sentence)`; `ended()` after Enter. */
  constructor(stage, { name, changed, says, ended }) {
    Object.assign(this, { stage, name, changed, says, ended });
    this.box = null;
    this.shown = []; // {box, group, name}: not edited
    this.mode = "off"; // drag | edges
    this.points = []; // of the edges tapped so far, on the photo
    this.draft = null; // a box while it is drawn, or one by key that nothing was done to yet
    this.lastTap = { at: [-1000, -1000], when: 0 };
    this.group = shape("g", { class: "own", role: "group", tabindex: "0", "aria-roledescription": "box" });
    this.grip = shape("rect", { class: "grip" }, this.group);
    this.lines = shape("g", {}, this.group);
    this.group.addEventListener("keydown", (event) => this.press(event));
    this.group.addEventListener("focusout", () => this.leave());
    stage.add(this);
  }

  /* What is to be seen when one fits the view to it. */
  subject() { return this.box ?? this.draft ?? this.shown[0]?.box ?? null; }

  /* `others`: what others drew, where it tells which organism is meant; `beside`: {box, name}, one's own of others. */
  surround(others, beside) {
    for (const { group } of this.shown) group.remove();
    const of = (kind, box, name, told) => ({ box, name, group: shape("g", { class: kind, ...told }) });
    this.shown = [
      ...others.map((box) => of("of-others", box, "", { "aria-hidden": "true" })),
      ...beside.map(({ box, name }) => {
        const told = { role: "img", tabindex: "0", "aria-label": `Your box of ${name}` };
        return of("beside", box, name, told);
      }),
    ];
    this.stage.svg.prepend(...this.shown.map(({ group }) => group));
    this.redraw();
  }

  /* From elsewhere: a form, another photo. */
  put(box) {
    this.box = box;
    this.draft = null;
    this.redraw();
  }

  set(box) {
    this.put(box);
    this.changed(box);
  }

  turnOn(mode) {
    this.mode = mode;
    this.points = [];
    this.draft = null;
    const about = this.name.toLowerCase();
    this.says({ off: "", drag: `Drag around ${about}.`, edges: `Tap the four outermost points of ${about}.` }[mode]);
    this.stage.shot.classList.toggle("is-drawing", mode !== "off");
    this.redraw();
  }

  /* The last of the edges that were tapped is taken back; without one, drawing ends. False: nothing is drawn. */
  back() {
    if (this.mode === "off") return false;
    if (this.points.pop()) {
      this.sayLeft();
      this.redraw();
    } else {
      this.turnOn("off");
      this.ended({ byKey: true });
    }
    return true;
  }

  /* In the middle of what is seen; nothing is said by it until it is moved, sized or ended. */
  begin() {
    if (!this.box) {
      const { width, height } = this.stage.view;
      const middle = { x: width / 4, y: height / 4, width: width / 2, height: height / 2 };
      this.draft = geometry.onPhoto(this.stage.view, middle);
    }
    this.redraw();
    this.group.focus();
    this.says("Arrows move it, with Alt they size it, with Shift by one pixel. Enter ends, Delete removes.");
  }

  /* To the box before or after the one that has the focus; from none to the first or the last. */
  step(way) {
    const all = [...this.stage.svg.querySelectorAll("[tabindex]")];
    if (!all.length) {
      this.says("No box yet.");
      return;
    }
    const at = all.indexOf(document.activeElement);
    const next = all.at(at < 0 ? Math.min(way, 0) : (at + way) % all.length);
    next.focus();
    this.says(next.getAttribute("aria-label"));
  }

  /* --- by finger and mouse --------------------------------------------------------------------------------- */

  grab(from, event) {
    const { view } = this.stage;
    const reach = event.pointerType === "mouse" ? EXACT : REACH;
    const part = this.box && this.mode !== "edges" ? geometry.grip(view, this.box, from, reach) : null;
    const whole = part && !part[0] && !part[1];
    // With drawing on, a box may be begun inside another.
    if (part && !(whole && this.mode === "drag")) return this.change(from, part);
    if (this.mode === "drag") return this.drag(from);
    return this.mode === "edges" ? this.tap(from, event) : null;
  }

  change(from, part) {
    const before = this.box;
    const { view } = this.stage;
    const to = ([x, y]) => {
      const way = [x - from[0], y - from[1]];
      return part[0] || part[1] ? geometry.sized(view, before, part, way) : geometry.moved(view, before, way);
    };
    return {
      move: (at) => { this.box = to(at); this.redraw(); },
      end: (at) => {
        const after = to(at);
        this.set(far(from, at) && !geometry.tooSmall(view, after) ? after : before);
      },
      cancel: () => this.put(before),
    };
  }

  drag(from) {
    const { view } = this.stage;
    const start = geometry.toPhoto(view, from);
    const to = (at) => geometry.around([start, geometry.toPhoto(view, at)]);
    return {
      move: (at) => { this.draft = far(from, at) < STILL ? null : to(at); this.redraw(); },
      end: (at) => {
        const box = to(at);
        this.draft = null;
        if (far(from, at) < STILL || geometry.tooSmall(view, box)) this.redraw();
        else this.finish(box);
      },
      cancel: () => { this.draft = null; this.redraw(); },
    };
  }

  tap(from, event) {
    const photo = this.stage.pan(from);
    const when = event.timeStamp;
    let dragged = false;
    return {
      move: (at) => {
        dragged ||= far(from, at) >= STILL;
        if (dragged) photo?.move(at);
      },
      end: (at) => {
        const twice = when - this.lastTap.when < TWICE && far(this.lastTap.at, at) < 3 * STILL;
        this.lastTap = { at, when };
        if (dragged || twice) return;
        this.points.push(geometry.toPhoto(this.stage.view, at));
        if (this.points.length < 4) {
          this.sayLeft();
          this.redraw();
          return;
        }
        const box = geometry.around(this.points);
        this.points = [];
        if (geometry.tooSmall(this.stage.view, box)) this.says("That is too small for a box. Tap its four edges again.");
        else this.finish(box);
        this.redraw();
      },
    };
  }

  sayLeft() {
    const left = 4 - this.points.length;
    this.says(left === 1 ? "One more edge." : `${left} more edges.`);
  }

  finish(box) {
    this.turnOn("off");
    this.set(box);
    this.says("Boxed. It is saved with your answer.");
    this.ended({ byKey: false });
  }

  /* --- by key ---------------------------------------------------------------------------------------------- */

  press(event) {
    const box = this.box ?? this.draft;
    const arrow = geometry.ARROWS[event.key];
    if (!box || event.ctrlKey || event.metaKey) return;
    if (arrow) {
      const way = arrow.map((each) => each * (event.shiftKey ? 1 : PACE));
      const { view } = this.stage;
      const part = [arrow[0] && 1, arrow[1] && 1];
      const after = event.altKey ? geometry.sized(view, box, part, way) : geometry.moved(view, box, way);
      if (!event.altKey || !geometry.tooSmall(view, after)) this.set(after);
    } else if (event.key === "Delete") {
      this.set(null);
      this.says("No box.");
      this.ended({ byKey: true });
    } else if (event.key === "Enter") {
      this.turnOn("off");
      this.set(box);
      this.says("Boxed. It is saved with your answer.");
      this.ended({ byKey: true });
    } else if (event.key === "Escape") {
      this.draft = null;
      this.redraw();
      this.ended({ byKey: true });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  leave() {
    if (!this.draft) return;
    this.draft = null;
    // Not within the event: what has lost the focus is being taken out of the page.
    queueMicrotask(() => this.redraw());
  }

  /* --- drawing --------------------------------------------------------------------------------------------- */

  redraw() { this.draw(this.stage.view, this.stage.svg); }

  draw(view, svg) {
    for (const { group, box, name } of this.shown) {
      group.replaceChildren();
      outline(geometry.onStage(view, box), name, group);
    }
    svg.querySelectorAll(".edge-tap").forEach((each) => each.remove());
    for (const point of this.points) {
      const [cx, cy] = geometry.toStage(view, point);
      shape("circle", { class: "edge-tap", r: HALF, cx, cy }, svg);
    }
    this.drawOwn(view, svg);
  }

  /* In the same elements each time: made anew, one would lose the focus, and a finger what it began on. */
  drawOwn(view, svg) {
    const box = this.draft ?? this.box;
    svg.classList.toggle("has-own", Boolean(box));
    if (!box) {
      this.group.remove();
      return;
    }
    if (!this.group.parentNode) svg.append(this.group);
    const sides = geometry.onStage(view, box);
    this.lines.replaceChildren();
    const size = { width: sides.width + 2 * REACH, height: sides.height + 2 * REACH };
    const reach = { x: sides.x - REACH, y: sides.y - REACH, ...size };
    for (const [side, value] of Object.entries(reach)) this.grip.setAttribute(side, value);
    outline(sides, this.name, this.lines);
    for (const [right, down] of HANDLES) {
      const [x, y] = [sides.x + right * sides.width - HALF, sides.y + down * sides.height - HALF];
      shape("rect", { class: "handle", x, y, width: 2 * HALF, height: 2 * HALF }, this.lines);
    }
    const [left, top, wide, high] = [box.x, box.y, box.width, box.height].map((each) => Math.round(1000 * each) / 10);
    const where = `${left} % from the left, ${top} % from the top, ${wide} % wide, ${high} % high`;
    this.group.setAttribute("aria-label", `Box of ${this.name}: ${where}`);
  }
}
