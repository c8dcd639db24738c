/* When and where photos were taken, read from the files before they are up, and which of them are one sighting:
   the same rule as species/places/sequences.py. What the server reads later is what counts. */

const APART_MS = 30 * 60 * 1000;
const DISTANCE_M = 500;
const EARTH_RADIUS_M = 6371008.8;
const ONLY = { tiff: true, ifd0: false, exif: true, gps: true, xmp: false, translateKeys: false, translateValues: false, reviveValues: false, mergeOutput: false };
const TAKEN = [[36867, 36881], [36868, 36882]]; // the shutter's date and zone, else those of the digits
const DATE = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d)(?::(\d\d))?/;
const ZONE = /^([+-])(\d\d):(\d\d)$/;

/* {moment: ms or null, zoned: bool, when: text, latitude, longitude: degrees or null} */
export async function read(file, exifrUrl) {
  const nothing = { moment: null, zoned: false, when: "", latitude: null, longitude: null };
  try {
    const { default: exifr } = await import(exifrUrl);
    const found = await exifr.parse(file, ONLY);
    return { ...nothing, ...time(found?.exif ?? {}), ...place(found?.gps ?? {}) };
  } catch {
    return nothing;
  }
}

function time(exif) {
  for (const [dateTag, zoneTag] of TAKEN) {
    const parts = DATE.exec(String(exif[dateTag] ?? ""));
    if (!parts) continue;
    const [year, month, day, hour, minute, second] = parts.slice(1).map((each) => Number(each ?? 0));
    const wall = Date.UTC(year, month - 1, day, hour, minute, second);
    if (year < 1826 || wall > Date.now() + 24 * 3600 * 1000 || new Date(wall).getUTCDate() !== day) continue;
    const zone = ZONE.exec(String(exif[zoneTag] ?? "").trim());
    const ahead = zone ? (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
    return { moment: wall - ahead * 60000, zoned: Boolean(zone), when: words(wall) };
  }
  return {};
}

function words(wall) {
  const at = { timeZone: "UTC" };
  const day = new Intl.DateTimeFormat("en-GB", { ...at, day: "numeric", month: "short", year: "numeric" }).format(wall);
  const hour = new Intl.DateTimeFormat("en-GB", { ...at, hour: "2-digit", minute: "2-digit" }).format(wall);
  return `${day.replace("Sept", "Sep")}, ${hour}`;
}

function place({ latitude, longitude }) {
  const known = Number.isFinite(latitude) && Number.isFinite(longitude) && (latitude !== 0 || longitude !== 0);
  return known ? { latitude, longitude } : {};
}

export function title({ when, latitude, longitude }) {
  const where = latitude === null ? "" : `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
  return [where, when].filter(Boolean).join(" · ") || "No place and time yet";
}

/* Lists of those that are one sighting, the earliest first; those without a time or place last, each alone. */
export function group(items) {
  const line = [...items].sort((one, other) => compare(inLine(one.shot), inLine(other.shot)));
  const found = [];
  for (const item of line) {
    const members = found.find((each) => each.every((other) => near(other.shot, item.shot)));
    if (members) members.push(item);
    else found.push([item]);
  }
  return found;
}

function inLine({ moment, zoned, latitude, longitude }) {
  if (moment === null || latitude === null) return [2, 0, 0, 0];
  return [zoned ? 0 : 1, moment, latitude, longitude];
}

function compare(one, other) {
  const at = one.findIndex((each, index) => each !== other[index]);
  return at < 0 ? 0 : one[at] - other[at];
}

function near(one, other) {
  if (one.moment === null || other.moment === null || one.zoned !== other.zoned) return false;
  if (one.latitude === null || other.latitude === null) return false;
  return Math.abs(one.moment - other.moment) <= APART_MS && metres(one, other) <= DISTANCE_M;
}

function metres(one, other) {
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const [a, b] = [radians(one.latitude), radians(other.latitude)];
  const north = Math.sin((b - a) / 2), east = Math.sin(radians(other.longitude - one.longitude) / 2);
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(Math.min(1, north ** 2 + Math.cos(a) * Math.cos(b) * east ** 2)));
}
