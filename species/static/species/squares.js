/* What others will see of a place: the arithmetic of species/places/geoprivacy.py, so that a square follows a pin that
   is dragged. tests/end_to_end/test_place_field.py holds the two together. */

const CELLS = 1800; // rows of a tenth of a degree
const DECIMALS = 6;
export const PRIVACIES = ["open", "generalized", "private"];

const rounded = (number) => Number(number.toFixed(DECIMALS));
const steps = (angle, cells, span) => Math.floor((rounded(angle) * cells) / span + 1e-9);

/* Edges in degrees of the square that holds a point. */
export function squareOf(latitude, longitude) {
  const row = Math.min(steps(latitude + 90, CELLS, 180), CELLS - 1);
  const column = steps(longitude + 180, 2 * CELLS, 360) % (2 * CELLS);
  const edge = (number, zero) => rounded((180 * number) / CELLS - zero);
  return { south: edge(row, 90), west: edge(column, 180), north: edge(row + 1, 90), east: edge(column + 1, 180) };
}

export const strictest = (...levels) => PRIVACIES[Math.max(...levels.map((each) => PRIVACIES.indexOf(each)))];
