/* Where a taxon was verified, on its page. */

import { makeMap } from "../look/map.js";
import { drawHexagons } from "./hexagons.js";

const LAID_OUT_PX = 640; // the width that the server chose a zoom for

async function show(section) {
  const canvas = section.querySelector("[data-map]");
  const answer = await fetch(section.dataset.range, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const { at: [latitude, longitude, zoom], cells } = await answer.json();
  const fitting = zoom + Math.floor(Math.log2(Math.min(1, canvas.clientWidth / LAID_OUT_PX)));
  const map = await makeMap(canvas, { latitude, longitude, zoom: Math.max(1, fitting) });
  // A page is scrolled over a map more often than the map is meant.
  map.scrollWheelZoom.disable();
  drawHexagons(cells).addTo(map);
  section.querySelector("[data-range-says]").textContent = cells.length
    ? "Verified sightings, in hexagons; the stronger, the more."
    : "No place of it is public.";
  canvas.dataset.drawnCells = String(cells.length);
}

for (const section of document.querySelectorAll("[data-range]")) {
  show(section).catch(() => {
    section.querySelector("[data-range-says]").textContent = "The map did not arrive. Load the page again.";
  });
}
