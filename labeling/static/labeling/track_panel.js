/* A GPX file chosen in one place field serves all of them on the page: what the camera's clock was ahead by is
   estimated from every photo, shown, and may be changed before any sighting is placed. */

import { estimate, fromWords, inWords, parse, positionAt } from "./tracks.js";

let points = null;

/* "2025-06-01T10:00:00Z 47.9 13.8", or without the Z, or without the place. */
function shot(text) {
  const [when, latitude, longitude] = text.split(" ");
  const zone = when.endsWith("Z");
  return { at: Date.parse(zone ? when : `${when}Z`), zone, latitude: Number(latitude), longitude: Number(longitude) };
}

const roots = () => [...document.querySelectorAll("[data-place][data-taken]")];
const takenAt = (root) => shot(root.dataset.taken).at;
const shots = () => roots().flatMap((root) => (root.dataset.shots || root.dataset.taken).split(";").map(shot));

async function read(input) {
  const root = input.closest("[data-place]");
  const panel = root.querySelector("[data-track]");
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  panel.hidden = false;
  try {
    points = parse(await file.text());
  } catch (error) {
    points = null;
    say(panel, error.message);
    panel.querySelector("[data-track-acts]").hidden = true;
    return;
  }
  const found = estimate(points, shots());
  panel.querySelector("[data-track-acts]").hidden = false;
  panel.querySelector("[data-track-ahead]").value = inWords(found.ahead);
  const noticed = found.ahead !== found.expected
    ? ` By the camera’s own clock it would be ${found.asIs}: it seems to have been ${off(found.ahead - found.expected)}.`
    : "";
  show(root, panel, noticed);
}

const off = (ms) => `${inWords(Math.abs(ms)).replace(/:00$/, "")} h ${ms > 0 ? "ahead" : "behind"}`;

function show(root, panel, more = "") {
  const ahead = fromWords(panel.querySelector("[data-track-ahead]").value);
  const there = (at) => ahead !== null && Boolean(positionAt(points, at - ahead));
  const all = shots();
  const on = all.filter((each) => there(each.at)).length;
  const sightings = roots().filter((each) => there(takenAt(each)));
  const one = panel.querySelector("[data-track-one]");
  const others = panel.querySelector("[data-track-all]");
  one.disabled = !there(takenAt(root));
  others.hidden = sightings.length < 2;
  others.textContent = `Place all ${sightings.length} sightings`;
  const wrong = ahead === null ? " Say the difference as hours:minutes:seconds, for example 1:00:00." : "";
  say(panel, `${on} of ${all.length} photo${all.length === 1 ? "" : "s"} ${on === 1 ? "lies" : "lie"} on this track.${more}${wrong}`);
}

function say(panel, text) { panel.querySelector("[data-track-says]").textContent = text; }

function place(root, ahead) {
  const there = positionAt(points, takenAt(root) - ahead);
  if (there) root.placeField.set({ ...there, source: "gpx" }, { look: true });
}

document.addEventListener("change", (event) => { if (event.target.matches?.("[data-track-file]")) read(event.target); });

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-track-ahead]") || !points) return;
  show(event.target.closest("[data-place]"), event.target.closest("[data-track]"));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-track-one], [data-track-all]");
  if (!button || !points) return;
  const panel = button.closest("[data-track]");
  const ahead = fromWords(panel.querySelector("[data-track-ahead]").value);
  if (ahead === null) return;
  const chosen = button.matches("[data-track-one]") ? [button.closest("[data-place]")] : roots();
  for (const root of chosen) place(root, ahead);
  say(panel, chosen.length === 1 ? "Placed by the track." : "Placed by the track: look at each before you add it.");
});
