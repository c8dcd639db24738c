/* The boxes of the labeling room: what is drawn on the stage stands in the form's number fields, and the other way
   round. The fields are what is kept: they are sent with the answer, come back with a page that refuses it, and each
   photo of the organism has its own. */

import { Boxes } from "./boxes.js";
import { boxIn } from "./marks.js";
import { Stage } from "./stage.js";

const SIDES = ["x", "y", "width", "height"];
const DECIMALS = 1000; // of a per cent, as the server rounds

const fraction = (text) => (text.trim() === "" ? NaN : Number(text) / 100);

function valid({ x, y, width, height }) {
  const inside = x >= 0 && y >= 0 && x + width <= 1.00001 && y + height <= 1.00001;
  return inside && width > 0 && height > 0;
}

function boxOf(fields) {
  const values = SIDES.map((side) => fraction(fields.querySelector(`[data-side="${side}"]`).value));
  const box = Object.fromEntries(SIDES.map((side, number) => [side, values[number]]));
  return valid(box) ? box : null;
}

/* By its edges: rounded so, it is never wider than the photo. */
function write(fields, box) {
  const per = (value) => Math.round(100 * DECIMALS * value) / DECIMALS;
  const edges = box && [per(box.x), per(box.y), per(box.x + box.width), per(box.y + box.height)];
  const values = box ? [edges[0], edges[1], per((edges[2] - edges[0]) / 100), per((edges[3] - edges[1]) / 100)] : [];
  SIDES.forEach((side, number) => { fields.querySelector(`[data-side="${side}"]`).value = values[number] ?? ""; });
}

/* What is drawn and not sent yet outlives a reload, in this tab: some browsers forget fields. Not where the server has
   another box meanwhile than the one that it was drawn instead of. */
const was = (fields) => fields.querySelector("[type=hidden]").value;
const place = (fields) => `box ${fields.dataset.occurrence} ${fields.dataset.boxPhoto}`;

function keep(fields, box) {
  try {
    sessionStorage.setItem(place(fields), JSON.stringify({ was: was(fields), box }));
  } catch { /* then a reload forgets it */ }
}

function bringBack(fields) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(place(fields)));
    if (kept && kept.was === was(fields) && "fresh" in fields.dataset) write(fields, kept.box);
  } catch { /* nothing was kept */ }
}

/* What it has of a stage: a function that lets it hear of keys and photos until a signal says that another is shown. */
function attach(root) {
  const form = document.getElementById(root.dataset.form);
  const panel = form.querySelector("[data-box-panel]");
  const hint = root.querySelector("[data-stage-hint]");
  const stage = new Stage(root);
  root.stage = stage; // other modules draw over it, too
  const tools = [...root.querySelectorAll("[data-draw]")];
  const status = form.querySelector("[data-box-status]");
  let fields = null;

  const show = () => {
    status.textContent = boxes.box ? "drawn" : "none yet";
    for (const tool of tools) tool.setAttribute("aria-pressed", String(tool.dataset.draw === boxes.mode));
  };

  const boxes = new Boxes(stage, {
    name: root.dataset.name,
    changed: (box) => { write(fields, box); keep(fields, box); show(); },
    says: (sentence) => { hint.textContent = sentence; },
    ended: ({ byKey }) => {
      show();
      // From here Enter saves, as everywhere in the room.
      if (byKey) document.getElementById("main").focus({ preventScroll: true });
    },
  });

  /* The photo that is looked at now, and what is filled in of it. */
  const look = () => {
    const photo = form.elements.photo.value;
    for (const each of panel.querySelectorAll("[data-box-photo]")) {
      each.hidden = each.dataset.boxPhoto !== photo;
      if (!each.hidden) fields = each;
    }
    const beside = [...root.querySelectorAll("[data-beside]")].filter((each) => each.dataset.beside === photo);
    const marks = root.dataset.photo === photo ? [...root.querySelectorAll(".marks .box")] : [];
    boxes.surround(
      marks.map((mark) => boxIn(mark)),
      beside.map((each) => ({ box: boxIn(each, "data-"), name: each.dataset.name })),
    );
    boxes.put(boxOf(fields));
    show();
  };

  for (const tool of tools) {
    tool.addEventListener("click", (event) => {
      const on = boxes.mode === tool.dataset.draw;
      boxes.turnOn(on ? "off" : tool.dataset.draw);
      // By key there is something to move at once; a finger or a mouse draws it.
      if (!on && event.detail === 0 && tool.dataset.draw === "drag") boxes.begin();
      show();
    });
  }
  for (const button of root.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => boxes.step(Number(button.dataset.step)));
  }
  panel.addEventListener("input", () => {
    boxes.put(boxOf(fields));
    keep(fields, boxes.box);
    show();
  });
  for (const each of panel.querySelectorAll("[data-box-photo]")) bringBack(each);
  look();
  return (signal) => {
    stage.listen(signal);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || boxes.mode === "off") return;
      boxes.turnOn("off");
      show();
    }, { signal });
    document.addEventListener("photochange", () => { stage.change(); look(); }, { signal });
    // Back from another page the browser has filled the fields in anew.
    window.addEventListener("pageshow", look, { signal });
  };
}

const attached = new WeakMap();
let listening = new AbortController();

/* The room puts one photo after another on the page, and some come again. */
function shown() {
  const root = document.querySelector("[data-stage]");
  listening.abort();
  listening = new AbortController();
  if (!root) return;
  if (!attached.has(root)) attached.set(root, attach(root));
  attached.get(root)(listening.signal);
}

if (matchMedia("(scripting: enabled)").matches) {
  document.addEventListener("room:shown", shown);
  shown();
}
