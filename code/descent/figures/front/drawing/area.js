// Measures a plot's area: the rectangle, in pixels, that the axes bound and the data fill.
import { setAttribute } from "./elements.js";

// A plot's svg is its area; ticks and names hang outside, over the margins that explore.css keeps free.
export function areaOfSize(width, height) {
  return { left: 0, right: width, top: 0, bottom: height };
}

export function isInside(x, y, { left, right, top, bottom }) {
  return x >= left && x <= right && y >= top && y <= bottom;
}

// NaN goes to the middle, so that it never reaches an attribute.
export function clampToArea(x, y, { left, right, top, bottom }) {
  return [clampBetween(x, left, right), clampBetween(y, top, bottom)];
}

function clampBetween(value, low, high) {
  return Number.isNaN(value) ? (low + high) / 2 : Math.min(high, Math.max(low, value));
}

export function setBox(rectangle, { left, right, top, bottom }) {
  setAttribute(rectangle, "x", String(left));
  setAttribute(rectangle, "y", String(top));
  setAttribute(rectangle, "width", String(right - left));
  setAttribute(rectangle, "height", String(bottom - top));
}

// The place of a pointer in the plot's own pixels, which a zoom may have scaled.
export function pixelOfEvent(plot, event) {
  const box = plot.getBoundingClientRect();
  const view = plot.viewBox.baseVal;
  return [(event.clientX - box.left) * view.width / box.width, (event.clientY - box.top) * view.height / box.height];
}
