// The view from above: contours of the loss, the minimum, the paths of all rules and the start that can be moved.
import { makeAxes, placeAxes } from "../drawing/axes.js";
import { areaOfSize, isInside, pixelOfEvent } from "../drawing/area.js";
import { makeGround } from "../drawing/contour_layer.js";
import { listenForStart, makeHandle } from "../controls/handle.js";
import { MINIMUM_SHAPE } from "../drawing/symbols.js";
import { setAttribute, showNode, svgNode, translate, uniqueId } from "../drawing/elements.js";
import { makePanel, makeSheet, sizeSheets } from "./panel.js";
import { lossAt } from "../model/run.js";
import { makeScale } from "../drawing/scales.js";
import { makeAnatomy } from "../drawing/anatomy_layer.js";
import { drawStrokes, emphasise, layGhosts, layHeads, layLines, makeGhost, makeStrokes } from "../drawing/path_layer.js";
import { isStale, makeTrail, writeTrail } from "../drawing/polyline.js";

const MAP_SAMPLES = 151;
// A surface that a slider changes is surveyed at every move.
const SAMPLES_OF_A_MOVING_SURFACE = 91;
// Height over width of the map, within which the two axes keep one scale.
const LEAST_ASPECT = 0.66, MOST_ASPECT = 1;

// `change.start(point)` is called with a new start; the view itself changes nothing until it is drawn again.
export function makeMap(_, { problem, prepared, rules, change }) {
  const clipId = uniqueId("clip");
  const clipBox = svgNode("rect");
  const minimum = svgNode("path", { class: "descent-minimum", d: MINIMUM_SHAPE });
  const handle = makeHandle("Start of the run", problem.labels, problem.view);
  const axes = makeAxes(problem.labels);
  const strokes = rules.map((rule) => makeStrokes(rule.style, { onMap: true }));
  const ghosts = rules.map((rule) => makeGhost(rule.style));
  const anatomy = makeAnatomy();
  showNode(anatomy.node, false);
  const name = `Map of the loss over ${problem.labels.join(" and ")}`;
  const plot = svgNode("svg", { class: "descent-plot", role: "group", "aria-label": name },
    svgNode("clipPath", { id: clipId }, clipBox),
    svgNode("g", { "clip-path": `url(#${clipId})`, "aria-hidden": "true" }, layGhosts(ghosts), layLines(strokes)),
    layHeads(strokes), anatomy.node, handle.node);
  plot.style.setProperty("--descent-aspect", aspectOf(problem.view));
  const ground = makeGround(problem.view, problem.sliders.length > 0 ? SAMPLES_OF_A_MOVING_SURFACE : MAP_SAMPLES);
  if (problem.minimum) ground.node.append(minimum);
  const sheet = makeSheet(axes.node);
  const node = makePanel("descent-map", [ground.node, sheet, plot]);
  const point = new Float64Array(2);
  let area, xScale, yScale, trails = [], trailsBefore = [], start = null, surveyed = "", placed = "", size = "";

  function resize(width, height) {
    area = areaOfSize(width, height);
    sizeSheets([ground.node, sheet, plot], clipBox, width, height, area);
    xScale = makeScale(problem.view[0], [area.left, area.right]);
    yScale = makeScale(problem.view[1], [area.bottom, area.top]);
    placeAxes(axes, area, xScale, yScale);
    if (problem.minimum) translate(minimum, xScale.toPixel(problem.minimum[0]), yScale.toPixel(problem.minimum[1]));
    size = `${width} ${height}`;
  }

  function lossOf(x, y) {
    point[0] = x;
    point[1] = y;
    return lossAt(prepared, point);
  }

  // The surface stays as it is while its parameters do.
  function drawGround(parameters) {
    const surface = JSON.stringify(parameters);
    if (surface !== surveyed) ground.survey(lossOf, problem.minimum ? lossOf(...problem.minimum) : Infinity);
    surveyed = surface;
    if (placed !== surface + size) ground.place(xScale, yScale);
    placed = surface + size;
  }

  function writePath(trail, { positions, steps, divergedAt, run }) {
    if (!isStale(trail, `${run} ${size}`)) return trail;
    for (let t = 0; t <= steps; t++) {
      trail.xs[t] = xScale.toPixel(positions[2 * t]);
      trail.ys[t] = yScale.toPixel(positions[2 * t + 1]);
    }
    writeTrail(trail, area, divergedAt, { withDots: true });
    return trail;
  }

  // `before` are the traces from before the last movement, null where a rule has none.
  function drawPaths(traces, { parameters }, before) {
    drawGround(parameters);
    if (trails[0]?.xs.length !== traces[0].steps + 1) trails = traces.map(({ steps }) => makeTrail(steps));
    traces.forEach((trace, k) => writePath(trails[k], trace));
    ghosts.forEach(({ path }, k) => {
      if (before[k] && trailsBefore[k]?.xs.length !== before[k].steps + 1) trailsBefore[k] = makeTrail(before[k].steps);
      setAttribute(path, "d", before[k] ? writePath(trailsBefore[k], before[k]).line : "");
    });
    start = [traces[0].positions[0], traces[0].positions[1]];
    handle.place(start, trails[0].xs[0], trails[0].ys[0], area);
  }

  function drawStep(step) {
    strokes.forEach((stroke, k) => drawStrokes(stroke, trails[k], step, area));
  }

  function pointAt(event) {
    const [x, y] = pixelOfEvent(plot, event);
    return { point: [xScale.toValue(x), yScale.toValue(y)], inside: isInside(x, y, area) };
  }
  listenForStart(handle, plot, problem.view, pointAt, change.startNow, change.start);
  return {
    node, plot, resize, drawPaths, drawStep,
    emphasise: (rule) => strokes.forEach((stroke, k) => emphasise(stroke, k === rule)),
    drawAnatomy: (parts, rule) => anatomy.draw(parts, rule.style, area, xScale, yScale),
  };
}

function aspectOf([[x0, x1], [y0, y1]]) {
  return Math.min(MOST_ASPECT, Math.max(LEAST_ASPECT, (y1 - y0) / (x1 - x0)));
}
