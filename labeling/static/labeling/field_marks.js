/* Pointing on the photo of a sighting's page (points.js), of which viewer.js, before it on the page, has made a stage.
   Without this module the two numbers are typed. */

import { Points } from "./points.js";

const form = document.querySelector("[data-point]");
const stage = document.querySelector("[data-viewer]")?.stage;

function attach() {
  const start = form.querySelector("[data-point-start]");
  const says = form.querySelector("[data-point-says]");
  const { x, y, mark, words } = form.elements;
  const own = form.querySelector("[data-own-words]");

  const points = new Points(stage, {
    takes: () => points.cross.shown,
    fields: () => [x, y],
    says: (sentence) => { says.textContent = sentence; },
    done: () => {
      if (!points.placed) points.cross.move(points.cross.at);
      leave();
      form.querySelector(".btn-main").focus();
    },
    left: () => { leave(); start.focus(); },
  });

  function leave() {
    points.hide();
    start.setAttribute("aria-pressed", "false");
  }

  start.hidden = false;
  start.setAttribute("aria-pressed", "false");
  start.addEventListener("click", () => {
    if (points.cross.shown) { leave(); return; }
    start.setAttribute("aria-pressed", "true");
    stage.shot.scrollIntoView({ block: "nearest" });
    points.show();
    points.cross.button.focus({ preventScroll: true });
  });
  for (const each of [x, y]) {
    each.addEventListener("input", () => {
      if (points.placed && points.cross.shown) points.cross.move(points.placed, { tell: false });
    });
  }

  /* One of the two is meant: words of one's own are asked for where no mark is chosen. */
  const which = () => { own.hidden = Boolean(mark?.value); if (own.hidden) words.value = ""; };
  mark?.addEventListener("change", which);
  which();
}

if (form && stage) attach();
