/* Between the screen and the photo: pure functions of a view, no page in sight.

   A view is {width, height, aspect, zoom, x, y, turn}: of the stage in pixels, of the upright photo width / height,
   1 = the whole photo, the point of the photo in the middle of the stage as fractions 0-1 of its sides, quarter turns
   clockwise. A point on the stage is [pixels from the left, from the top], one on the photo [fractions of its width, of
   its height]. A box is {x, y, width, height} in fractions of the upright photo. */

export const MOST = 16;
export const SMALLEST = { pixels: 8, fraction: 0.005 };
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const WHOLE = { zoom: 1, x: 0.5, y: 0.5 };

export const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

export const whole = (view) => ({ ...view, ...WHOLE });

/* Pixels of the stage that the photo's width and height take, before it is turned. */
export function sides(view) {
  const { width, height, aspect, zoom, turn } = view;
  const [across, down] = turn % 2 ? [height, width] : [width, height];
  const wide = Math.min(across, down * aspect) * zoom;
  return [wide, wide / aspect];
}

const TURNS = [[1, 0, 0, 1], [0, 1, -1, 0], [-1, 0, 0, -1], [0, -1, 1, 0]];

/* Fractions to pixels, as the six numbers of a CSS matrix. */
export function matrix(view) {
  const [wide, high] = sides(view);
  const [a, b, c, d] = TURNS[view.turn];
  const [p, q, r, s] = [a * wide, b * wide, c * high, d * high];
  return [p, q, r, s, view.width / 2 - p * view.x - r * view.y, view.height / 2 - q * view.x - s * view.y];
}

export function toStage(view, [x, y]) {
  const [p, q, r, s, e, f] = matrix(view);
  return [p * x + r * y + e, q * x + s * y + f];
}

export function toPhoto(view, [left, top]) {
  const [wide, high] = sides(view);
  const [a, b, c, d] = TURNS[view.turn];
  const [right, down] = [left - view.width / 2, top - view.height / 2];
  return [(a * right + b * down) / wide + view.x, (c * right + d * down) / high + view.y];
}

/* How far a way on the stage is on the photo. */
export function across(view, [right, down]) {
  const [x, y] = toPhoto(view, [right, down]), [left, top] = toPhoto(view, [0, 0]);
  return [x - left, y - top];
}

/* No further than where the photo's edge meets the stage's; what is smaller than the stage stays in the middle. */
export function held(view) {
  const zoom = clamp(view.zoom, 1, MOST);
  const [wide, high] = sides({ ...view, zoom });
  const [wideRoom, highRoom] = view.turn % 2 ? [view.height, view.width] : [view.width, view.height];
  const [x, y] = [[view.x, wideRoom / wide], [view.y, highRoom / high]]
    .map(([at, seen]) => (seen >= 1 ? 0.5 : clamp(at, seen / 2, 1 - seen / 2)));
  return { ...view, zoom, x, y };
}

export function panned(view, way) {
  const [x, y] = across(view, way);
  return held({ ...view, x: view.x - x, y: view.y - y });
}

/* Larger or smaller; what lies under `point` stays there, as far as the photo's edges allow. */
export function zoomed(view, factor, point = [view.width / 2, view.height / 2]) {
  const before = toPhoto(view, point);
  const next = { ...view, zoom: clamp(view.zoom * factor, 1, MOST) };
  const after = toPhoto(next, point);
  return held({ ...next, x: next.x + before[0] - after[0], y: next.y + before[1] - after[1] });
}

export const turned = (view) => held({ ...view, ...WHOLE, turn: (view.turn + 1) % 4 });

/* The box in the middle, with half as much around it as it has itself. */
export function fitted(view, box) {
  const plain = whole(view);
  const { width, height } = onStage(plain, box);
  const zoom = Math.min(view.width / (1.5 * width), view.height / (1.5 * height));
  return held({ ...plain, zoom: clamp(zoom, 1, MOST), x: box.x + box.width / 2, y: box.y + box.height / 2 });
}

/* The smallest box around points of the photo, within it. */
export function around(points) {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => clamp(point[axis], 0, 1)));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export const corners = ({ x, y, width, height }) => [[x, y], [x + width, y + height]];

/* A box as it lies on the stage, in pixels. */
export function onStage(view, box) {
  const [[a, b], [c, d]] = corners(box).map((each) => toStage(view, each));
  return { x: Math.min(a, c), y: Math.min(b, d), width: Math.abs(c - a), height: Math.abs(d - b) };
}

/* The box that lies there on the stage, as far as it is on the photo. */
export const onPhoto = (view, box) => around(corners(box).map((each) => toPhoto(view, each)));

export function tooSmall(view, box) {
  const { width, height } = onStage(view, box);
  return Math.min(width, height) < SMALLEST.pixels || Math.min(box.width, box.height) < SMALLEST.fraction;
}

/* Moved whole, and no further than the photo's edges. */
export function moved(view, box, way) {
  const [right, down] = across(view, way);
  return {
    ...box,
    x: clamp(box.x + right, 0, 1 - box.width),
    y: clamp(box.y + down, 0, 1 - box.height),
  };
}

/* One or two of its sides moved: `sideways` -1 the left one on the stage, 1 the right one; `updown` the same. A side
   that passes the one across becomes that one. */
export function sized(view, box, [sideways, updown], [right, down]) {
  const { x, y, width, height } = onStage(view, box);
  const edges = { left: x, right: x + width, top: y, bottom: y + height };
  if (sideways) edges[sideways < 0 ? "left" : "right"] += right;
  if (updown) edges[updown < 0 ? "top" : "bottom"] += down;
  const { left, top } = edges;
  return onPhoto(view, { x: left, y: top, width: edges.right - left, height: edges.bottom - top });
}

/* What of a box a finger means that lies `reach` pixels around `point`: the sides it would move, [0, 0] for the whole
   box, null for nothing of it. Of a small box the sides are taken from outside, so that it can be moved too. */
export function grip(view, box, [left, top], reach) {
  const { x, y, width, height } = onStage(view, box);
  const side = (at, from, length) => {
    const inside = Math.min(reach, length / 4);
    if (at < from - reach || at > from + length + reach) return null;
    if (at < from + inside) return -1;
    return at > from + length - inside ? 1 : 0;
  };
  const found = [side(left, x, width), side(top, y, height)];
  return found.includes(null) ? null : found;
}
