// What one step of a rule is made of: the gradient, the average of gradients, the step taken, and the scale of a step.
import { descendInto, makeTrace } from "./run.js";

// Of what rules remember or name, the average that points the way, and what a rule that divides by a size remembers.
const AVERAGES = ["m_hat", "m", "z"];
const IS_SIZE = /^(v|s|u)(_|$)/;

// The step `frame` of a rule as { from, g, average, averageName, step, rate }, each a pair; null before the first step
// and where the run has diverged. `rate` is the learning rate of a rule whose steps it gives the size of, else null.
export function anatomyOf(prepared, rule, preparedRule, hyperparameters, start, frame) {
  if (frame === 0) return null;
  const averageName = AVERAGES.find((name) => preparedRule.quantities.includes(name)) ?? null;
  const names = ["g", "step", ...(averageName ? [averageName] : [])];
  const trace = descendInto(makeTrace(frame, prepared.dimensions, names), prepared, preparedRule, hyperparameters, start);
  if (trace.divergedAt > 0) return null;
  const pair = (values, t) => [values[2 * t], values[2 * t + 1]];
  const quantity = (name) => pair(trace.quantities.get(name), frame);
  const adapts = rule.state.some((name) => IS_SIZE.test(name)) && typeof hyperparameters.lr === "number";
  return {
    from: pair(trace.positions, frame - 1), g: quantity("g"), step: quantity("step"), averageName,
    average: averageName ? quantity(averageName) : null, rate: adapts ? hyperparameters.lr : null,
  };
}
