/* Where somebody was when a photo was taken, by the track that a device kept. Nothing here leaves the browser. Times are
   milliseconds since 1970 UTC; a clock that says no zone counts as if it were on UTC. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LARGEST = 40_000_000; // letters of a file
const NEAR_MS = MINUTE; // a photo this close to a point of the track is on it
const GAP_MS = 10 * MINUTE; // a longer silence says nothing of where one was, unless one hardly moved
const STAYED_M = 150;
const WIDEST = 14 * HOUR; // zones in use
const STEP = HOUR / 4;
const STILL = 0.3; // metres a second: who takes a photo stands
const AGREES_M = 100; // how far a photo's own place may be from the track's
const CLEARLY = 0.15; // of the photos: so much better than the clock as it is must another one be

const POINT = /<(?:\w+:)?trkpt\b([^>]*)>([\s\S]*?)<\/(?:\w+:)?trkpt>/g;
const TIME = /<(?:\w+:)?time>\s*([^<]*?)\s*<\//;
const degrees = (attributes, name) => Number.parseFloat(new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)`).exec(attributes)?.[1]);

/* Points with times, in order. Throws an Error whose message is for a person. Read as text: a browser's parser answers a
   broken file with a page of its own, whose styles the policy refuses, loudly. */
export function parse(text) {
  if (text.length > LARGEST) throw new Error("This file is too large for a track. Cut it to the day.");
  if (!/<(?:\w+:)?gpx\b/.test(text)) throw new Error("This is no GPX file: it cannot be read.");
  const points = [];
  for (const [, attributes, inside] of text.matchAll(POINT)) {
    const at = Date.parse(TIME.exec(inside)?.[1] ?? "");
    const [latitude, longitude] = ["lat", "lon"].map((name) => degrees(attributes, name));
    if (Number.isFinite(at) && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) points.push({ at, latitude, longitude });
  }
  points.sort((one, other) => one.at - other.at);
  if (points.length < 2) throw new Error("This file holds no track with times.");
  return points;
}

export function metres(one, other) {
  const radians = Math.PI / 180;
  const north = (other.latitude - one.latitude) * radians;
  const east = (other.longitude - one.longitude) * radians * Math.cos(((one.latitude + other.latitude) / 2) * radians);
  return 6_371_009 * Math.hypot(north, east);
}

/* Where the track was at a time, and how sure that is; null where it does not say. */
export function positionAt(points, at) {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].at <= at) low = middle + 1; else high = middle;
  }
  const [one, other] = [points[low - 1], points[low]];
  const nearest = !one || (other && other.at - at < at - one.at) ? other : one;
  if (one && other) {
    const apart = metres(one, other);
    if (other.at - one.at <= GAP_MS || apart <= STAYED_M) {
      const part = other.at === one.at ? 0 : (at - one.at) / (other.at - one.at);
      const there = {
        latitude: one.latitude + part * (other.latitude - one.latitude),
        longitude: one.longitude + part * (other.longitude - one.longitude),
      };
      return { ...there, uncertainty: Math.round(10 + Math.min(metres(there, one), metres(there, other))) };
    }
  }
  if (Math.abs(nearest.at - at) > NEAR_MS) return null;
  return { latitude: nearest.latitude, longitude: nearest.longitude, uncertainty: 30 };
}

/* By how much the camera's clock was ahead of the track's. `shots` are {at, zone, latitude, longitude}, the place where
   the photo tells one. Clocks are off by hours and quarters of them: a zone, a summer time that was forgotten; where
   photos tell their place, by anything. Answers {ahead, placed, asIs}: how many photos are on the track so, and by the
   clock as it is. */
export function estimate(points, shots) {
  const zone = shots.every((each) => each.zone);
  // A clock without a zone shows about the hour of the sun.
  const expected = zone ? 0 : Math.round(points[0].longitude / 15) * HOUR;
  const candidates = new Set([expected]);
  for (let ahead = -WIDEST; ahead <= WIDEST; ahead += STEP) candidates.add(ahead);
  for (const shot of shots.filter((each) => Number.isFinite(each.latitude)).slice(0, 20)) {
    for (const at of passes(points, shot)) candidates.add(shot.at - at);
  }
  const scored = [...candidates].map((ahead) => ({ ahead, ...score(points, shots, ahead) }));
  const asIs = scored.find((each) => each.ahead === expected);
  const rank = (each) => [each.score, -Math.abs(each.ahead - expected)];
  const best = scored.reduce((one, other) => {
    const [ours, theirs] = [rank(one), rank(other)];
    return theirs[0] > ours[0] + 1e-9 || (Math.abs(theirs[0] - ours[0]) <= 1e-9 && theirs[1] > ours[1]) ? other : one;
  });
  const chosen = best.score > asIs.score + CLEARLY * shots.length ? best : asIs;
  return { ahead: chosen.ahead, placed: chosen.placed, asIs: asIs.placed, expected };
}

/* When the track came by a place. */
function passes(points, place) {
  const found = [];
  let closest = null;
  for (const each of points) {
    const away = metres(each, place);
    if (away <= AGREES_M) {
      if (!closest || away < closest.away) closest = { away, at: each.at };
    } else if (closest) {
      found.push(closest.at);
      closest = null;
    }
  }
  return closest ? [...found, closest.at] : found;
}

function score(points, shots, ahead) {
  let sum = 0;
  let placed = 0;
  for (const shot of shots) {
    const there = positionAt(points, shot.at - ahead);
    if (!there) continue;
    placed += 1;
    sum += 1;
    const [before, after] = [positionAt(points, shot.at - ahead - 20_000), positionAt(points, shot.at - ahead + 20_000)];
    if (before && after) sum += 0.5 / (1 + metres(before, after) / 40 / STILL);
    if (Number.isFinite(shot.latitude)) sum += metres(there, shot) <= AGREES_M ? 2 : -2;
  }
  return { score: sum, placed };
}

/* "1:00:00" for an hour; and what people type back: 1:00, -0:05:30, 90 (seconds). Null for what is none. */
export function inWords(ms) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const two = (value) => String(value).padStart(2, "0");
  const text = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return ms < 0 && seconds ? `-${text}` : text;
}

export function fromWords(text) {
  const found = /^\s*([+−-]?)\s*(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?|(\d{1,6}))\s*$/.exec(text);
  if (!found) return null;
  const [, sign, hours, minutes, seconds, alone] = found;
  const total = alone ? Number(alone) : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
  return (sign && sign !== "+" ? -1 : 1) * total * 1000;
}
