// The view of the data: the points, and what the parameters of each rule predict for them at the step shown.
import { makeAxes, placeAxes } from "../drawing/axes.js";
import { areaOfSize } from "../drawing/area.js";
import { setAttribute, showNode, svgNode, translate, uniqueId } from "../drawing/elements.js";
import { makePanel, makeSheet, sizeSheets } from "./panel.js";
import { makeScale } from "../drawing/scales.js";
import { layHeads, layLines, makeStrokes } from "../drawing/path_layer.js";
import { prepareFunction } from "../model/tape.js";
import { TRAIL_UNIT } from "../drawing/polyline.js";

const LINE_SAMPLES = 33;

export function makeData(spec, { rules }) {
  const clipId = uniqueId("clip");
  const clipBox = svgNode("rect");
  const points = svgNode("path", { class: "descent-data" });
  const axes = makeAxes(spec.labels, { grid: true });
  const strokes = rules.map((rule) => makeStrokes(rule.style));
  const plot = svgNode("svg", { class: "descent-plot descent-fixed", role: "img", "aria-label": "The data, and what each rule predicts" },
    svgNode("clipPath", { id: clipId }, clipBox),
    svgNode("g", { "clip-path": `url(#${clipId})`, "aria-hidden": "true" }, layLines(strokes)), layHeads(strokes));
  const sheet = makeSheet(axes.node, points);
  const node = makePanel("descent-losses", [sheet, plot]);
  const prediction = prepareFunction(spec.tape, "the prediction");
  const [[low, high]] = spec.view;
  let xScale, yScale, drawn = [];

  function resize(width, height) {
    const area = areaOfSize(width, height);
    sizeSheets([sheet, plot], clipBox, width, height, area);
    xScale = makeScale(spec.view[0], [area.left, area.right]);
    yScale = makeScale(spec.view[1], [area.bottom, area.top]);
    placeAxes(axes, area, xScale, yScale);
    const places = spec.x.map((x, k) => `M${xScale.toPixel(x).toFixed(1)} ${yScale.toPixel(spec.y[k]).toFixed(1)}h0`);
    points.setAttribute("d", places.join(""));
  }

  function drawPaths(traces) {
    drawn = traces;
  }

  function predict(trace, frame, x) {
    for (let c = 0; c < trace.dimensions; c++) prediction.at(`theta_${c}`, trace.positions[frame * trace.dimensions + c]);
    prediction.at("x", x);
    return prediction.evaluate();
  }

  function drawStep(step) {
    strokes.forEach((stroke, k) => {
      const text = [];
      for (let i = 0; i < LINE_SAMPLES; i++) {
        const x = low + (high - low) * i / (LINE_SAMPLES - 1);
        text.push(`${pathNumber(xScale.toPixel(x))} ${pathNumber(yScale.toPixel(predict(drawn[k], step, x)))}`);
      }
      setAttribute(stroke.line, "d", `M${text.join("L")}`);
      // The marker stands at another place for each rule, so that lines that meet are still told apart.
      const x = low + (high - low) * (k + 1) / (strokes.length + 1);
      const y = yScale.toPixel(predict(drawn[k], step, x));
      showNode(stroke.head, y >= yScale.toPixel(spec.view[1][1]) && y <= yScale.toPixel(spec.view[1][0]));
      translate(stroke.head, xScale.toPixel(x), y);
      showNode(stroke.cross, false);
    });
  }

  // What each rule predicts at the two ends of the axis, for tests.
  const numbers = (traces, { frame }) => traces.map((trace) => [predict(trace, frame, low), predict(trace, frame, high)]);
  return { node, plot, resize, drawPaths, drawStep, numbers };
}

const FARTHEST = 1e6;
function pathNumber(pixels) {
  const value = Math.round(pixels / TRAIL_UNIT);
  return Math.max(-FARTHEST, Math.min(FARTHEST, Number.isNaN(value) ? FARTHEST : value));
}
