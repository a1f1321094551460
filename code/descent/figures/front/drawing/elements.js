// Makes HTML and SVG elements from plain attributes and text, never from markup, so no data can become code.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

export function svgNode(name, attributes = {}, ...children) {
  return fillNode(document.createElementNS(SVG_NAMESPACE, name), attributes, children);
}

export function htmlNode(name, attributes = {}, ...children) {
  return fillNode(document.createElement(name), attributes, children);
}

function fillNode(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A text or an attribute that has not changed is left alone: writing it again would cost the browser work for nothing.
export function setText(node, text) {
  if (!node.firstChild) node.append(document.createTextNode(text));
  else if (node.firstChild.data !== text) node.firstChild.data = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// A box of fixed size in a value's place: when the text in it changes, nothing around it is laid out again. The value
// itself cannot be that box, as browsers lay out the items of a grid or a row only with all others.
export function makeSlot(...children) {
  return htmlNode("span", { class: "descent-slot" }, ...children);
}

export function translate(node, x, y) {
  setAttribute(node, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
}

export function showNode(node, visible) {
  if (visible === !node.hasAttribute("display")) return;
  if (visible) node.removeAttribute("display");
  else node.setAttribute("display", "none");
}

// Ids must stay unique with several figures, and several copies of this script, on one page.
export function uniqueId(name) {
  return `descent-${name}-${Math.random().toString(36).slice(2, 10)}`;
}

// JupyterLab's command mode would swallow the arrow keys without this attribute.
export const KEEPS_ITS_KEYS = { "data-lm-suppress-shortcuts": "true" };
