// What can be edited in a figure, each with its printed text and the way from a text to what is drawn.
import { Refusal } from "./refusal.js";
import { translateLoss, translateRule } from "./translate.js";

const FIRST_RULE = `def update(self, theta, g, z, *, lr=0.05, beta=0.9):
    z[...] = beta * z + g
    theta -= lr * z
`;

// { label, printed, translate(text) }, and a rule's { decays, schedules }, of "rule 1", "add 1" or "surface 1"; null where the figure has no such thing.
export function targetOf(original, target) {
  const [kind, number] = target.split(" ");
  if (kind === "rule") {
    const rule = original.rules[number - 1];
    return rule?.text ? { kind, name: rule.name, label: rule.label, printed: rule.text, ...beside(rule), translate: (text) => translateRule(text, optionsOf(rule)) } : null;
  }
  if (kind === "add") return { kind, name: "Own", label: "a rule of your own", printed: FIRST_RULE, decays: {}, schedules: {}, translate: (text) => translateRule(text) };
  const { problem } = original;
  if (kind !== "surface" || !problem.text) return null;
  return { kind, name: "Surface", label: "the loss", printed: problem.text, translate: (text) => editedProblem(problem, text) };
}

// What acts in a rule without a line of its text.
function beside({ fixed, schedules }) {
  return { decays: Object.fromEntries(["l2", "weight_decay"].filter((name) => name in fixed).map((name) => [name, fixed[name]])), schedules: schedules ?? {} };
}

function optionsOf(rule) {
  const { decays, schedules } = beside(rule);
  return { common: Object.keys(decays), schedules, values: "eps" in rule.fixed ? { eps: rule.fixed.eps } : {} };
}

const NUMBER = String.raw`(-?\d+(?:\.\d*)?(?:e[-+]?\d+)?)`;
const LEAST_WIDTH = 1e-9; // of an axis, in shares of its ends
const SEEN = new RegExp(String.raw`^#\s*seen from\s+(.+)$`, "m");

function editedProblem(problem, text) {
  const coordinates = problem.tape.inputs.slice(0, problem.labels.length);
  const tape = translateLoss(text, {
    coordinates, labels: problem.labels, parameters: problem.sliders.map(({ name }) => name),
    attributes: problem.attributes, methods: problem.methods,
  });
  const notes = problem.tape.inputs.includes("t") ? ["The printed gradient changes from step to step; this one does not."] : [];
  return { tape, view: viewIn(text, problem), notes, problem: { ...problem, tape, view: viewIn(text, problem), minimum: null } };
}

// The part of each axis that is drawn: "# seen from x = -3 to 3, y = -1 to 1" in a line of the text, else as printed.
function viewIn(text, { view, labels }) {
  const line = text.match(SEEN)?.[1];
  if (line === undefined) return view;
  return labels.map((label, c) => {
    const found = line.match(new RegExp(String.raw`\b${label}\s*=\s*${NUMBER}\s+to\s+${NUMBER}`));
    if (!found) return view[c];
    const [low, high] = [Number(found[1]), Number(found[2])];
    if (!(low < high)) throw new Refusal(`${label} is seen from ${low} to ${high}: the first number is to be the smaller one.`);
    if (!(high - low > LEAST_WIDTH * Math.max(Math.abs(low), Math.abs(high), LEAST_WIDTH) && high - low < 1 / LEAST_WIDTH ** 2)) throw new Refusal(`${label} is seen from ${low} to ${high}: no axis can be drawn from the one to the other.`);
    return [low, high];
  });
}
