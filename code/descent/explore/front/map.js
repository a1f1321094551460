// The view from above: contours of the loss, the minimum, the paths of all rules and the start that can be moved.
import { makeAxes, placeAxes } from "./axes.js";
import { contourRings, evenHeights } from "./contours.js";
import { frameOfSize, isInside, pixelOfEvent, setBox } from "./frame.js";
import { listenForStart, makeHandle } from "./handle.js";
import { MINIMUM_SHAPE } from "./marks.js";
import { htmlNode, svgNode, translate, uniqueId } from "./nodes.js";
import { lossAt, sampleLoss } from "./run.js";
import { makeScale } from "./scales.js";
import { drawStrokes, layHeads, layLines, makeStrokes } from "./strokes.js";
import { makeTrail, ringText, writeTrail } from "./trail.js";

const LEVELS = 14;
const SAMPLES = 151;
// Of the view's width: the wall around the grid must close the lines out of sight.
const GRID_OVERHANG = 0.02;
// Height over width of the map, within which the two axes keep one scale.
const LEAST_ASPECT = 0.66, MOST_ASPECT = 1;

// `moveStart(point)` is called with a new start; the view itself changes nothing until it is drawn again.
export function makeMap(problem, prepared, rules, moveStart) {
  const clipId = uniqueId("clip");
  const clipBox = svgNode("rect");
  const minimum = svgNode("path", { class: "descent-minimum", d: MINIMUM_SHAPE });
  const handle = makeHandle(problem.labels, problem.view);
  const axes = makeAxes(problem.labels);
  const strokes = rules.map((rule) => makeStrokes(rule.style, { onMap: true }));
  const name = `Map of the loss over ${problem.labels.join(" and ")}`;
  const plot = svgNode("svg", { class: "descent-plot", role: "group", "aria-label": name },
    svgNode("clipPath", { id: clipId }, clipBox),
    svgNode("g", { "clip-path": `url(#${clipId})`, "aria-hidden": "true" }, layLines(strokes)),
    axes.node, layHeads(strokes), handle.node);
  plot.style.setProperty("--descent-aspect", aspectOf(problem.view));
  // The ground lies on a sheet of its own below: a path that moves leaves it as it is.
  const ground = svgNode("svg", { class: "descent-ground", "aria-hidden": "true" });
  const node = htmlNode("div", { class: "descent-map" }, ground, plot);

  const levels = levelRings(prepared, problem);
  // The ground is tinted and each level lightens what lies below it: the lower, the nearer to the paper.
  const lines = levels.map(() => svgNode("path", { class: "descent-contour", "fill-rule": "evenodd" }));
  ground.append(...lines, ...(problem.minimum ? [minimum] : []));
  let frame, xScale, yScale, trails = [], start = null;

  function resize(width, height) {
    for (const sheet of [ground, plot]) sheet.setAttribute("viewBox", `0 0 ${width} ${height}`);
    frame = frameOfSize(width, height);
    xScale = makeScale(problem.view[0], [frame.left, frame.right]);
    yScale = makeScale(problem.view[1], [frame.bottom, frame.top]);
    setBox(clipBox, frame);
    placeAxes(axes, frame, xScale, yScale);
    levels.forEach((rings, k) => {
      lines[k].setAttribute("d", rings.map((ring) => ringText(ring, xScale, yScale)).join(""));
    });
    if (problem.minimum) translate(minimum, xScale.toPixel(problem.minimum[0]), yScale.toPixel(problem.minimum[1]));
  }

  function drawPaths(traces) {
    if (trails[0]?.xs.length !== traces[0].steps + 1) trails = traces.map(({ steps }) => makeTrail(steps));
    traces.forEach(({ positions, steps, divergedAt }, k) => {
      const { xs, ys } = trails[k];
      for (let t = 0; t <= steps; t++) {
        xs[t] = xScale.toPixel(positions[2 * t]);
        ys[t] = yScale.toPixel(positions[2 * t + 1]);
      }
      writeTrail(trails[k], frame, divergedAt, { withDots: true });
    });
    start = [traces[0].positions[0], traces[0].positions[1]];
    handle.place(start, trails[0].xs[0], trails[0].ys[0], frame);
  }

  function drawStep(step) {
    strokes.forEach((stroke, k) => drawStrokes(stroke, trails[k], step, frame));
  }

  function pointAt(event) {
    const [x, y] = pixelOfEvent(plot, event);
    return { point: [xScale.toValue(x), yScale.toValue(y)], inside: isInside(x, y, frame) };
  }
  listenForStart(handle, plot, problem.view, pointAt, () => start, moveStart);
  return { node, plot, resize, drawPaths, drawStep };
}

function aspectOf([[x0, x1], [y0, y1]]) {
  return Math.min(MOST_ASPECT, Math.max(LEAST_ASPECT, (y1 - y0) / (x1 - x0)));
}

// Rings of every level in the problem's own coordinates; they depend on the surface alone and are found once.
function levelRings(prepared, { view, minimum }) {
  const wider = view.map(([low, high]) => [low - GRID_OVERHANG * (high - low), high + GRID_OVERHANG * (high - low)]);
  const losses = sampleLoss(prepared, wider, SAMPLES);
  const heights = evenHeights(losses, minimum ? lossAt(prepared, minimum) : Infinity);
  const toCoordinate = (place, c) => wider[c][0] + (wider[c][1] - wider[c][0]) * place / (SAMPLES - 1);
  const levels = [];
  for (let k = LEVELS; k >= 1; k--) {
    const rings = contourRings(heights, SAMPLES, k / (LEVELS + 1));
    levels.push(rings.map((ring) => ring.map((place, index) => toCoordinate(place, index % 2))));
  }
  return levels;
}
