// Draws a plot's area and its two axes, and moves the ticks when a scale changes without making new elements.
import { setBox } from "./area.js";
import { setAttribute, setText, showNode, svgNode } from "./elements.js";
import { chooseTicks } from "./scales.js";

// Ticks are made once; a logarithmic axis of little span has a few more of them than intervals asked for.
const MOST_TICKS = 14;
const LEAST_INTERVALS = 4, MOST_INTERVALS = 10;
const TICK_LENGTH = 4;
const NAME_DISTANCE = 40, NAME_BESIDE_LONG_TICKS = 48;
const LONG = 5;                  // letters

export function makeAxes(labels, { grid = false } = {}) {
  const node = svgNode("g", { class: "descent-axes", "aria-hidden": "true" });
  const frameLine = svgNode("rect", { class: "descent-frame" });
  const horizontal = makeAxis(labels[0], "middle", grid);
  const vertical = makeAxis(labels[1], "end", grid);
  node.append(frameLine, horizontal.node, vertical.node);
  return { node, frameLine, horizontal, vertical };
}

function makeAxis(label, anchor, grid) {
  const node = svgNode("g");
  const name = svgNode("text", { class: "descent-axis-name" }, label);
  name.classList.toggle("descent-variable", isVariable(label));
  const ticks = [];
  for (let k = 0; k < MOST_TICKS; k++) {
    const tick = {
      line: svgNode("path", { class: "descent-tick" }),
      gridLine: grid ? svgNode("path", { class: "descent-grid" }) : null,
      text: svgNode("text", { class: "descent-tick-text", "text-anchor": anchor }),
    };
    if (grid) node.append(tick.gridLine);
    node.append(tick.line, tick.text);
    ticks.push(tick);
  }
  node.append(name);
  return { node, name, ticks };
}

// A single letter is a variable and set as one.
function isVariable(label) {
  return label.length === 1;
}

// Puts area, ticks and names in place for the area's pixels and the two scales.
export function placeAxes(axes, area, xScale, yScale) {
  setBox(axes.frameLine, area);
  placeHorizontal(axes.horizontal, area, xScale);
  placeVertical(axes.vertical, area, yScale);
}

function placeHorizontal(axis, { left, right, top, bottom }, scale) {
  placeTicks(axis, chooseTicks(scale, intervals((right - left) / 80)), (tick, value) => {
    const x = Math.round(scale.toPixel(value)) + 0.5;
    setAttribute(tick.line, "d", `M${x} ${bottom}v${TICK_LENGTH}`);
    if (tick.gridLine) setAttribute(tick.gridLine, "d", `M${x} ${top}V${bottom}`);
    placeText(tick.text, x, bottom + TICK_LENGTH + 13);
  });
  placeText(axis.name, (left + right) / 2, bottom + 36);
}

function placeVertical(axis, { left, right, top, bottom }, scale) {
  const chosen = chooseTicks(scale, intervals((bottom - top) / 50));
  placeTicks(axis, chosen, (tick, value) => {
    const y = Math.round(scale.toPixel(value)) + 0.5;
    setAttribute(tick.line, "d", `M${left} ${y}h${-TICK_LENGTH}`);
    if (tick.gridLine) setAttribute(tick.gridLine, "d", `M${left} ${y}H${right}`);
    placeText(tick.text, left - TICK_LENGTH - 4, y + 4);
  });
  const turn = isVariable(axis.name.textContent) ? "" : " rotate(-90)";
  const distance = chosen.some(({ text }) => text.length > LONG) ? NAME_BESIDE_LONG_TICKS : NAME_DISTANCE;
  setAttribute(axis.name, "transform", `translate(${left - distance} ${(top + bottom) / 2})${turn}`);
}

function intervals(wanted) {
  return Math.max(LEAST_INTERVALS, Math.min(MOST_INTERVALS, wanted));
}

function placeTicks(axis, chosen, place) {
  axis.ticks.forEach((tick, k) => {
    const shown = k < chosen.length;
    for (const part of [tick.line, tick.gridLine, tick.text]) if (part) showNode(part, shown);
    if (!shown) return;
    setText(tick.text, chosen[k].text);
    place(tick, chosen[k].value);
  });
}

function placeText(text, x, y) {
  setAttribute(text, "x", String(x));
  setAttribute(text, "y", String(y));
}
