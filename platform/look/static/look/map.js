/* A map that needs no network but this site's: land, coasts, borders and degrees from files that lie here, waters
   from the operator's. Drawn as SVG and coloured by tokens, so that a change of colours is followed at once.

     const map = await makeMap(element, { latitude: 47.9, longitude: 13.8, zoom: 9 });

   `tiles` says where waters and pictures come from; by default the element's data attributes do, which
   templates/species/_map.html writes. What lies on top of the map is added as to any map of Leaflet. */

import * as L from "../vendor/leaflet/leaflet-src.esm.js";
import feature from "../vendor/topojson-client/feature.js";
import mesh from "../vendor/topojson-client/mesh.js";

export { L };

const WORLD = { zoom: 2, latitude: 30, longitude: 0 };
const CLOSEST = 17;
const EDGES = [[-85.06, -190], [85.06, 190]];
// Lines of the coarse world are a pixel off from here on.
const FINE_FROM = 4;
const DEGREES = [0.01, 0.1, 0.5, 1, 5, 10, 30];
const LINE_PX = 60; // lines of the net are no closer
// Waters of a level are drawn from its zoom on, until the next one's.
const LEVELS = [4, 7, 10];
const NAMES_FROM = 7;
const GROUND = ["land", "net", "lines", "waters", "names"];

export async function makeMap(element, options = {}) {
  const { latitude, longitude, zoom, interactive = true, tiles = tilesOf(element) } = options;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    center: [latitude ?? WORLD.latitude, longitude ?? WORLD.longitude],
    zoom: zoom ?? WORLD.zoom,
    minZoom: 1,
    maxZoom: CLOSEST,
    maxBounds: EDGES,
    attributionControl: false,
    zoomControl: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
    inertia: !still,
    ...(interactive ? {} : Object.fromEntries(GESTURES.map((name) => [name, false]))),
  });
  GROUND.forEach((name, number) => {
    const pane = map.createPane(name);
    pane.style.zIndex = String(110 + number);
    pane.style.pointerEvents = "none";
  });
  L.control.attribution({ prefix: false }).addTo(map).addAttribution("Land: Natural Earth");
  if (interactive) addTools(map);
  drawLand(map);
  drawNet(map);
  if (tiles.pictures) addPictures(map, tiles);
  else if (tiles.waters) drawWaters(map, tiles);
  // A map in what is folded away has no size yet.
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(element);
  return map;
}

const GESTURES = ["dragging", "touchZoom", "doubleClickZoom", "scrollWheelZoom", "boxZoom", "keyboard", "tap"];

function tilesOf(element) {
  const { waters, watersCredit, pictures, picturesCredit } = element.dataset;
  return { waters, watersCredit, pictures, picturesCredit };
}

/* 44 px, and more of them by whoever makes the map: addTool(map, {label, icon, act}). */
function addTools(map) {
  const tools = document.createElement("div");
  tools.className = "map-tools";
  map.getContainer().append(tools);
  L.DomEvent.disableClickPropagation(tools);
  L.DomEvent.disableScrollPropagation(tools);
  addTool(map, { label: "Zoom in", icon: "M10 4v12M4 10h12", act: () => map.zoomIn() });
  addTool(map, { label: "Zoom out", icon: "M4 10h12", act: () => map.zoomOut() });
}

export function addTool(map, { label, icon, act }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-icon";
  button.setAttribute("aria-label", label);
  button.append(drawn({ class: "i", viewBox: "0 0 20 20", "aria-hidden": "true" }, [icon]));
  button.addEventListener("click", act);
  map.getContainer().querySelector(".map-tools").append(button);
  return button;
}

/* An SVG with one path per text. */
export function drawn(attributes, paths) {
  const made = (name, values) => {
    const each = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(values)) each.setAttribute(key, value);
    return each;
  };
  const svg = made("svg", attributes);
  for (const path of paths) svg.append(made("path", { d: path }));
  return svg;
}

