// The view from the side, for a loss of one coordinate: its graph, with the steps of each rule on it.
import { makeAxes, placeAxes } from "../drawing/axes.js";
import { areaOfSize, isInside, pixelOfEvent } from "../drawing/area.js";
import { listenForStart, makeHandle } from "../controls/handle.js";
import { setAttribute, svgNode, uniqueId } from "../drawing/elements.js";
import { makePanel, makeSheet, sizeSheets } from "./panel.js";
import { lossAt } from "../model/run.js";
import { makeScale, valueSpan } from "../drawing/scales.js";
import { drawStrokes, emphasise, layGhosts, layHeads, layLines, makeGhost, makeStrokes } from "../drawing/path_layer.js";
import { makeTrail, writeTrail } from "../drawing/polyline.js";

const GRAPH_SAMPLES = 201;

export function makeGraph(_, { problem, prepared, rules, change }) {
  const clipId = uniqueId("clip");
  const clipBox = svgNode("rect");
  const curve = svgNode("path", { class: "descent-graph" });
  const handle = makeHandle("Start of the run", problem.labels, problem.view);
  const axes = makeAxes([problem.labels[0], "loss"], { grid: true });
  const strokes = rules.map((rule) => makeStrokes(rule.style, { onMap: true }));
  const ghosts = rules.map((rule) => makeGhost(rule.style));
  const plot = svgNode("svg", { class: "descent-plot descent-touchable", role: "group", "aria-label": `The loss over ${problem.labels[0]}` },
    svgNode("clipPath", { id: clipId }, clipBox),
    svgNode("g", { "clip-path": `url(#${clipId})`, "aria-hidden": "true" }, curve, layGhosts(ghosts), layLines(strokes)),
    layHeads(strokes), handle.node);
  const sheet = makeSheet(axes.node);
  const node = makePanel("descent-losses", [sheet, plot]);
  const point = new Float64Array(1);
  const [low, high] = problem.view[0];
  const places = Array.from({ length: GRAPH_SAMPLES }, (_, k) => low + (high - low) * k / (GRAPH_SAMPLES - 1));
  let area, xScale, yScale, trails = [], start = null;

  function resize(width, height) {
    area = areaOfSize(width, height);
    sizeSheets([sheet, plot], clipBox, width, height, area);
    xScale = makeScale([low, high], [area.left, area.right]);
  }

  function drawCurve() {
    const heights = places.map((x) => {
      point[0] = x;
      return lossAt(prepared, point);
    });
    const span = valueSpan([heights]);
    yScale = makeScale([span.low, span.high], [area.bottom, area.top]);
    placeAxes(axes, area, xScale, yScale);
    const text = heights.map((height, k) => `${xScale.toPixel(places[k]).toFixed(1)} ${yScale.toPixel(height).toFixed(1)}`);
    curve.setAttribute("d", `M${text.join("L")}`);
  }

  function writePath(trail, { positions, losses, steps, divergedAt }) {
    for (let t = 0; t <= steps; t++) {
      trail.xs[t] = xScale.toPixel(positions[t]);
      trail.ys[t] = yScale.toPixel(losses[t]);
    }
    writeTrail(trail, area, divergedAt, { withDots: true });
    return trail;
  }

  function drawPaths(traces, _, before) {
    drawCurve();
    if (trails[0]?.xs.length !== traces[0].steps + 1) trails = traces.map(({ steps }) => makeTrail(steps));
    traces.forEach((trace, k) => writePath(trails[k], trace));
    ghosts.forEach(({ path }, k) => {
      setAttribute(path, "d", before[k] ? writePath(makeTrail(before[k].steps), before[k]).line : "");
    });
    start = [traces[0].positions[0]];
    handle.place(start, trails[0].xs[0], trails[0].ys[0], area);
  }

  function drawStep(step) {
    strokes.forEach((stroke, k) => drawStrokes(stroke, trails[k], step, area));
  }

  function pointAt(event) {
    const [x, y] = pixelOfEvent(plot, event);
    return { point: [xScale.toValue(x)], inside: isInside(x, y, area) };
  }
  listenForStart(handle, plot, problem.view, pointAt, change.startNow, change.start);
  const emphasiseRule = (rule) => strokes.forEach((stroke, k) => emphasise(stroke, k === rule));
  return { node, plot, resize, drawPaths, drawStep, emphasise: emphasiseRule };
}
