// The view over time: the loss of every rule after each step, with a line at the step shown.
import { makeAxes, placeAxes } from "./axes.js";
import { frameOfSize, isInside, pixelOfEvent, setBox } from "./frame.js";
import { htmlNode, setAttribute, svgNode, uniqueId } from "./nodes.js";
import { lossSpan, makeScale } from "./scales.js";
import { drawStrokes, layHeads, layLines, makeStrokes } from "./strokes.js";
import { makeTrail, writeTrail } from "./trail.js";

// `moveFrame(step)` is called when the reader points at a step.
export function makeLosses(rules, moveFrame) {
  const clipId = uniqueId("clip");
  const clipBox = svgNode("rect");
  const cursor = svgNode("path", { class: "descent-cursor" });
  const axes = makeAxes(["step", "loss"], { grid: true });
  const strokes = rules.map((rule) => makeStrokes(rule.style));
  const plot = svgNode("svg", { class: "descent-plot", role: "img", "aria-label": "Loss after each step" },
    svgNode("clipPath", { id: clipId }, clipBox), axes.node, cursor,
    svgNode("g", { "clip-path": `url(#${clipId})`, "aria-hidden": "true" }, layLines(strokes)), layHeads(strokes));
  const node = htmlNode("div", { class: "descent-losses" }, plot);

  let frame, xScale, trails = [], size = "", placed = "";

  function resize(width, height) {
    plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
    frame = frameOfSize(width, height);
    setBox(clipBox, frame);
    size = `${width} ${height}`;
  }

  function drawPaths(traces) {
    const { steps } = traces[0];
    if (trails[0]?.xs.length !== steps + 1) trails = traces.map(() => makeTrail(steps));
    const span = lossSpan(traces.map(({ losses }) => losses));
    xScale = makeScale([0, Math.max(1, steps)], [frame.left, frame.right]);
    const yScale = makeScale([span.low, span.high], [frame.bottom, frame.top], span.logarithmic);
    // The axes are touched only when they must change: most moves of a slider leave them as they are.
    const wanted = `${size} ${steps} ${span.low} ${span.high} ${span.logarithmic}`;
    if (wanted !== placed) placeAxes(axes, frame, xScale, yScale);
    placed = wanted;
    traces.forEach(({ losses, divergedAt }, k) => {
      const { xs, ys } = trails[k];
      for (let t = 0; t <= steps; t++) {
        xs[t] = xScale.toPixel(t);
        // A loss of 0, or of 1e-200, lies below the frame but not so far that the run would count as lost.
        ys[t] = Math.min(yScale.toPixel(losses[t]), 2 * frame.bottom);
      }
      writeTrail(trails[k], frame, divergedAt);
    });
  }

  function drawStep(step) {
    strokes.forEach((stroke, k) => drawStrokes(stroke, trails[k], step, frame));
    const x = xScale.toPixel(step).toFixed(1);
    setAttribute(cursor, "d", `M${x} ${frame.top}V${frame.bottom}`);
  }

  function listenForStep() {
    let held = null;
    const follow = (event) => {
      const step = Math.round(xScale.toValue(pixelOfEvent(plot, event)[0]));
      moveFrame(Math.min(xScale.high, Math.max(0, step)));
    };
    plot.addEventListener("pointerdown", (event) => {
      const [x, y] = pixelOfEvent(plot, event);
      if (event.button !== 0 || !isInside(x, y, frame)) return;
      held = event.pointerId;
      plot.setPointerCapture(held);
      follow(event);
    });
    plot.addEventListener("pointermove", (event) => { if (held === event.pointerId) follow(event); });
    for (const ending of ["pointerup", "pointercancel"]) {
      plot.addEventListener(ending, () => { held = null; });
    }
  }
  listenForStep();
  return { node, plot, resize, drawPaths, drawStep };
}
