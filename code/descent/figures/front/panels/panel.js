// One view as it stands in the figure: the box of its plot and, where its lines are not the rules', their names below.
import { setBox } from "../drawing/area.js";
import { swatchNode } from "../drawing/symbols.js";
import { htmlNode, svgNode } from "../drawing/elements.js";

// `named` is a list of { label, swatch }.
export function makePanel(boxClass, sheets, named = []) {
  const node = htmlNode("div", { class: "descent-view" }, htmlNode("div", { class: boxClass }, ...sheets));
  if (named.length > 0) {
    node.append(htmlNode("ul", { class: "descent-legend descent-line-names" },
      ...named.map(({ label, swatch }) => htmlNode("li", { class: "descent-legend-item" }, swatch, label))));
  }
  return node;
}

// Axes lie on a sheet of their own below the plot: what moves every time then leaves their texts as they are.
export function makeSheet(...children) {
  return svgNode("svg", { class: "descent-sheet", "aria-hidden": "true" }, ...children);
}

// All sheets of a plot share its size in pixels; what fills the area is clipped to it.
export function sizeSheets(sheets, clipBox, width, height, area) {
  for (const sheet of sheets) sheet.setAttribute("viewBox", `0 0 ${width} ${height}`);
  setBox(clipBox, area);
}

export function namedLine({ label, style }) {
  return { label, swatch: swatchNode(style) };
}
