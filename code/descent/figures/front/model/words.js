// Says in one sentence what the figure shows at the step it stands at. The numbers of all rules stand in the legend.
import { exactNumber, readableNumber, readablePoint, settingText } from "./numbers.js";

// `moved` is what the reader moved last: { rule, slider } or null; `before` are the traces from before that movement.
export function describeRun({ rules, problem, shared, showsLoss }, state, traces, moved, before) {
  const { frame } = state;
  const opening = `After ${frame} ${frame === 1 ? "step" : "steps"}`;
  const k = moved?.rule ?? bestRule(traces, frame, showsLoss);
  if (k < 0) return `${opening}${describeGiven({ problem, shared }, state)}.`;
  const given = moved ? describeMoved(moved, { rules, problem, shared }, state) : "";
  const others = rules.length > 1 && !moved && showsLoss && frame > 0 && isAlone(traces, k, frame) ? ", the lowest" : "";
  const stands = describeEnd(traces[k], frame, problem, showsLoss);
  const was = before?.[k] ? describeBefore(before[k], Math.min(frame, before[k].steps), problem, showsLoss) : "";
  const lost = rules.filter((_, i) => i !== k && hasDiverged(traces[i], frame)).map(({ label }) => label);
  const gone = lost.length > 0 ? `; ${lost.join(" and ")} diverged` : "";
  return `${opening}${given} ${rules[k].label} ${stands}${others}${was}${gone}.`;
}

// The lowest of the rules, and of those that diverged the first; where no loss is shown there is no best.
function bestRule(traces, frame, showsLoss) {
  if (traces.length === 0) return -1;
  if (!showsLoss) return 0;
  const loss = (trace) => (hasDiverged(trace, frame) || Number.isNaN(trace.losses[frame]) ? Infinity : trace.losses[frame]);
  return traces.reduce((best, trace, k) => (loss(trace) < loss(traces[best]) ? k : best), 0);
}

// Whether this rule's loss is below all others'.
function isAlone(traces, k, frame) {
  const low = traces[k].losses[frame];
  return !hasDiverged(traces[k], frame) && traces.every((trace, i) => i === k || hasDiverged(trace, frame) || !(trace.losses[frame] <= low));
}

function describeMoved({ rule, name }, { rules, problem, shared }, { settings, parameters, start }) {
  if (name === "start") return start.length > 0 ? ` from ${readablePoint(start)}` : "";
  const slider = problem.sliders.find((candidate) => candidate.name === name);
  if (slider) return `, with ${slider.label} = ${settingText(slider, parameters[name])},`;
  const own = rules[rule]?.sliders.find((candidate) => candidate.name === name)
    ?? shared.find(({ targets }) => targets.some(([, target]) => target === name));
  return own ? `, with ${own.label} = ${exactNumber(settings[rule][name])},` : "";
}

function describeGiven({ problem }, { parameters }) {
  const given = problem.sliders.map((slider) => `${slider.label} = ${settingText(slider, parameters[slider.name])}`);
  return given.length > 0 ? `, with ${given.join(", ")}` : "";
}

function describeEnd(trace, frame, { view, labels }, showsLoss) {
  if (hasDiverged(trace, frame)) return `has diverged, at step ${trace.divergedAt}`;
  if (!showsLoss) return `is at ${labels.map((label, c) => `${label} = ${readableNumber(coordinateAt(trace, frame, c))}`).join(", ")}`;
  if (Number.isNaN(trace.losses[frame])) return "has a loss that is not a number";
  const loss = readableNumber(trace.losses[frame]);
  return isInView(trace, frame, view) ? `has a loss of ${loss}` : `has left the map, with a loss of ${loss}`;
}

function describeBefore(trace, frame, { labels }, showsLoss) {
  if (hasDiverged(trace, frame)) return "; before, it diverged";
  if (showsLoss) return `; before, ${readableNumber(trace.losses[frame])}`;
  return `; before, ${labels.map((label, c) => `${label} = ${readableNumber(coordinateAt(trace, frame, c))}`).join(", ")}`;
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
