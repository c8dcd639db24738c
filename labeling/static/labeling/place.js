/* The place of a sighting: a pin with its circle, by mouse, finger and keys, from the device, a photo, a known name or
   the place before; and beside it the square that others will see. Attaches itself to templates/labeling/_place.html,
   also where it comes later. The form's fields are the truth: whatever is set here is written into them, and they say
   so with an `input` event. A `place` event follows, for who shows the place elsewhere. */

import { squareOf, strictest } from "../species/squares.js";

const PIN = "M14 41C5 28 0 21 0 14a14 14 0 0 1 28 0c0 7-5 14-14 27z";
const MIDDLE = "M10 2.5v4M10 13.5v4M2.5 10h4M13.5 10h4M10 9v2M9 10h2";
const POINTED_PX = 12; // how well somebody points at a map
const SMALLEST_M = 5;
const GROWS = 1.25;
const HANDLE_PX = 34; // from the pin, where the circle is smaller
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const RUN = 8; // a key that is held moves further after so many steps
const REFUSED = {
  1: "This browser did not let the page ask. Allow the place in the settings beside the address, or press on the map.",
  2: "The device does not know where it is just now. Outdoors it may; or press on the map.",
  3: "The device took too long to say where it is. Try again, or press on the map.",
};
const INSECURE = "Browsers tell a place to pages on https only, and this one is not. Press on the map instead.";

let before = null; // the place set last on this page, where the next map begins

const number = (text) => {
  const found = Number.parseFloat(String(text ?? "").replace(",", "."));
  return Number.isFinite(found) ? found : null;
};
const inDigits = (metres) => {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(metres, 1))) - 1);
  return Math.max(SMALLEST_M, Math.round(metres / step) * step);
};
const parsed = (text) => {
  const [latitude, longitude, uncertainty] = (text ?? "").split(" ").map(number);
  return latitude === null || longitude == null ? null : { latitude, longitude, uncertainty: uncertainty ?? null };
};

