/* Pointing on the photo of a sighting's page: a press, or a cross that arrows move, fills in the two numbers of the form.
   Without this module they are typed. */

import { Cross } from "./cross.js";

const form = document.querySelector("[data-point]");
const plate = document.querySelector(".bleed > .plate");

function attach() {
  const start = form.querySelector("[data-point-start]");
  const says = form.querySelector("[data-point-says]");
  const { x, y, mark } = form.elements;
  const own = form.querySelector("[data-own-words]");

  const filled = () => {
    const at = [x, y].map((each) => (each.value.trim() === "" ? NaN : Number(each.value) / 100));
    return at.every((each) => each >= 0 && each <= 1) ? at : null;
  };

  const leave = () => {
    cross.hide();
    plate.classList.remove("is-pointing");
    start.setAttribute("aria-pressed", "false");
  };

  const cross = new Cross(plate, {
    moved: (at) => {
      [x.value, y.value] = at.map((each) => Math.round(100_000 * each) / 1000);
      says.textContent = "Pointed. Save it, or press elsewhere.";
    },
    done: () => {
      if (!filled()) cross.move(cross.at);
      leave();
      form.querySelector(".btn-main").focus();
    },
    left: () => { leave(); start.focus(); },
  });

  start.hidden = false;
  start.setAttribute("aria-pressed", "false");
  start.addEventListener("click", () => {
    if (cross.shown) { leave(); return; }
    start.setAttribute("aria-pressed", "true");
    plate.classList.add("is-pointing");
    plate.scrollIntoView({ block: "nearest" });
    cross.show(filled());
    cross.button.focus({ preventScroll: true });
    if (!filled()) says.textContent = "Press where it is on the photo, or move the cross with the arrow keys.";
  });
  plate.addEventListener("click", (event) => { if (cross.shown) cross.follow(event); });
  for (const each of [x, y]) {
    each.addEventListener("input", () => {
      const at = filled();
      if (at && cross.shown) cross.move(at, { tell: false });
    });
  }
  addEventListener("resize", () => { if (cross.shown) cross.redraw(); });

  /* One of the two is meant: words of one's own are asked for where no mark is chosen. */
  const which = () => { own.hidden = Boolean(mark?.value); if (own.hidden) form.elements.words.value = ""; };
  mark?.addEventListener("change", which);
  which();
}

if (form && plate) attach();
