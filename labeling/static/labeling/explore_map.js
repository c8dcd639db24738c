/* The map of Explore: hexagons of what the filters find, points where places are shown, and a card for what is chosen.
   The filters are those of the address, which also holds where the map is (`at`), so that Back, a reload and a link
   lead to the same view. templates/labeling/_explore_map.html has the numbers for who does without it. */

import { L, makeMap } from "../look/map.js";
import { corners, drawHexagons, fullest } from "../species/hexagons.js";

const WAIT_MS = 150; // after the last move
const LAID_OUT_PX = 640; // the width that the server chose a zoom for
const SPARE = 0.25; // of a view more on each side, so that a small move asks for nothing
const POINT_PX = 7;
const TOUCH_PX = 22;

class ExploreMap {
  constructor(frame) {
    this.frame = frame;
    this.pop = frame.querySelector("[data-pop]");
    this.body = frame.querySelector("[data-pop-body]");
    this.says = document.querySelector("[data-map-says]");
    this.legend = document.querySelector("[data-legend]");
    this.form = document.querySelector("#filters");
    this.asked = new URLSearchParams(location.search);
    this.chosen = frame.dataset.cell;
    this.moved = this.asked.has("at");
    this.shown = null;
    frame.querySelector("[data-close]").addEventListener("click", () => this.close());
    frame.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("click", (event) => this.follow(event), { capture: true });
    this.make();
  }

  async make() {
    const canvas = this.frame.querySelector("[data-map]");
    const [latitude, longitude, zoom] = this.frame.dataset.at.split(",").map(Number);
    const narrower = this.moved ? 0 : Math.floor(Math.log2(Math.min(1, canvas.clientWidth / LAID_OUT_PX)));
    this.map = await makeMap(canvas, { latitude, longitude, zoom: Math.max(1, zoom + narrower) });
    this.frame.dataset.ready = "yes";
    // A map moves by itself while it is laid out; the address is for what somebody has moved.
    for (const touched of ["pointerdown", "keydown", "wheel"]) {
      this.frame.addEventListener(touched, () => { this.touched = true; }, { passive: true });
    }
    this.map.on("moveend", () => this.move());
    this.show();
  }

  get place() {
    const middle = this.map.getCenter().wrap();
    return `${middle.lat.toFixed(4)},${middle.lng.toFixed(4)},${this.map.getZoom()}`;
  }