class PlaceField {
  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    this.floor = root.dataset.floor || "open";
    this.why = root.dataset.why || "";
    root.dataset.ready = "yes";
    this.attach();
    this.askFloor();
    this.show();
    const canvas = root.querySelector("[data-map]");
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      this.makeMap(canvas);
    });
    seen.observe(canvas);
  }

  field(name) { return this.form.elements.namedItem(name); }
  input(name) { return this.form.querySelector(`input[name="${name}"]`); }
  part(name) { return this.root.querySelector(`[data-${name}]`); }
  get last() { return before ?? parsed(document.querySelector("[data-last-place]")?.dataset.lastPlace); }

  get place() {
    const [latitude, longitude] = ["latitude", "longitude"].map((name) => number(this.field(name).value));
    const there = latitude !== null && longitude !== null && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    return there ? { latitude, longitude, uncertainty: number(this.field("uncertainty_m").value) } : null;
  }

  /* What others may see: the stricter of what is chosen and what the name asks for. */
  get level() { return strictest(this.field("privacy").value || "generalized", this.floor); }

  set({ latitude, longitude, uncertainty, source }, { look = false } = {}) {
    this.field("latitude").value = latitude.toFixed(6);
    this.field("longitude").value = longitude.toFixed(6);
    if (uncertainty !== undefined) this.field("uncertainty_m").value = uncertainty === null ? "" : String(uncertainty);
    const from = this.field("place_source");
    from.value = source;
    before = this.place;
    from.dispatchEvent(new Event("input", { bubbles: true }));
    this.show();
    if (look) this.look();
  }

  attach() {
    this.form.addEventListener("input", (event) => this.edited(event.target));
    this.form.addEventListener("change", (event) => this.edited(event.target));
    this.input("name")?.addEventListener("change", () => this.askFloor());
    this.input("place_name")?.addEventListener("chosen", ({ detail }) => {
      const [latitude, longitude, uncertainty] = [detail.latitude, detail.longitude, detail.uncertainty].map(number);
      if (latitude !== null) this.set({ latitude, longitude, uncertainty, source: "place_name" }, { look: true });
    });
    this.part("device").addEventListener("click", (event) => this.askDevice(event.currentTarget));
    this.part("from-photo")?.addEventListener("click", ({ currentTarget: { dataset } }) => {
      this.set({ ...parsed(dataset.fromPhoto), source: dataset.source }, { look: true });
    });
    this.part("from-last").addEventListener("click", () => {
      this.set({ ...this.last, source: "map_pin" }, { look: true });
    });
  }

  edited(field) {
    if (["latitude", "longitude"].includes(field.name)) this.field("place_source").value = "map_pin";
    if (["latitude", "longitude", "uncertainty_m", "privacy"].includes(field.name)) this.show();
  }

  askDevice(button) {
    if (!isSecureContext || !navigator.geolocation) { this.say(INSECURE); return; }
    button.disabled = true;
    this.say("Asking the device …");
    const answered = (text) => { button.disabled = false; this.say(text); };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const uncertainty = Math.max(1, Math.round(coords.accuracy));
        this.set({ latitude: coords.latitude, longitude: coords.longitude, uncertainty, source: "device" }, { look: true });
        answered(`The device says so, give or take ${uncertainty} m.`);
      },
      (error) => answered(REFUSED[error.code] ?? REFUSED[2]),
      { enableHighAccuracy: true, timeout: 20000 },
    );
  }

  async askFloor() {
    const name = this.field("name")?.value?.trim();
    this.asked = name;
    let answer = { level: "open", why: "" };
    if (name) {
      try {
        const address = new URL(this.root.dataset.floorUrl, location.href);
        address.searchParams.set("name", name);
        answer = await (await fetch(address, { headers: { Accept: "application/json" } })).json();
      } catch {
        return; // the server applies it in any case
      }
    }
    if (this.asked !== name) return;
    const own = this.root.dataset.floor || "open";
    this.floor = strictest(own, answer.level);
    this.why = this.floor === own ? this.root.dataset.why || "" : answer.why;
    this.show();
  }

  say(text) { this.part("place-says").textContent = text; }

  async makeMap(canvas) {
    const { L, makeMap, addTool, drawn } = await import("../look/map.js");
    const start = this.place ?? this.last;
    this.L = L;
    this.map = await makeMap(canvas, start ? { ...start, zoom: 10 } : {});
    const svg = () => drawn({ viewBox: "0 0 28 42", "aria-hidden": "true" }, [PIN]);
    this.square = L.rectangle([[0, 0], [0, 0]], { className: "m-cell", interactive: false });
    this.ring = L.circle([0, 0], { radius: 1, className: "m-ring", interactive: false });
    this.pin = L.marker([0, 0], {
      draggable: true, autoPan: true, keyboard: true,
      icon: L.divIcon({ className: "m-pin", html: svg(), iconSize: [44, 48], iconAnchor: [22, 43] }),
    });
    this.handle = L.marker([0, 0], {
      draggable: true, keyboard: false, zIndexOffset: -1000,
      icon: L.divIcon({ className: "m-handle", html: "", iconSize: [44, 44], iconAnchor: [22, 22] }),
    });
    addTool(this.map, { label: "Put the pin in the middle", icon: MIDDLE, act: () => this.point(this.map.getCenter()) });
    this.map.on("click", ({ latlng }) => this.point(latlng));
    this.map.on("zoomend", () => this.show());
    this.pin.on("drag", () => this.point(this.pin.getLatLng(), { keep: true }));
    this.pin.on("add", () => this.dress());
    this.pullHandle();
    this.show();
    if (this.place) this.look();
    canvas.dataset.ready = "yes";
  }

  /* Somebody pointed there. What a device or a name was unsure of, they are not. */
  point(where, { keep = false } = {}) {
    const { lat, lng } = where.wrap();
    const metres = inDigits(POINTED_PX * this.metresPerPixel(where));
    const known = this.place?.uncertainty;
    const pinned = this.field("place_source").value === "map_pin" && known !== null && known !== undefined;
    const uncertainty = pinned ? known : Math.min(known ?? Infinity, metres);
    this.set({ latitude: lat, longitude: lng, uncertainty, source: "map_pin" });
    if (!keep) this.pin.getElement()?.focus({ preventScroll: true });
  }

  metresPerPixel(where) {
    const at = this.map.latLngToContainerPoint(where);
    return this.map.distance(where, this.map.containerPointToLatLng(at.add([100, 0]))) / 100;
  }

  pullHandle() {
    let from = null;
    const reach = () => this.map.distance(this.pin.getLatLng(), this.handle.getLatLng());
    this.handle.on("dragstart", () => { from = { reach: reach(), radius: this.ring.getRadius() }; this.pulled = true; });
    this.handle.on("drag", () => this.size(from.radius + reach() - from.reach));
    this.handle.on("dragend", () => { this.pulled = false; this.show(); });
  }

  size(metres) {
    const { latitude, longitude } = this.place;
    const source = this.field("place_source").value;
    this.set({ latitude, longitude, uncertainty: inDigits(metres), source });
  }

  /* The pin is a button for those who do not see it. */
  dress() {
    const pin = this.pin.getElement();
    pin.setAttribute("role", "button");
    pin.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight ArrowUp ArrowDown + -");
    pin.addEventListener("keydown", (event) => this.press(event));
    pin.addEventListener("keyup", () => { this.steps = 0; });
    this.handle.getElement()?.setAttribute("aria-hidden", "true");
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const grows = { "+": 1, "=": 1, "-": -1, _: -1 }[event.key] ?? (event.shiftKey && { ArrowUp: 1, ArrowDown: -1 }[event.key]);
    const arrow = ARROWS[event.key];
    if (!grows && !arrow) return;
    event.preventDefault();
    event.stopPropagation();
    if (grows) {
      this.size(Math.max(SMALLEST_M, this.ring.getRadius()) * GROWS ** grows + grows);
    } else {
      this.steps = (this.steps ?? 0) + 1;
      const far = this.steps > RUN ? RUN : 1;
      const at = this.map.project(this.pin.getLatLng()).add([arrow[0] * far, arrow[1] * far]);
      this.point(this.map.unproject(at), { keep: true });
      this.map.panInside(this.pin.getLatLng(), { padding: [60, 60] });
    }
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.say(this.inWords()), 700);
  }

  inWords() {
    const { latitude, longitude, uncertainty } = this.place;
    const sure = uncertainty === null ? "" : `, give or take ${uncertainty} m`;
    return `${latitude.toFixed(4)}, ${longitude.toFixed(4)}${sure}`;
  }

  /* The map over the pin, its circle and the square of the others. */
  look() {
    const { place } = this;
    if (!this.map || !place) return;
    const { L } = this;
    let seen = L.latLng(place.latitude, place.longitude).toBounds(2 * Math.max(place.uncertainty ?? 0, 100));
    if (this.level === "generalized") {
      const { south, west, north, east } = squareOf(place.latitude, place.longitude);
      seen = seen.extend([[south, west], [north, east]]);
    }
    this.map.fitBounds(seen, { maxZoom: 15, animate: false });
  }

  show() {
    const { place, level } = this;
    this.root.dataset.level = level;
    const text = this.sentence(place, level);
    if (this.part("others").textContent !== text) this.part("others").textContent = text;
    this.part("from-last").hidden = Boolean(place) || !this.last;
    this.root.dispatchEvent(new CustomEvent("place", { bubbles: true, detail: { place, level } }));
    if (!this.map) return;
    const drawn = [this.square, this.ring, this.handle, this.pin];
    if (!place) { drawn.forEach((each) => each.remove()); return; }
    const at = this.L.latLng(place.latitude, place.longitude);
    const radius = place.uncertainty ?? 0;
    if (!this.pin.getLatLng().equals(at, 1e-9)) this.pin.setLatLng(at);
    this.ring.setLatLng(at).setRadius(Math.max(radius, 0.1));
    if (!this.pulled) {
      const far = Math.max(radius / this.metresPerPixel(at), HANDLE_PX);
      this.handle.setLatLng(this.map.unproject(this.map.project(at).add([far, 0])));
    }
    if (level === "generalized") {
      const { south, west, north, east } = squareOf(place.latitude, place.longitude);
      this.square.setBounds([[south, west], [north, east]]).addTo(this.map);
    } else {
      this.square.remove();
    }
    for (const each of drawn.slice(1)) if (!this.map.hasLayer(each)) each.addTo(this.map);
    this.pin.getElement()?.setAttribute("aria-label", `Pin at ${this.inWords()}. Arrows move it, + and − size its circle.`);
  }

  sentence(place, level) {
    if (!place) return "No place yet, so others see none.";
    const why = this.why && level === this.floor && level !== this.field("privacy").value ? `, ${this.why}` : "";
    return {
      open: "Others see the pin and its circle.",
      generalized: `Others see the square of about 11 km, always the same one${why}.`,
      private: `Others see no place${why}.`,
    }[level];
  }
}

/* Other modules find it on the element: imported by name and loaded by the page, this one would be two. */
function attachAll() {
  for (const root of document.querySelectorAll("[data-place]")) root.placeField ??= new PlaceField(root);
}

for (const later of ["htmx:load", "draft"]) document.addEventListener(later, attachAll);
attachAll();
