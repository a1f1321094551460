// The look that tells a rule apart everywhere it appears: colour, dash and marker shape.
import { svgNode } from "./elements.js";

// Shapes about 10 pixels across, around (0, 0).
const MARKER_SHAPES = {
  circle: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z",
  square: "M-4 -4H4V4H-4Z",
  diamond: "M0 -5.8L5.8 0L0 5.8L-5.8 0Z",
  triangle: "M0 -5.4L5.2 3.8H-5.2Z",
  cross: "M-4.8 -2.4L-2.4 -4.8L0 -2.4L2.4 -4.8L4.8 -2.4L2.4 0L4.8 2.4L2.4 4.8L0 2.4L-2.4 4.8L-4.8 2.4L-2.4 0Z",
  star: "M0 -6.4L1.6 -2.1L6.1 -2L2.5 .8L3.8 5.2L0 2.6L-3.8 5.2L-2.5 .8L-6.1 -2L-1.6 -2.1Z",
};
export const CROSS_SHAPE = "M-5 -5L5 5M-5 5L5 -5";
export const MINIMUM_SHAPE = "M-6 0H6M0 -6V6";

export function markerShape(style) {
  return MARKER_SHAPES[style.marker] ?? MARKER_SHAPES.circle;
}

// Set through CSSOM, which a strict content policy allows. Black follows the ink, or it would vanish on a dark page.
export function wearStyle(node, style) {
  node.classList.add("descent-shaded");
  const black = /^(black|#000|#000000)$/i.test(style.color);
  node.style.setProperty("--descent-rule", black ? "var(--descent-ink)" : style.color);
}

// The two marks of the map that belong to no rule.
export function startSwatch() {
  return smallSwatch(
    svgNode("circle", { class: "descent-handle-ring", r: 5 }), svgNode("circle", { class: "descent-handle-dot", r: 1.5 }));
}

export function minimumSwatch() {
  return smallSwatch(svgNode("path", { class: "descent-minimum", d: MINIMUM_SHAPE }));
}

function smallSwatch(...shapes) {
  return swatchOfSize("-7 -7 14 14", 14, shapes);
}

// The short sample of line and marker shown in the legend and above a rule's sliders.
export function swatchNode(style) {
  const node = swatchOfSize("-17 -7 34 14", 34, [
    svgNode("path", { class: "descent-swatch-line", d: "M-16 0H16", "stroke-dasharray": style.dash || "none" }),
    svgNode("path", { class: "descent-head", d: markerShape(style) }),
  ]);
  wearStyle(node, style);
  return node;
}

function swatchOfSize(viewBox, width, shapes) {
  return svgNode("svg", { class: "descent-swatch", viewBox, width, height: 14, "aria-hidden": "true" }, ...shapes);
}
