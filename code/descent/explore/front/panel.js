// One view as it stands in the figure: the box of its plot and, where its lines are not the rules', their names below.
import { swatchNode } from "./marks.js";
import { htmlNode } from "./nodes.js";

// `named` is a list of { label, swatch }.
export function makePanel(boxClass, sheets, named = []) {
  const node = htmlNode("div", { class: "descent-view" }, htmlNode("div", { class: boxClass }, ...sheets));
  if (named.length > 0) {
    node.append(htmlNode("ul", { class: "descent-legend descent-line-names" },
      ...named.map(({ label, swatch }) => htmlNode("li", { class: "descent-legend-item" }, swatch, label))));
  }
  return node;
}

export function namedLine({ label, style }) {
  return { label, swatch: swatchNode(style) };
}
