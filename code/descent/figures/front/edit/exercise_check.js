// Runs a reader's rule against the right one on random gradients, and says what it is that differs.
import { compileTape, makeRegisters, replayTape } from "../model/tape.js";
import { isDecayRate, translateLoss, translateRule } from "./translate.js";

const RUNS = 3, RUN_STEPS = 12, COORDINATES = 4;
const CLOSE = 1e-8; // Python and a browser may differ in a last digit

// `answer` is { kind, right, wrong: [{ sentence, rule }] }; a rule is { tape, state, fixed }. `random()` gives numbers in
// [0, 1). Returns { right, sentence }, or throws a Refusal.
export function checkAnswer(answer, text, random) {
  return answer.kind === "rule" ? checkRule(answer, text, random) : checkLoss(answer.kind, text, random);
}

function checkRule({ right, wrong }, text, random) {
  const { tape, state, hyperparameters } = translateRule(text);
  const names = hyperparameters.map(({ name }) => name);
  const missing = Object.keys(right.fixed).filter((name) => !names.includes(name));
  const strange = names.filter((name) => !(name in right.fixed));
  if (missing.length + strange.length > 0) {
    return { right: false, sentence: `Keep the settings of the first line as they were: ${Object.keys(right.fixed).join(", ")}.` };
  }
  const given = { tape, state };
  const trials = Array.from({ length: RUNS }, () => makeTrial(right.fixed, random));
  const agrees = (rule) => trials.every((trial) => firstDifference(runTrial(rule, trial), runTrial(given, trial)) === null);
  if (agrees(right)) return { right: true, sentence: "Right: the same steps as the rule that was asked for." };
  const known = wrong.find(({ rule }) => agrees(rule));
  if (known) return { right: false, sentence: known.sentence };
  const step = firstDifference(runTrial(right, trials[0]), runTrial(given, trials[0]));
  const hint = step === 1 ? "the first step already differs" : `the first ${step === 2 ? "step is" : `${step - 1} steps are`} as asked for, step ${step} is not`;
  return { right: false, sentence: `Not yet: ${hint}.` };
}

function makeTrial(fixed, random) {
  const values = Object.fromEntries(Object.keys(fixed).map((name) => [name, isDecayRate(name) ? 0.3 + 0.6 * random() : 0.05 + 0.4 * random()]));
  const row = () => Array.from({ length: COORDINATES }, () => 4 * random() - 2);
  return { values, start: row(), gradients: Array.from({ length: RUN_STEPS }, row) };
}

// Theta after each step, one list after another.
function runTrial({ tape, state }, { values, start, gradients }) {
  const program = compileTape(tape, "an exercise");
  const place = (name) => program.inputs.indexOf(name);
  const coordinates = start.map((theta) => {
    const registers = makeRegisters(program);
    for (const [name, value] of Object.entries(values)) if (place(name) >= 0) registers[place(name)] = value;
    registers[place("theta")] = theta;
    return registers;
  });
  return gradients.map((g, k) => coordinates.map((registers, c) => {
    registers[place("g")] = g[c];
    registers[place("t")] = k + 1;
    replayTape(program, registers);
    const next = ["theta", ...state].map((name) => [place(name), registers[program.outputs[name]]]);
    for (const [register, value] of next) registers[register] = value;
    return registers[place("theta")];
  }));
}

// The first step after which two runs are at different places, or null.
function firstDifference(some, others) {
  const differs = (a, b) => a !== b && !(Math.abs(a - b) <= CLOSE * Math.max(1, Math.abs(a), Math.abs(b))) && !(Number.isNaN(a) && Number.isNaN(b));
  const step = some.findIndex((row, k) => row.some((value, c) => differs(value, others[k][c])));
  return step < 0 ? null : step + 1;
}

function checkLoss(kind, text, random) {
  const tape = translateLoss(text, { coordinates: ["x0", "x1"], labels: ["x", "y"] });
  const program = compileTape(tape, "an exercise");
  const registers = makeRegisters(program);
  const gradientAt = (x, y) => {
    registers.set([x, y]);
    replayTape(program, registers);
    return [registers[program.outputs.gradient_0], registers[program.outputs.gradient_1]];
  };
  const [task, number] = kind.split(" ");
  return task === "saddle" ? checkSaddle(gradientAt) : checkCondition(gradientAt, Number(number), random);
}

// The two curvatures at a place, the smaller first.
function curvaturesAt(gradientAt, x, y) {
  const h = 1e-4;
  const [[a, b], [c, d]] = [[gradientAt(x - h, y), gradientAt(x + h, y)], [gradientAt(x, y - h), gradientAt(x, y + h)]];
  const [xx, xy, yy] = [(b[0] - a[0]) / (2 * h), (b[1] - a[1] + d[0] - c[0]) / (4 * h), (d[1] - c[1]) / (2 * h)];
  const middle = (xx + yy) / 2, reach = Math.hypot((xx - yy) / 2, xy);
  return [middle - reach, middle + reach];
}

function checkCondition(gradientAt, wanted, random) {
  const places = Array.from({ length: 4 }, () => [4 * random() - 2, 4 * random() - 2]);
  const found = places.map(([x, y]) => curvaturesAt(gradientAt, x, y));
  if (found.some(([least]) => !(least > 0))) return { right: false, sentence: "Somewhere it curves downwards, or not at all: both curvatures are to be greater than 0." };
  const [first] = found;
  if (found.some(([least, most]) => Math.abs(least - first[0]) + Math.abs(most - first[1]) > 1e-4 * first[1])) {
    return { right: false, sentence: "Its curvature is not the same everywhere: a quadratic has no powers but squares and products." };
  }
  const condition = first[1] / first[0];
  if (Math.abs(condition / wanted - 1) < 1e-4) return { right: true, sentence: `Right: its condition number is ${wanted}.` };
  if (Math.abs(condition / wanted ** 2 - 1) < 1e-4) return { right: false, sentence: "Its condition number is the square of what is asked for: is it the coefficient that is squared?" };
  if (Math.abs(condition / Math.sqrt(wanted) - 1) < 1e-4) return { right: false, sentence: "Its condition number is the root of what is asked for." };
  return { right: false, sentence: `Its condition number is ${Number(condition.toPrecision(4))}.` };
}

function checkSaddle(gradientAt) {
  if (Math.hypot(...gradientAt(0, 0)) > 1e-9) return { right: false, sentence: "At (0, 0) the gradient is not 0: no saddle is there." };
  const [least, most] = curvaturesAt(gradientAt, 0, 0);
  if (least > 1e-6) return { right: false, sentence: "At (0, 0) it curves upwards in every direction: that is a minimum." };
  if (most < -1e-6) return { right: false, sentence: "At (0, 0) it curves downwards in every direction: that is a maximum." };
  if (!(least < -1e-6 && most > 1e-6)) return { right: false, sentence: "At (0, 0) it is flat in some direction: a saddle curves upwards in one and downwards in another." };
  let [x, y] = [-1, 0];
  for (let step = 0; step < 5000; step++) {
    const [dx, dy] = gradientAt(x, y);
    [x, y] = [x - 0.1 / most * dx, y - 0.1 / most * dy];
  }
  if (Math.hypot(x, y) < 1e-3) return { right: true, sentence: "Right: gradient descent runs into the saddle and stays." };
  return { right: false, sentence: "That is a saddle, but gradient descent from (−1, 0) does not end there: along which axis does it curve upwards?" };
}
