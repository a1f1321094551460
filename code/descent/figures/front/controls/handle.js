// The start of the run on the map: a handle moved by mouse, touch and arrow keys, or set by a click elsewhere.
import { clampToArea } from "../drawing/area.js";
import { KEEPS_ITS_KEYS, setAttribute, svgNode, translate } from "../drawing/elements.js";
import { readableNumber } from "../model/numbers.js";

const HANDLE_RADIUS = 7;
const HANDLE_REACH = 20;         // pixels around the start that still take hold of it
const KEY_STEP = 0.01;           // of the view's width; ten times as much with Shift
const START_DIGITS = 3;          // of the view's width in decimals: about what a pixel can tell apart
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function makeHandle(name, labels, view) {
  const [[x0, x1]] = view;
  const node = svgNode("g", {
    class: "descent-handle", tabindex: 0, role: "slider", "aria-roledescription": labels.length > 1 ? "two-dimensional slider" : "slider",
    "aria-label": `${name}, moved with the arrow keys`, "aria-valuemin": x0, "aria-valuemax": x1,
    ...KEEPS_ITS_KEYS,
  },
    svgNode("circle", { class: "descent-handle-reach", r: HANDLE_REACH }),
    svgNode("circle", { class: "descent-handle-focus", r: HANDLE_RADIUS + 5 }),
    svgNode("circle", { class: "descent-handle-ring", r: HANDLE_RADIUS }),
    svgNode("circle", { class: "descent-handle-dot", r: 1.8 }));

  // A start outside the view keeps its handle in reach, at the edge.
  function place(point, x, y, area) {
    translate(node, ...clampToArea(x, y, area));
    setAttribute(node, "aria-valuenow", String(point[0]));
    setAttribute(node, "aria-valuetext", labels.map((label, c) => `${label} ${readableNumber(point[c], 4)}`).join(", "));
  }
  return { node, place };
}

// `pointAt(event)` gives a point of the view and whether it lies in the area; `current()` the start as it is now.
export function listenForStart(handle, plot, view, pointAt, current, moveStart) {
  const moveTo = (point) => moveStart(point.map((value, c) => roundedIntoView(value, view[c])));
  let held = null, clickIsMine = false;

  plot.addEventListener("pointerdown", (event) => {
    const onHandle = handle.node.contains(event.target);
    const { point, inside } = pointAt(event);
    // A finger elsewhere in the map may be about to scroll the page: it moves the start only as a click.
    clickIsMine = !onHandle && inside && event.pointerType !== "mouse";
    if (event.button !== 0 || clickIsMine || !(onHandle || inside)) return;
    // The handle keeps its distance from the finger that took it, and jumps to a mouse that clicked elsewhere.
    const offset = onHandle ? current().map((value, c) => value - point[c]) : [0, 0];
    held = { pointer: event.pointerId, offset };
    plot.setPointerCapture(event.pointerId);
    event.preventDefault();
    handle.node.focus({ preventScroll: true });
    if (!onHandle) moveTo(point);
  });
  plot.addEventListener("pointermove", (event) => {
    if (held?.pointer === event.pointerId) moveTo(pointAt(event).point.map((value, c) => value + held.offset[c]));
  });
  for (const ending of ["pointerup", "pointercancel"]) {
    plot.addEventListener(ending, (event) => { if (held?.pointer === event.pointerId) held = null; });
  }
  plot.addEventListener("click", (event) => {
    if (clickIsMine) moveTo(pointAt(event).point);
  });
  handle.node.addEventListener("keydown", (event) => {
    if (!(event.key in ARROWS)) return;
    event.preventDefault();
    event.stopPropagation();
    const share = KEY_STEP * (event.shiftKey ? 10 : 1);
    moveTo(current().map((value, c) => value + ARROWS[event.key][c] * share * (view[c][1] - view[c][0])));
  });
}

function roundedIntoView(value, [low, high]) {
  const decimals = Math.max(0, START_DIGITS - Math.floor(Math.log10(high - low)));
  return Math.min(high, Math.max(low, Number(value.toFixed(decimals))));
}
