/* Hexagons on a map of look/map.js, as the server tells them: [id, count, verified, ring], a ring being latitude and
   longitude of its first corner and the steps to the next ones, in ten-thousandths of a degree. */

import { L } from "../look/map.js";

const UNITS = 10000;
const SHADES = 5;

export function corners(ring) {
  const found = [];
  let [latitude, longitude] = [0, 0];
  for (let at = 0; at < ring.length; at += 2) {
    latitude += ring[at];
    longitude += ring[at + 1];
    found.push([latitude / UNITS, longitude / UNITS]);
  }
  return found;
}

/* From 1 to 5, in equal factors up to the fullest. */
export const shade = (count, most) =>
  (most > 1 ? Math.min(SHADES, 1 + Math.floor((SHADES * Math.log(count)) / Math.log(most + 1))) : 1);

export const fullest = (cells) => cells.reduce((most, cell) => Math.max(most, cell[1]), 0);

/* A layer of them; `choose(id)` where one is pressed. */
export function drawHexagons(cells, { choose, faint = false } = {}) {
  const most = fullest(cells);
  return L.layerGroup(cells.map(([id, count, , ring]) => {
    const shape = L.polygon(corners(ring), {
      className: `hex hex-${shade(count, most)}${faint ? " hex-faint" : ""}`,
      interactive: Boolean(choose),
      bubblingMouseEvents: false,
      smoothFactor: 0,
      weight: 1,
    });
    shape.cell = id;
    if (choose) shape.on("click", () => choose(id));
    return shape;
  }));
}
