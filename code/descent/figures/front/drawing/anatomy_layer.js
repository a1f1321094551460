// The anatomy of a step on the map: arrows for minus the gradient, minus the average and the step, and the box of ± the
// learning rate. Gradient and average share one scale of their own; step and box are true, or magnified as it says.
import { setAttribute, setText, showNode, svgNode, translate } from "./elements.js";
import { isInside } from "./area.js";
import { wearStyle } from "./symbols.js";

const ARROW = 58;                // pixels: the longer of gradient and average
const LEAST_STEP = 34;           // pixels: below it, step and box are magnified
const MOST_MAGNIFIED = 1e4;
const HEAD = 7, HALF_HEAD = 3.5; // pixels
const AVERAGE_TEXTS = { m_hat: "−m̂", m: "−m", z: "−z" };

export function makeAnatomy() {
  // Gradient and average often point the same way: their names stand on different sides.
  const [gradient, average, step] = [["gradient", -1], ["average", 1], ["step", 0]].map(([name, side]) => makeArrow(name, side));
  const box = svgNode("rect", { class: "descent-box" });
  const boxText = svgNode("text", { class: "descent-anatomy-text" });
  const node = svgNode("g", { class: "descent-anatomy", "aria-hidden": "true" }, box, gradient.node, average.node, step.node, boxText);

  // `parts` as anatomyOf makes them, or null for none.
  function draw(parts, style, area, xScale, yScale) {
    const at = parts && [xScale.toPixel(parts.from[0]), yScale.toPixel(parts.from[1])];
    const visible = parts !== null && isInside(...at, area);
    showNode(node, visible);
    if (!visible) return;
    wearStyle(step.node, style);
    // A step of 1 along an axis, in pixels.
    const perX = xScale.toPixel(1) - xScale.toPixel(0), perY = yScale.toPixel(1) - yScale.toPixel(0);
    const inPixels = ([x, y]) => [x * perX, y * perY];
    const minus = (vector) => inPixels(vector.map((part) => -part));
    const downhill = minus(parts.g), along = parts.average ? minus(parts.average) : [0, 0];
    const scale = ARROW / Math.max(Math.hypot(...downhill), Math.hypot(...along), Number.MIN_VALUE);
    gradient.point(at, downhill, scale, "−g");
    average.point(at, along, scale, AVERAGE_TEXTS[parts.averageName] ?? "");

    const taken = inPixels(parts.step);
    const half = parts.rate === null ? [0, 0] : [Math.abs(parts.rate * perX), Math.abs(parts.rate * perY)];
    const times = magnification(Math.max(Math.hypot(...taken), ...half));
    const told = times === 1 ? "" : ` × ${times}`;
    step.point(at, taken, times, `step${told}`);
    showNode(box, parts.rate !== null);
    showNode(boxText, parts.rate !== null);
    const [width, height] = half.map((size) => size * times);
    const corner = { x: at[0] - width, y: at[1] - height, width: 2 * width, height: 2 * height };
    for (const [name, value] of Object.entries(corner)) setAttribute(box, name, value.toFixed(1));
    setText(boxText, `±η${told}`);
    translate(boxText, at[0] - width + 3, at[1] + height - 4);
  }
  return { node, draw };
}

function makeArrow(name, side) {
  const shaft = svgNode("path", { class: "descent-arrow-shaft" }), head = svgNode("path", { class: "descent-arrow-head" });
  const text = svgNode("text", { class: "descent-anatomy-text", "text-anchor": "middle" });
  const node = svgNode("g", { class: `descent-arrow descent-arrow-${name}` }, shaft, head, text);

  function point([x, y], [dx, dy], scale, label) {
    const length = Math.hypot(dx, dy) * scale;
    const visible = length > 1 && Number.isFinite(length);
    showNode(node, visible);
    if (!visible) return;
    const [ux, uy] = [dx * scale / length, dy * scale / length];
    const [tipX, tipY] = [x + ux * length, y + uy * length];
    const [baseX, baseY] = [tipX - ux * HEAD, tipY - uy * HEAD];
    setAttribute(shaft, "d", `M${x.toFixed(1)} ${y.toFixed(1)}L${baseX.toFixed(1)} ${baseY.toFixed(1)}`);
    const sides = [[-uy, ux], [uy, -ux]].map(([sx, sy]) => `L${(baseX + HALF_HEAD * sx).toFixed(1)} ${(baseY + HALF_HEAD * sy).toFixed(1)}`);
    setAttribute(head, "d", `M${tipX.toFixed(1)} ${tipY.toFixed(1)}${sides.join("")}Z`);
    setText(text, label);
    translate(text, tipX + 13 * ux - 14 * side * uy, tipY + 11 * uy + 14 * side * ux + 4);
  }
  return { node, point };
}

// 1, 2, 5, 10, … : the least that makes what is `size` pixels long long enough to see.
function magnification(size) {
  for (let power = 1; power <= MOST_MAGNIFIED; power *= 10) {
    for (const factor of [1, 2, 5]) if (size * factor * power >= LEAST_STEP) return factor * power;
  }
  return MOST_MAGNIFIED;
}
