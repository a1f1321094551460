// Says in words what the figure shows at the step it stands at, one sentence for each rule.
import { exactNumber, readableNumber, readablePoint } from "./numbers.js";

export function describeRun(rules, { view }, { settings, start, frame }, traces) {
  const opening = `After ${frame} ${frame === 1 ? "step" : "steps"} from ${readablePoint(start)}: `;
  const sentences = rules.map((rule, k) => {
    return `${rule.label} (${describeSettings(rule, settings[k])}) ${describeEnd(traces[k], frame, view)}. `;
  });
  return [opening, ...sentences];
}

function describeSettings(rule, settings) {
  return rule.sliders.map(({ label, name }) => `${label} = ${exactNumber(settings[name])}`).join(", ") || "fixed settings";
}

function describeEnd(trace, frame, view) {
  if (hasDiverged(trace, frame)) return `diverged at step ${trace.divergedAt}`;
  if (!isInView(trace, frame, view)) return `has left the map; its loss is ${readableNumber(trace.losses[frame])}`;
  const distance = readableNumber(distanceMoved(trace, frame));
  return `has moved ${distance} from the start, to a loss of ${readableNumber(trace.losses[frame])}`;
}

function isInView({ positions, dimensions }, frame, view) {
  return view.every(([low, high], c) => {
    const value = positions[frame * dimensions + c];
    return value >= low && value <= high;
  });
}

export function hasDiverged({ divergedAt }, frame) {
  return divergedAt > 0 && frame >= divergedAt;
}

// What the legend says behind a rule's name.
export function describeLoss(trace, frame) {
  return hasDiverged(trace, frame) ? `diverged at step ${trace.divergedAt}` : `loss ${readableNumber(trace.losses[frame])}`;
}

function distanceMoved({ positions, dimensions }, frame) {
  const differences = [];
  for (let c = 0; c < dimensions; c++) differences.push(positions[frame * dimensions + c] - positions[c]);
  return Math.hypot(...differences);
}