const layer = (map, pane, className, data) =>
  L.geoJSON(data, { pane, renderer: rendererOf(map, pane), interactive: false, style: { className } });

function rendererOf(map, pane) {
  map.renderers ??= {};
  map.renderers[pane] ??= L.svg({ pane, padding: 0.5 });
  return map.renderers[pane];
}

/* Land and its lines, of the detail that the zoom asks for; each is fetched once per page. */
const WORLDS = {
  coarse: "../vendor/world-atlas/countries-110m.json",
  fine: "../vendor/world-atlas/countries-50m.json",
};
const worlds = new Map();

function world(detail) {
  if (!worlds.has(detail)) {
    const read = async () => {
      const answer = await fetch(new URL(WORLDS[detail], import.meta.url));
      if (!answer.ok) throw new Error(String(answer.status));
      const topology = await answer.json();
      const { countries, land } = topology.objects;
      return {
        land: feature(topology, land),
        coasts: mesh(topology, land),
        borders: mesh(topology, countries, (one, other) => one !== other),
      };
    };
    worlds.set(detail, read().catch((error) => { worlds.delete(detail); throw error; }));
  }
  return worlds.get(detail);
}

function drawLand(map) {
  let shown = "";
  let group = null;
  const show = async () => {
    const detail = map.getZoom() < FINE_FROM ? "coarse" : "fine";
    if (detail === shown) return;
    shown = detail;
    let parts;
    try {
      parts = await world(detail);
    } catch {
      shown = ""; // asked for again with the next zoom; degrees and waters stand without
      return;
    }
    if (shown !== detail || !map.getContainer().isConnected) return;
    group?.remove();
    group = L.layerGroup([
      layer(map, "land", "m-land", parts.land),
      layer(map, "lines", "m-border", parts.borders),
      layer(map, "lines", "m-coast", parts.coasts),
    ]).addTo(map);
    map.getContainer().dataset.drawn = detail;
  };
  map.on("zoomend", show);
  show();
}

/* Parallels and meridians: at the closest of them, the edges of the squares that others see. */
function drawNet(map) {
  let net = null;
  const show = () => {
    const pixels = map.project([0, 1]).subtract(map.project([0, 0])).x;
    const step = DEGREES.find((each) => each * pixels >= LINE_PX) ?? 30;
    const seen = map.getBounds().pad(0.5);
    const lines = [];
    const along = (from, to) => {
      const found = [];
      for (let at = Math.ceil(from / step); at * step <= to; at += 1) found.push(at * step);
      return found;
    };
    const [south, north] = [Math.max(-85, seen.getSouth()), Math.min(85, seen.getNorth())];
    const [west, east] = [Math.max(-180, seen.getWest()), Math.min(180, seen.getEast())];
    for (const each of along(west, east)) lines.push([[south, each], [north, each]]);
    for (const each of along(south, north)) lines.push([[each, west], [each, east]]);
    net?.remove();
    net = L.polyline(lines, {
      pane: "net", renderer: rendererOf(map, "net"), interactive: false, className: "m-grid", fill: false,
    }).addTo(map);
  };
  map.on("moveend", show);
  show();
}

function addPictures(map, tiles) {
  L.tileLayer(tiles.pictures, { maxZoom: CLOSEST, attribution: tiles.picturesCredit ?? "" }).addTo(map);
}

