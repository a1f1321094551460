// The strokes of each rule in a plot: halo, faint whole line, line so far, step dots, head and ✕.
import { clampToArea } from "./area.js";
import { CROSS_SHAPE, markerShape, wearStyle } from "./symbols.js";
import { setAttribute, showNode, svgNode, translate } from "./elements.js";
import { TRAIL_UNIT, dotsUpTo, lineUpTo } from "./polyline.js";

// What changes with every move sits bare inside a group that has the look: so the browser need not work the look out again.
function dressed(node, name, style, attributes = {}) {
  const group = svgNode("g", { class: `descent-${name}`, ...attributes }, node);
  wearStyle(group, style);
  return group;
}

// Only a map has step dots, and a halo that lifts the line off the contours.
export function makeStrokes(style, { onMap = false } = {}) {
  const dash = style.dash ? style.dash.split(/[\s,]+/).map((length) => length / TRAIL_UNIT).join(" ") : "none";
  const whole = svgNode("path"), halo = svgNode("path"), line = svgNode("path"), dots = svgNode("path");
  const head = svgNode("g", {}, svgNode("path", { d: markerShape(style) }));
  const cross = svgNode("g", {}, svgNode("path", { d: CROSS_SHAPE }));
  return {
    onMap, whole, halo, line, dots, head, cross,
    layers: [
      dressed(whole, "whole", style, { "stroke-dasharray": dash }),
      dressed(halo, "halo", style),
      dressed(line, "line", style, { "stroke-dasharray": dash }),
      dressed(dots, "dots", style),
    ],
    heads: [dressed(head, "head", style), dressed(cross, "cross", style)],
  };
}

// Layer by layer and not rule by rule: so no halo hides another rule's line, and where two lines meet
// the lower one shows in the gaps of the upper one's dashes.
export function layLines(strokesOfRules) {
  const layers = strokesOfRules[0].layers.map((_, depth) => strokesOfRules.map((strokes) => strokes.layers[depth]));
  return svgNode("g", { transform: `scale(${TRAIL_UNIT})` }, ...layers.flat());
}

export function layHeads(strokesOfRules) {
  return svgNode("g", { class: "descent-heads", "aria-hidden": "true" }, ...strokesOfRules.flatMap(({ heads }) => heads));
}

// The path of a rule from before the last movement, and above its line the mark of the rule that is chosen.
export function makeGhost(style) {
  const path = svgNode("path");
  return { path, node: dressed(path, "ghost", style) };
}

export function layGhosts(ghosts) {
  return svgNode("g", { transform: `scale(${TRAIL_UNIT})` }, ...ghosts.map(({ node }) => node));
}

export function emphasise(strokes, isChosen) {
  strokes.layers[2].classList.toggle("descent-chosen", isChosen);
}

// Draws a written trail as it stands at a step.
export function drawStrokes(strokes, trail, step, area) {
  const drawn = `${trail.writing} ${step}`;
  if (strokes.drawn === drawn) return;
  strokes.drawn = drawn;
  const soFar = lineUpTo(trail, step);
  setAttribute(strokes.line, "d", soFar);
  if (strokes.onMap) {
    setAttribute(strokes.halo, "d", soFar);
    setAttribute(strokes.dots, "d", dotsUpTo(trail, step));
  }
  // The faint whole line has something to add only before the last step.
  setAttribute(strokes.whole, "d", step < trail.xs.length - 1 ? trail.line : "");
  drawHead(strokes, trail, step, area);
}

function drawHead(strokes, trail, step, area) {
  const lost = step >= trail.lostAt;
  const [x, y] = lost ? [trail.lostX, trail.lostY] : clampToArea(trail.xs[step], trail.ys[step], area);
  const outside = !lost && (x !== trail.xs[step] || y !== trail.ys[step]);
  // Before the first step, a quantity of the steps has no place.
  showNode(strokes.head, !lost && !Number.isNaN(trail.ys[step]));
  showNode(strokes.cross, lost);
  strokes.heads[0].classList.toggle("descent-outside", outside);
  translate(lost ? strokes.cross : strokes.head, x, y);
}
