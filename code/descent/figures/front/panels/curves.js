// The view over time: a quantity of every rule after each step, with a line at the step shown.
import { makeAxes, placeAxes } from "../drawing/axes.js";
import { areaOfSize, isInside, pixelOfEvent } from "../drawing/area.js";
import { setAttribute, setText, showNode, svgNode, translate, uniqueId } from "../drawing/elements.js";
import { readableNumber } from "../model/numbers.js";
import { makePanel, makeSheet, namedLine, sizeSheets } from "./panel.js";
import { lossSpan, makeScale, valueSpan } from "../drawing/scales.js";
import { drawStrokes, emphasise, layGhosts, layHeads, layLines, makeGhost, makeStrokes } from "../drawing/path_layer.js";
import { prepareFunction } from "../model/tape.js";
import { isStale, makeTrail, writeTrail } from "../drawing/polyline.js";

// A line is { rule, quantity, coordinate }, a quantity of a rule, or { tape }, a function of t and the settings; both
// may have a style and a label of their own. `change.frame(step)` is called when the reader points at a step.
export function makeCurves(spec, { problem, rules, change }) {
  const lines = spec.lines.map((line) => prepareLine(line, problem));
  const clipId = uniqueId("clip");
  const clipBox = svgNode("rect");
  const cursor = svgNode("path", { class: "descent-cursor" });
  const guessLine = svgNode("path", { class: "descent-guess" });
  const axes = makeAxes(["step", spec.label], { grid: true });
  const styles = spec.lines.map((line) => line.style ?? rules[line.rule].style);
  const strokes = styles.map((style) => makeStrokes(style));
  const ghosts = styles.map(makeGhost);
  const linesBefore = spec.lines.map((line) => (line.quantity ? prepareLine(line, problem) : null));
  const peaks = lines.map(() => svgNode("g", { class: "descent-peak" },
    svgNode("circle", { r: 4 }), svgNode("text", { class: "descent-tick-text", "text-anchor": "middle", y: -9 })));
  const plot = svgNode("svg", { class: "descent-plot", role: "img", "aria-label": `${spec.name} after each step` },
    svgNode("clipPath", { id: clipId }, clipBox), cursor, guessLine,
    svgNode("g", { "clip-path": `url(#${clipId})`, "aria-hidden": "true" }, layGhosts(ghosts), layLines(strokes)), layHeads(strokes),
    ...peaks.filter((_, k) => spec.lines[k].peak));
  const named = spec.lines.map(({ label }, k) => ({ label, style: styles[k] })).filter(({ label }) => label);
  const sheet = makeSheet(axes.node);
  const node = makePanel("descent-losses", [sheet, plot], named.map(namedLine));

  let guess = null;
  let area, xScale, yScale, trails = [], trailsBefore = [], size = "", placed = "";

  function resize(width, height) {
    area = areaOfSize(width, height);
    sizeSheets([sheet, plot], clipBox, width, height, area);
    size = `${width} ${height}`;
  }

  // Of a rule's quantity nothing changes while its run and the axes stay; a reference curve is written each time.
  function writeValues(trail, values, yScale, { divergedAt, run } = { divergedAt: 0 }) {
    if (!isStale(trail, run ? `${run} ${placed}` : null) && run) return trail;
    for (let t = 0; t < values.length; t++) {
      trail.xs[t] = xScale.toPixel(t);
      // A loss of 0, or of 1e-200, lies below the area but not so far that the run would count as lost.
      trail.ys[t] = Math.min(yScale.toPixel(values[t]), 2 * area.bottom);
    }
    writeTrail(trail, area, divergedAt);
    return trail;
  }

  // `before` are the traces from before the last movement, null where a rule has none.
  function drawPaths(traces, state, before) {
    const { steps } = state;
    if (trails[0]?.xs.length !== steps + 1) trails = lines.map(() => makeTrail(steps));
    const series = lines.map((line) => line.valuesOf(traces, state));
    // While a guess is asked for, the axis must not give the answer away.
    const seen = state.isAsking ? series.map((values) => [values[0], values[0] * 10, values[0] * 1e-10]) : series;
    const span = spec.scale === "linear" ? valueSpan(seen, spec.limits) : lossSpan(seen, spec.floor);
    xScale = makeScale([0, Math.max(1, steps)], [area.left, area.right]);
    yScale = makeScale([span.low, span.high], [area.bottom, area.top], span.logarithmic);
    // The axes are touched only when they must change: most moves of a slider leave them as they are.
    const wanted = `${size} ${steps} ${span.low} ${span.high} ${span.logarithmic}`;
    if (wanted !== placed) placeAxes(axes, area, xScale, yScale);
    placed = wanted;
    series.forEach((values, k) => {
      const { rule } = spec.lines[k];
      writeValues(trails[k], values, yScale, traces[rule]);
      const past = linesBefore[k] && before[rule];
      if (past && trailsBefore[k]?.xs.length !== past.steps + 1) trailsBefore[k] = makeTrail(past.steps);
      const pastTrail = past && writeValues(trailsBefore[k], linesBefore[k].valuesOf(before, state), yScale, past);
      setAttribute(ghosts[k].path, "d", pastTrail ? pastTrail.line : "");
      if (spec.lines[k].peak) markPeak(peaks[k], values, trails[k], area);
    });
  }

  // Where the reader thinks that the curve will end; null for no guess.
  function showGuess(value) {
    guess = value;
    if (yScale) drawGuess();
  }

  function drawGuess() {
    showNode(guessLine, guess !== null);
    if (guess === null) return;
    const y = Math.min(area.bottom, Math.max(area.top, yScale.toPixel(guess))).toFixed(1);
    setAttribute(guessLine, "d", `M${area.left} ${y}H${area.right}`);
  }

  function drawStep(step) {
    drawGuess();
    strokes.forEach((stroke, k) => drawStrokes(stroke, trails[k], step, area));
    const x = xScale.toPixel(step).toFixed(1);
    setAttribute(cursor, "d", `M${x} ${area.top}V${area.bottom}`);
  }

  function listenForStep() {
    let held = null;
    const follow = (event) => {
      const step = Math.round(xScale.toValue(pixelOfEvent(plot, event)[0]));
      change.frame(Math.min(xScale.high, Math.max(0, step)));
    };
    plot.addEventListener("pointerdown", (event) => {
      const [x, y] = pixelOfEvent(plot, event);
      if (event.button !== 0 || !isInside(x, y, area)) return;
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
  const numbers = (traces, state) => lines.map((line) => line.valuesOf(traces, state));
  const words = (traces, state) => spec.lines.flatMap((line, k) => {
    if (!line.peak && !line.say) return [];
    const values = lines[k].valuesOf(traces, state), step = line.peak ? highest(values) : state.frame;
    if (line.say) return Number.isNaN(values[step]) ? [] : [`The ${line.say} is ${readableNumber(values[step])}. `];
    return [`The highest value of “${line.label}” is ${readableNumber(values[step], 4)}, at step ${step}. `];
  });
  const emphasiseRule = (rule) => strokes.forEach((stroke, k) => emphasise(stroke, spec.lines[k].rule === rule));
  return { node, plot, resize, drawPaths, drawStep, numbers, words, showGuess, emphasise: emphasiseRule };
}

function prepareLine(line, { minimum }) {
  if (line.tape) return prepareReference(line);
  if (line.names) return prepareGrid(line);
  const { rule, quantity, coordinate } = line;
  if (quantity === "loss") return { valuesOf: (traces) => traces[rule].losses };
  let values = new Float64Array(0);
  return {
    valuesOf(traces) {
      const { positions, quantities, steps, dimensions } = traces[rule];
      const source = quantity === "position" || quantity === "error" ? positions : quantities.get(quantity);
      if (values.length !== steps + 1) values = new Float64Array(steps + 1);
      for (let t = 0; t <= steps; t++) values[t] = source[t * dimensions + coordinate];
      if (quantity === "error") for (let t = 0; t <= steps; t++) values[t] = Math.abs(values[t] - minimum[coordinate]);
      return values;
    },
  };
}

// Its inputs are found by name: t, the problem's parameters and the first rule's hyperparameters.
function prepareReference(line) {
  const calculation = prepareFunction(line.tape, `the curve "${line.label}"`);
  let values = new Float64Array(0);
  return {
    valuesOf(traces, { settings, parameters, steps }) {
      if (values.length !== steps + 1) values = new Float64Array(steps + 1);
      calculation.set({ ...line.fixed, ...settings[0], ...parameters });
      values[0] = NaN;
      for (let t = 1; t <= steps; t++) {
        calculation.at("t", t);
        values[t] = calculation.evaluate();
      }
      return values;
    },
  };
}

// A line for each place of some sliders: computed before, at every few steps and straight in between, or a function
// of t for each that one more slider scales.
function prepareGrid({ names, sizes, series, every, tapes, scaled, say }) {
  const placeOf = (parameters) => names.reduce((place, name, k) => place * sizes[k] + parameters[name], 0);
  const functions = (tapes ?? []).map((tape) => prepareFunction(tape, `the ${say}`));
  return {
    valuesOf(_, { parameters, steps }) {
      const place = placeOf(parameters);
      return Float64Array.from({ length: steps + 1 }, (_, t) => {
        if (series) return between(series[place], t / every);
        if (t === 0) return NaN;
        functions[place].at("t", t);
        return scaled.values[parameters[scaled.name]] * functions[place].evaluate();
      });
    },
  };
}

function between(values, place) {
  const before = Math.floor(place), share = place - before;
  return share === 0 ? values[before] : values[before] + share * (values[before + 1] - values[before]);
}

function highest(values) {
  let place = 1;
  for (let t = 1; t < values.length; t++) if (values[t] > values[place]) place = t;
  return place;
}

function markPeak(node, values, { xs, ys }, { left, right, top }) {
  const step = highest(values);
  translate(node, xs[step], ys[step]);
  const text = node.querySelector("text");
  setText(text, `${readableNumber(values[step], 4)} at step ${step}`);
  setAttribute(text, "text-anchor", xs[step] < left + 60 ? "start" : xs[step] > right - 60 ? "end" : "middle");
  setAttribute(text, "y", ys[step] < top + 16 ? "18" : "-9");
}
