// Finds the contour lines of a grid of losses: the levels worth drawing, and closed rings around what lies below each.

// Above any level. Laid around the grid, it makes every line close, so that "evenodd" can fill what is inside.
const WALL = 1e9;

// The median is taken of one loss in seven: sorting them all would be the slowest part.
const MEDIAN_STRIDE = 7;

// Losses u in 0…1 whose even steps look even: half of them lie below the median loss. A bowl gets about its
// square root, Rosenbrock's valley about a fourth root, and neither needs to be told which it is. A flat loss is 1
// everywhere; what is no number is a wall, like what is infinite, and minus infinity the deepest place.
export function evenHeights(losses, least) {
  let lowest = Number.isFinite(least) ? least : Infinity, highest = -Infinity;
  for (const loss of losses) {
    if (!Number.isFinite(loss)) continue;
    if (loss < lowest) lowest = loss;
    if (loss > highest) highest = loss;
  }
  // Halved, so that the span of the greatest numbers there are is still a number.
  const range = highest / 2 - lowest / 2;
  if (!(range > 0)) return losses.map((loss) => (Number.isFinite(loss) ? 1 : loss === -Infinity ? 0 : WALL));
  const share = (loss) => (loss / 2 - lowest / 2) / range;
  const finite = losses.filter((loss, k) => Number.isFinite(loss) && k % MEDIAN_STRIDE === 0).sort();
  const median = finite.length > 0 ? share(finite[finite.length >> 1]) : 0.5;
  const exponent = Math.min(1, Math.max(0.1, Math.log(0.5) / Math.log(median)));
  return losses.map((loss) => {
    if (Number.isFinite(loss)) return share(loss) ** exponent;
    return loss === -Infinity ? 0 : WALL;
  });
}

// All rings of one level, each [x0, y0, x1, y1, …] in units of the grid (0…samples − 1).
export function contourRings(heights, samples, level) {
  const width = samples + 2;
  const grid = withWall(heights, samples, width);
  const next = linkCrossings(grid, width, level);
  const rings = [];
  for (let edge = 0; edge < next.length; edge++) {
    if (next[edge] >= 0) rings.push(followRing(grid, width, level, next, edge));
  }
  return rings.filter((ring) => thickness(ring) > LEAST_THICKNESS);
}

// A valley narrower than the grid comes out as a string of beads: better no line than a false one. In cells.
const LEAST_THICKNESS = 2.5;

function thickness(ring) {
  let area = 0, perimeter = 0;
  let x = ring[ring.length - 2], y = ring[ring.length - 1];
  for (let k = 0; k < ring.length; k += 2) {
    area += x * ring[k + 1] - ring[k] * y;
    perimeter += Math.hypot(ring[k] - x, ring[k + 1] - y);
    x = ring[k];
    y = ring[k + 1];
  }
  // Of a long band, area over half the perimeter is the width.
  return Math.abs(area) / perimeter;
}

function withWall(heights, samples, width) {
  const grid = new Float64Array(width * width).fill(WALL);
  for (let j = 0; j < samples; j++) grid.set(heights.subarray(j * samples, (j + 1) * samples), (j + 1) * width + 1);
  return grid;
}

// Marching squares. Which of a cell's four corners (1, 2, 4, 8: around from the first) lie below the level says which
// of its sides the line joins, kept in pairs from, to: 0 the first row's side, 1 the second column's, 2, 3.
const CELL_LINES = [
  [], [3, 0], [0, 1], [3, 1], [1, 2], [3, 0, 1, 2], [0, 2], [3, 2],
  [2, 3], [2, 0], [0, 1, 2, 3], [2, 1], [1, 3], [1, 0], [0, 3], [],
];

// A grid edge is numbered twice its first point, plus 1 when it runs along a column; next[edge] is where the line goes on.
function linkCrossings(grid, width, level) {
  const next = new Int32Array(2 * width * width).fill(-1);
  for (let j = 0; j < width - 1; j++) {
    for (let i = 0; i < width - 1; i++) {
      const corner = j * width + i;
      const below = (grid[corner] < level ? 1 : 0) | (grid[corner + 1] < level ? 2 : 0)
        | (grid[corner + width + 1] < level ? 4 : 0) | (grid[corner + width] < level ? 8 : 0);
      const lines = CELL_LINES[below];
      for (let k = 0; k < lines.length; k += 2) {
        next[sideOfCell(corner, lines[k], width)] = sideOfCell(corner, lines[k + 1], width);
      }
    }
  }
  return next;
}

function sideOfCell(corner, side, width) {
  if (side === 0) return 2 * corner;
  if (side === 1) return 2 * (corner + 1) + 1;
  if (side === 2) return 2 * (corner + width);
  return 2 * corner + 1;
}

function followRing(grid, width, level, next, first) {
  const ring = [];
  let edge = first;
  while (next[edge] >= 0) {
    const from = edge >> 1;
    const to = edge & 1 ? from + width : from + 1;
    const share = (level - grid[from]) / (grid[to] - grid[from]);
    const i = from % width - 1, j = Math.floor(from / width) - 1;
    ring.push(edge & 1 ? i : i + share, edge & 1 ? j + share : j);
    const following = next[edge];
    next[edge] = -1;
    edge = following;
  }
  return ring;
}

// A function of two numbers on a grid of samples × samples points, row after row from the least second number up.
export function sampleGrid(valueAt, [[x0, x1], [y0, y1]], samples) {
  const values = new Float64Array(samples * samples);
  for (let j = 0; j < samples; j++) {
    const y = y0 + (y1 - y0) * j / (samples - 1);
    for (let i = 0; i < samples; i++) values[j * samples + i] = valueAt(x0 + (x1 - x0) * i / (samples - 1), y);
  }
  return values;
}
