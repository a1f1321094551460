// Turns the points of a run into SVG path text, fast enough for every slider move, and cuts it at any step for free.
import { clampToArea, isInside } from "./area.js";

// Path text is in whole tenths of a pixel, drawn in a group scaled by 0.1: short to write and short to parse.
export const TRAIL_UNIT = 0.1;
const TENTHS = 1 / TRAIL_UNIT;
const LEAST_MOVE = 1;            // pixels: less cannot be seen
const LEAST_GAP_OF_DOTS = 7;     // pixels: closer dots would run together and hide the line
const FAR = 4000;                // pixels: further out, a line is cut before it is written

export function makeTrail(steps) {
  return {
    xs: new Float64Array(steps + 1), ys: new Float64Array(steps + 1),
    line: "", lineEnds: new Int32Array(steps + 1),
    dots: "", dotEnds: new Int32Array(steps + 1),
    lostAt: Infinity, lostX: 0, lostY: 0,
    source: "", writing: 0,
  };
}

let writings = 0;

// False while the trail stands as it was written from this source: then there is nothing to write, and nothing to draw.
export function isStale(trail, source) {
  const stale = trail.source !== source;
  trail.source = source;
  return stale;
}

// Writes the text for the pixel points xs, ys that stand in the trail.
export function writeTrail(trail, area, divergedAt, { withDots = false } = {}) {
  trail.writing = ++writings;
  findLoss(trail, area, divergedAt);
  writeLine(trail);
  if (withDots) writeDots(trail, area);
}

export function lineUpTo(trail, step) {
  return trail.line.slice(0, trail.lineEnds[step]);
}

export function dotsUpTo(trail, step) {
  return trail.dots.slice(0, trail.dotEnds[step]);
}

function writeLine(trail) {
  const { xs, ys, lineEnds, lostAt } = trail;
  let text = "", penX = 0, penY = 0, drawing = false;
  for (let k = 0; k < xs.length; k++) {
    const x = xs[k], y = ys[k];
    if (k > lostAt) {
      // A lost run stops at its ✕.
    } else if (k === lostAt && k > 0) {
      text += "L" + tenths(trail.lostX, trail.lostY);
    } else if (!isNear(x, y)) {
      // The stroke towards a far point is cut where it is long out of sight.
      if (drawing) text += "L" + tenths(...cutTowards(penX, penY, x, y));
      drawing = false;
    } else if (!drawing) {
      if (k > 0) text += "M" + tenths(...cutTowards(x, y, xs[k - 1], ys[k - 1]));
      text += (k > 0 ? "L" : "M") + tenths(x, y);
      penX = x; penY = y; drawing = true;
    } else if (Math.abs(x - penX) > LEAST_MOVE || Math.abs(y - penY) > LEAST_MOVE) {
      text += "L" + tenths(x, y);
      penX = x; penY = y;
    }
    lineEnds[k] = text.length;
  }
  trail.line = text;
}

function tenths(x, y) {
  return Math.round(x * TENTHS) + " " + Math.round(y * TENTHS);
}

function isNear(x, y) {
  return Math.abs(x) < FAR && Math.abs(y) < FAR;
}

// From a near point towards a far one, FAR along the longer side: the direction in sight stays right.
function cutTowards(nearX, nearY, farX, farY) {
  const dx = farX - nearX, dy = farY - nearY;
  const longest = Math.max(Math.abs(dx), Math.abs(dy));
  if (!Number.isFinite(longest)) return [nearX + FAR * infiniteSide(dx), nearY + FAR * infiniteSide(dy)];
  return [nearX + FAR * dx / longest, nearY + FAR * dy / longest];
}

function infiniteSide(difference) {
  return difference === Infinity ? 1 : difference === -Infinity ? -1 : 0;
}

// A dot for each step that moved far enough to be seen as a step.
function writeDots(trail, area) {
  const { xs, ys, dotEnds } = trail;
  let text = "";
  dotEnds[0] = 0;
  for (let k = 1; k < xs.length; k++) {
    const x = xs[k], y = ys[k];
    const gap = Math.abs(x - xs[k - 1]) + Math.abs(y - ys[k - 1]);
    if (gap > LEAST_GAP_OF_DOTS && isInside(x, y, area)) text += "M" + tenths(x, y) + "h0";
    dotEnds[k] = text.length;
  }
  trail.dots = text;
}

// A run is lost when it has diverged, or has left the area for good and ends far out: there it gets its ✕.
function findLoss(trail, area, divergedAt) {
  const { xs, ys } = trail;
  const end = xs.length - 1;
  trail.lostAt = Infinity;
  if (divergedAt === 0 && isNear(xs[end], ys[end])) return;
  let last = end;
  while (last >= 0 && !isInside(xs[last], ys[last], area)) last--;
  trail.lostAt = divergedAt > 0 ? Math.min(divergedAt, last + 1) : last + 1;
  const from = Math.max(trail.lostAt - 1, 0), to = Math.min(trail.lostAt, end);
  [trail.lostX, trail.lostY] = crossEdge(xs[from], ys[from], xs[to], ys[to], area);
}

function crossEdge(x, y, toX, toY, area) {
  if (isInside(toX, toY, area) || !isInside(x, y, area)) return clampToArea(toX, toY, area);
  const [cutX, cutY] = cutTowards(x, y, toX, toY);
  const dx = cutX - x, dy = cutY - y;
  const shareX = dx > 0 ? (area.right - x) / dx : dx < 0 ? (area.left - x) / dx : Infinity;
  const shareY = dy > 0 ? (area.bottom - y) / dy : dy < 0 ? (area.top - y) / dy : Infinity;
  const share = Math.min(shareX, shareY);
  return clampToArea(x + share * dx, y + share * dy, area);
}

// A closed contour line through points [x0, y0, x1, y1, …], in pixels with one decimal.
export function ringText(ring, xScale, yScale) {
  let text = "", penX = NaN, penY = NaN;
  for (let k = 0; k < ring.length; k += 2) {
    const x = xScale.toPixel(ring[k]), y = yScale.toPixel(ring[k + 1]);
    if (Math.abs(x - penX) < 1 && Math.abs(y - penY) < 1) continue;
    text += `${text ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    penX = x; penY = y;
  }
  return text + "Z";
}
