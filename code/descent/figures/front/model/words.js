// Says in words what the figure shows at the step it stands at, one sentence for each rule.
import { exactNumber, readableNumber, readablePoint, settingText } from "./numbers.js";

export function describeRun({ rules, problem, shared, showsLoss }, { settings, parameters, start, frame }, traces) {
  const common = [
    ...problem.sliders.map((slider) => `${slider.label} = ${settingText(slider, parameters[slider.name])}`),
    ...shared.map(({ label, targets: [[k, name]] }) => `${label} = ${exactNumber(settings[k][name])}`),
  ];
  const given = common.length > 0 ? `, with ${common.join(", ")}` : "";
  const from = start.length > 0 ? ` from ${readablePoint(start)}` : "";
  const opening = `After ${frame} ${frame === 1 ? "step" : "steps"}${from}${given}: `;
  const sentences = rules.map((rule, k) => {
    return `${rule.label}${describeSettings(rule, settings[k])} ${describeEnd(traces[k], frame, problem, showsLoss)}. `;
  });
  return [opening, ...sentences];
}

function describeSettings(rule, settings) {
  const values = rule.sliders.map(({ label, name }) => `${label} = ${exactNumber(settings[name])}`);
  return values.length > 0 ? ` (${values.join(", ")})` : "";
}

function describeEnd(trace, frame, { view, labels }, showsLoss) {
  if (hasDiverged(trace, frame)) return `diverged at step ${trace.divergedAt}`;
  if (!showsLoss) return `is at ${labels.map((label, c) => `${label} = ${readableNumber(coordinateAt(trace, frame, c))}`).join(", ")}`;
  if (!isInView(trace, frame, view)) return `has left the map; its loss is ${readableNumber(trace.losses[frame])}`;
  const distance = readableNumber(distanceMoved(trace, frame));
  return `has moved ${distance} from the start, to a loss of ${readableNumber(trace.losses[frame])}`;
}

function isInView({ positions, dimensions }, frame, view) {
  return (view ?? []).every(([low, high], c) => {
    const value = positions[frame * dimensions + c];
    return value >= low && value <= high;
  });
}

export function hasDiverged({ divergedAt }, frame) {
  return divergedAt > 0 && frame >= divergedAt;
}

function coordinateAt({ positions, dimensions }, frame, c) {
  return positions[frame * dimensions + c];
}

// What the legend says behind a rule's name: its loss, or where it is in a figure that is not about a loss.
export function describeState(trace, frame, { labels }, showsLoss) {
  if (hasDiverged(trace, frame)) return `diverged at step ${trace.divergedAt}`;
  if (showsLoss) return `loss ${readableNumber(trace.losses[frame])}`;
  if (labels.length === 1) return `${labels[0]} = ${readableNumber(coordinateAt(trace, frame, 0))}`;
  return readablePoint(labels.map((_, c) => coordinateAt(trace, frame, c)));
}

function distanceMoved({ positions, dimensions }, frame) {
  const differences = [];
  for (let c = 0; c < dimensions; c++) differences.push(positions[frame * dimensions + c] - positions[c]);
  return Math.hypot(...differences);
}