/* The waters of the squares in view, each fetched once. */
function drawWaters(map, tiles) {
  const squares = new Map();
  if (tiles.watersCredit) map.attributionControl?.addAttribution(tiles.watersCredit);
  const names = L.layerGroup().addTo(map);
  const show = async () => {
    const level = LEVELS.findLast((each) => each <= map.getZoom());
    const wanted = new Set(level ? inView(map, level) : []);
    for (const [key, square] of squares) {
      if (!wanted.has(key)) { square.layer?.remove(); squares.delete(key); }
    }
    await Promise.all([...wanted].filter((key) => !squares.has(key)).map((key) => add(key)));
    name(map, names, [...squares.values()].flatMap((square) => square.features ?? []));
  };
  const add = async (key) => {
    const square = {};
    squares.set(key, square);
    const [z, x, y] = key.split("/");
    try {
      const answer = await fetch(tiles.waters.replace("{z}", z).replace("{x}", x).replace("{y}", y));
      if (!answer.ok) throw new Error(String(answer.status));
      square.features = (await answer.json()).features;
    } catch {
      squares.delete(key);
      return;
    }
    if (squares.get(key) !== square) return;
    square.layer = L.geoJSON(square.features, {
      pane: "waters",
      renderer: rendererOf(map, "waters"),
      interactive: false,
      style: ({ geometry, properties }) => ({
        className: geometry.type.endsWith("Polygon") ? "m-lake" : `m-river${properties.big ? " is-big" : ""}`,
        fill: geometry.type.endsWith("Polygon"),
      }),
      pointToLayer: () => null,
      filter: ({ geometry }) => geometry.type !== "Point",
    }).addTo(map);
  };
  map.on("moveend", show);
  show();
}

function inView(map, level) {
  const most = 2 ** level;
  const seen = map.getBounds();
  const at = (place) => map.project(place, level).divideBy(256).floor();
  const [first, last] = [at(seen.getNorthWest()), at(seen.getSouthEast())];
  const found = [];
  for (let x = Math.max(0, first.x); x <= Math.min(most - 1, last.x); x += 1) {
    for (let y = Math.max(0, first.y); y <= Math.min(most - 1, last.y); y += 1) found.push(`${level}/${x}/${y}`);
  }
  return found;
}

/* Each name once, at the longest piece of the water that is in view; none over another. */
function name(map, group, features) {
  group.clearLayers();
  if (map.getZoom() < NAMES_FROM) return;
  const seen = map.getBounds().pad(-0.05);
  const best = new Map();
  for (const { properties, geometry } of features) {
    if (!properties.name) continue;
    const middle = middleOf(geometry, seen);
    const size = geometry.type === "Point" ? Infinity : JSON.stringify(geometry.coordinates).length;
    const key = `${properties.name} ${geometry.type === "Point"}`;
    if (middle && size >= (best.get(key)?.size ?? 0)) best.set(key, { text: properties.name, size, middle, geometry });
  }
  const taken = [];
  for (const { text, middle, geometry } of [...best.values()].sort((one, other) => other.size - one.size)) {
    const at = map.latLngToContainerPoint(middle);
    const half = [text.length * 4 + 6, 10];
    if (taken.some((each) => Math.abs(each.x - at.x) < each.half + half[0] && Math.abs(each.y - at.y) < 2 * half[1])) continue;
    taken.push({ x: at.x, y: at.y, half: half[0] });
    const words = document.createElement("span");
    words.textContent = text;
    const className = geometry.type === "Point" ? "m-place-name" : "m-water-name";
    const icon = L.divIcon({ className, html: words, iconSize: null });
    L.marker(middle, { icon, pane: "names", interactive: false, keyboard: false }).addTo(group);
  }
}

/* The middle of what of it is in view; null where nothing is. */
function middleOf({ type, coordinates }, seen) {
  const at = ([longitude, latitude]) => L.latLng(latitude, longitude);
  if (type === "Point") return seen.contains(at(coordinates)) ? at(coordinates) : null;
  let line = coordinates;
  while (Array.isArray(line[0][0])) line = line.reduce((one, other) => (other.length > one.length ? other : one));
  if (type.endsWith("Polygon")) {
    const middle = L.latLngBounds(line.map(at)).getCenter();
    return seen.contains(middle) ? middle : null;
  }
  const steps = line.slice(1).flatMap((end, number) => [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => (
    [line[number][0] + part * (end[0] - line[number][0]), line[number][1] + part * (end[1] - line[number][1])])));
  const inside = steps.map(at).filter((each) => seen.contains(each));
  return inside.length ? inside[Math.floor(inside.length / 2)] : null;
}