  move() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), WAIT_MS);
    if (!this.touched) return;
    this.moved = true;
    const address = new URL(location.href);
    address.searchParams.set("at", this.place);
    history.replaceState(history.state, "", address);
    if (this.form) {
      const field = this.form.elements.namedItem("at") ?? this.form.appendChild(this.hidden());
      field.value = this.place;
    }
  }

  hidden() {
    return Object.assign(document.createElement("input"), { type: "hidden", name: "at" });
  }

  /* A link to this page with other filters leads to where the map is now. */
  follow(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || !this.moved || link.pathname !== location.pathname || !link.search) return;
    const address = new URL(link.href);
    address.searchParams.set("at", this.place);
    link.href = address;
  }

  filters() {
    const query = new URLSearchParams(this.asked);
    for (const name of ["at", "cell", "cursor", "order", "page_size"]) query.delete(name);
    return query;
  }

  async show() {
    const { place } = this;
    const zoom = this.map.getZoom();
    const seen = this.map.getBounds();
    if (this.shown?.zoom === zoom && this.shown.box.contains(seen)) {
      this.frame.dataset.drawn = place;
      return;
    }
    const box = seen.pad(SPARE);
    const query = this.filters();
    query.set("view", edges(box).join(","));
    query.set("zoom", String(zoom));
    this.request?.abort();
    this.request = new AbortController();
    let found;
    try {
      const answer = await fetch(`${this.frame.dataset.cells}?${query}`, {
        signal: this.request.signal, credentials: "same-origin",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      found = await answer.json();
    } catch (error) {
      if (error.name !== "AbortError") this.says.textContent = "The numbers did not arrive. Move the map to try again.";
      return;
    }
    this.shown = { zoom, box };
    this.draw(found);
    this.frame.dataset.drawn = place;
  }

  draw(found) {
    this.found = found;
    this.layer?.remove();
    const near = found.points.length > 0;
    this.layer = drawHexagons(found.cells, { choose: (id) => this.choose({ cell: id }), faint: near }).addTo(this.map);
    const { points } = found;
    for (const [latitude, longitude, id, status] of points) {
      const choose = () => this.choose({ observation: id });
      // The dot is small and the place to press is not.
      L.circleMarker([latitude, longitude], { radius: TOUCH_PX, stroke: false, className: "m-touch" })
        .on("click", choose).addTo(this.layer);
      L.circleMarker([latitude, longitude], { radius: POINT_PX, className: `m-point is-${status}` })
        .on("click", choose).addTo(this.layer);
    }
    this.outline();
    const most = fullest(found.cells);
    this.legend.textContent = most > 1 ? `1 … ${most.toLocaleString("en")}` : "1";
    this.says.textContent = words(found);
    this.count(found.months);
  }

  /* The months of what is on the map. */
  count(months) {
    const most = Math.max(1, ...months);
    for (const [number, bar] of document.querySelectorAll(".season-month").entries()) {
      const share = (100 * months[number]) / most;
      bar.querySelector("rect").setAttribute("y", `${100 - share}%`);
      bar.querySelector("rect").setAttribute("height", `${share}%`);
      bar.querySelector("[data-count]").textContent = months[number].toLocaleString("en");
    }
  }

  outline() {
    this.pick?.remove();
    const cell = this.found?.cells.find(([id]) => id === this.chosen);
    this.pick = cell
      ? L.polygon(corners(cell[3]), { className: "m-pick", interactive: false, smoothFactor: 0 }).addTo(this.map)
      : null;
  }

  /* Enter opens the hexagon in the middle, Escape closes the card. */
  press(event) {
    if (event.key === "Escape" && !this.pop.hidden) this.close();
    if (event.key !== "Enter" || !event.target.matches("[data-map]") || !this.found) return;
    const middle = this.map.getCenter();
    const far = ([, , , ring]) => L.latLngBounds(corners(ring)).getCenter().distanceTo(middle);
    const nearest = this.found.cells.reduce((one, other) => (one && far(one) <= far(other) ? one : other), null);
    if (nearest) this.choose({ cell: nearest[0] }, { byKey: true });
  }

  async choose(what, { byKey = false } = {}) {
    this.chosen = what.cell ?? "";
    this.outline();
    const query = this.filters();
    for (const [name, value] of Object.entries(what)) query.set(name, value);
    this.asking = query.toString();
    let text;
    try {
      const answer = await fetch(`${this.frame.dataset.card}?${query}`, { credentials: "same-origin" });
      text = await answer.text();
    } catch {
      this.says.textContent = "That did not arrive. Press it again.";
      return;
    }
    if (this.asking !== query.toString()) return;
    this.body.innerHTML = text;
    this.pop.hidden = false;
    if (byKey) this.pop.focus({ preventScroll: true });
  }

  close() {
    this.pop.hidden = true;
    this.chosen = this.frame.dataset.cell;
    this.outline();
    this.frame.querySelector("[data-map]").focus({ preventScroll: true });
  }
}

function edges(box) {
  const wide = box.getEast() - box.getWest() >= 360;
  const turned = (longitude) => ((((longitude + 180) % 360) + 360) % 360) - 180;
  const [west, east] = wide ? [-180, 180] : [turned(box.getWest()), turned(box.getEast())];
  const near = (latitude) => Math.max(-90, Math.min(90, latitude));
  return [west, near(box.getSouth()), east, near(box.getNorth())].map((each) => each.toFixed(4));
}

function words({ total, first, more, nowhere, points }) {
  const many = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
  const said = [];
  if (first) said.push(`Of what these filters find, the newest ${first.toLocaleString("en")} are on the map.`);
  said.push(total ? `${many(total, "sighting")} around here.` : "Nothing was seen around here.");
  if (more) said.push(`Only ${many(points.length, "point")} of more are drawn: look closer.`);
  if (nowhere) said.push(`${many(nowhere, "sighting")} show${nowhere === 1 ? "s" : ""} no place.`);
  return said.join(" ");
}

/* The months: a drag across them chooses all that it crosses, as the first one was. */
function dragAcross(bars) {
  let to = null;
  const box = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest(".season-month")?.querySelector("input");
  bars.addEventListener("pointerdown", (event) => {
    const first = box(event);
    to = first && event.pointerType === "mouse" ? { first, checked: !first.checked } : null;
  });
  bars.addEventListener("pointermove", (event) => {
    const over = to && box(event);
    if (over && over !== to.first) { over.checked = to.checked; to.first.checked = to.checked; to.dragged = true; }
  });
  // The click that ends a drag would undo its last month.
  bars.addEventListener("click", (event) => { if (to?.dragged) { event.preventDefault(); } to = null; }, true);
}

for (const bars of document.querySelectorAll(".season-bars")) dragAcross(bars);
for (const frame of document.querySelectorAll("[data-explore-map]")) new ExploreMap(frame);
