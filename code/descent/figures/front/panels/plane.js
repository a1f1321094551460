// A plane of two hyperparameters of the first rule, with the contours of a function of them; a dragged point sets both.
import { makeAxes, placeAxes } from "../drawing/axes.js";
import { contourRings, sampleGrid } from "../drawing/contours.js";
import { areaOfSize, clampToArea, isInside, pixelOfEvent } from "../drawing/area.js";
import { makeGround } from "../drawing/contour_layer.js";
import { listenForStart, makeHandle } from "../controls/handle.js";
import { svgNode, translate, uniqueId } from "../drawing/elements.js";
import { readableNumber } from "../model/numbers.js";
import { makePanel, makeSheet, sizeSheets } from "./panel.js";
import { makeScale } from "../drawing/scales.js";
import { prepareFunction } from "../model/tape.js";
import { ringText } from "../drawing/polyline.js";

const PLANE_SAMPLES = 121;

export function makePlane(spec, { rules, change }) {
  const { names, view, labels } = spec;
  const clipId = uniqueId("clip");
  const clipBox = svgNode("rect");
  const [rule] = rules;
  const handle = makeHandle(`Settings of ${rule.label}`, labels, view);
  const axes = makeAxes(labels);
  const borders = spec.lines.map((_, k) => svgNode("path", { class: "descent-border", "stroke-dasharray": BORDER_DASHES[k % 3] }));
  const regions = spec.regions.map(({ text }) => svgNode("text", { class: "descent-region" }, text));
  const plot = svgNode("svg", { class: "descent-plot", role: "group", "aria-label": spec.name },
    svgNode("clipPath", { id: clipId }, clipBox),
    svgNode("g", { "clip-path": `url(#${clipId})`, "aria-hidden": "true" }, ...borders, ...regions), handle.node);
  plot.style.setProperty("--descent-aspect", 0.8);
  const ground = makeGround(view, PLANE_SAMPLES);
  const named = spec.lines.map(({ label }, k) => ({ label, swatch: borderSwatch(k) }));
  const sheet = makeSheet(axes.node);
  const node = makePanel("descent-map", [ground.node, sheet, plot], named);
  const height = prepareFunction(spec.tape, spec.name);
  const valueAt = functionOfTwo(height, names);
  // Where each border's function is 0, ring by ring in the plane's own coordinates.
  const borderRings = spec.lines.map(({ tape, label }) => zeroLines(functionOfTwo(prepareFunction(tape, label), names), view));
  let area, xScale, yScale, point = null;
  // The least and greatest values that the rule's own sliders allow: beta stays below 1.
  const limits = names.map((name) => rule.sliders.find((slider) => slider.name === name)).map(({ min, max }) => [min, max]);

  function resize(width, heightOfPlot) {
    area = areaOfSize(width, heightOfPlot);
    sizeSheets([ground.node, sheet, plot], clipBox, width, heightOfPlot, area);
    xScale = makeScale(view[0], [area.left, area.right]);
    yScale = makeScale(view[1], [area.bottom, area.top]);
    placeAxes(axes, area, xScale, yScale);
    ground.place(xScale, yScale);
    borders.forEach((border, k) => {
      border.setAttribute("d", borderRings[k].map((ring) => ringText(ring, xScale, yScale)).join(""));
    });
    regions.forEach((region, k) => {
      const [x, y] = spec.regions[k].at;
      translate(region, ...clampToArea(xScale.toPixel(x), yScale.toPixel(y), area));
    });
  }

  function drawPaths(_, { settings }) {
    point = names.map((name) => settings[0][name]);
    handle.place(point, xScale.toPixel(point[0]), yScale.toPixel(point[1]), area);
  }

  function pointAt(event) {
    const [x, y] = pixelOfEvent(plot, event);
    return { point: [xScale.toValue(x), yScale.toValue(y)], inside: isInside(x, y, area) };
  }
  ground.survey(valueAt);
  listenForStart(handle, plot, limits, pointAt, () => names.map((name) => change.settingsNow()[0][name]),
    (values) => change.settings(names.map((name, c) => [0, name, values[c]])));
  const valueHere = ({ settings }) => valueAt(...names.map((name) => settings[0][name]));
  return {
    node, plot, resize, drawPaths, drawStep() {},
    numbers: (_, state) => valueHere(state),
    words: (_, state) => [`${spec.name} here: ${readableNumber(valueHere(state), 4)}. `],
  };
}

const BORDER_DASHES = ["none", "7 3", "2 3"];

function borderSwatch(k) {
  return svgNode("svg", { class: "descent-swatch", viewBox: "-17 -7 34 14", width: 34, height: 14, "aria-hidden": "true" },
    svgNode("path", { class: "descent-border", d: "M-16 0H16", "stroke-dasharray": BORDER_DASHES[k % 3] }));
}

function functionOfTwo(calculation, names) {
  return (x, y) => {
    calculation.set({ [names[0]]: x, [names[1]]: y });
    return calculation.evaluate();
  };
}

// The rings around what lies below 0 are cut where they run along the edge of the grid: those are no border.
function zeroLines(valueAt, view) {
  const wider = view.map(([low, high]) => [low - 0.02 * (high - low), high + 0.02 * (high - low)]);
  const rings = contourRings(sampleGrid(valueAt, wider, PLANE_SAMPLES), PLANE_SAMPLES, 0);
  return rings.map((ring) => ring.map((place, index) => {
    const [low, high] = wider[index % 2];
    return low + (high - low) * place / (PLANE_SAMPLES - 1);
  }));
}
