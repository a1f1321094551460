// The text of a rule or of a loss, as one reads it in a notebook, to the same tape that Python's recorder makes of it.
import { Constant } from "./constants.js";
import { Owner, Tuple, Word, runBody, valueOf } from "./evaluate.js";
import { withGradient } from "./differentiate.js";
import { Recorded, Tape } from "./recorder.js";
import { Fault, Refusal, needsKernel, takenNames } from "./refusal.js";
import { itemsOf, located, nameAt, parse, partsOf } from "./syntax.js";

const LEAST_EPS = 2 ** -149; // below it float32 has no number, and eps counts as 0 (Optimizer._eps_is_zero)
// How the papers call what decays an average, as descent/hyperparameters.py has it.
export const isDecayRate = (name) => /^(beta\d*|rho)$/.test(name);
const COMMON = ["l2", "weight_decay"]; // what every rule has beside its own text

// Returns { state, hyperparameters: [{ name, value }], tape, notes } of `def update(self, theta, g, …)`; a value is a number
// or a word. `common` are those of l2 and weight_decay that act in this rule, `schedules` goes from a hyperparameter that is
// a function of t to its tape, `values` to the values in force where they are not the text's defaults.
export function translateRule(text, { common = [], schedules = {}, values = {} } = {}) {
  const method = findMethod(text, "update");
  const signature = readSignature(text, method.parameters);
  const { state, hyperparameters } = signature;
  const moves = (name) => Object.hasOwn(schedules, name);
  const acts = (name) => common.includes(name) || moves(name);
  const eps = Object.hasOwn(values, "eps") ? values.eps : hyperparameters.find(({ name }) => name === "eps")?.value ?? 1;
  const adjustable = hyperparameters.filter(({ name, value }) => typeof value === "number" && !moves(name)).map(({ name }) => name);
  const tape = new Tape(["theta", "g", ...state, "t", ...adjustable, ...common.filter((name) => !moves(name))]);
  const inputs = new Map(tape.inputs.map((name) => [name, tape.input(name, ["theta", "g", ...state].includes(name))]));
  for (const [name, schedule] of Object.entries(schedules)) inputs.set(name, replayOnto(tape, schedule, { t: inputs.get("t") }).value);
  const arrays = ["theta", ...state].map((name) => inputs.get(name));
  const notes = [];

  let g = inputs.get("g");
  if (acts("l2")) g = tape.apply("add", [g, tape.apply("multiply", [inputs.get("l2"), arrays[0]])]);
  if (acts("weight_decay")) shrink(tape, arrays[0], inputs);
  const before = eps < LEAST_EPS ? arrays.map((array) => array.copy()) : [];

  const given = [null, arrays[0], g, ...arrays.slice(1), ...(signature.countsSteps ? [inputs.get("t")] : [])];
  const bound = new Map(signature.positional.map((name, k) => [name, given[k]]));
  bound.set(signature.positional[0], optimizerItself(inputs, hyperparameters));
  for (const { name, value } of hyperparameters) bound.set(name, typeof value === "string" ? new Word(value) : inputs.get(name));
  runBody(text, method.body, tape, bound);

  before.forEach((old, k) => keepWhereUndefined(tape, arrays[k], old, k === 0)); // 0/0 with eps = 0: nothing moves
  const own = new Set(tape.inputs);
  const names = [...bound].filter(([name, value]) => value instanceof Recorded && !own.has(name));
  const made = tape.finish(Object.fromEntries(["theta", ...state].map((name, k) => [name, arrays[k]])), Object.fromEntries(names));
  for (const name of ["theta", ...state]) {
    if (made.outputs[name] === made.inputs.indexOf(name)) notes.push(`${name} is never changed: write ${name}[...] = … or ${name} -= …; ${name} = … only gives the name to a new array.`);
  }
  return { state, hyperparameters, tape: made, notes };
}

// Returns the tape, with the outputs loss, gradient_0, …, of `def loss(self, theta)` or of an expression in the labels of the
// coordinates. The gradient is the loss's derivative.
// `parameters` are the attributes that stay adjustable, `attributes` the values of the others (numbers and nested lists),
// `methods` the texts of further methods and properties that the loss reads.
export function translateLoss(text, { coordinates, labels = coordinates, parameters = [], attributes = {}, methods = {} }) {
  const tape = new Tape([...coordinates, ...parameters]);
  const theta = coordinates.map((name) => tape.input(name));
  const value = lossOf(text, tape, theta, labels, { parameters, attributes, methods });
  if (!(value instanceof Recorded || value instanceof Constant)) throw new Refusal("The loss is not a number: return one.");
  return withGradient(tape.finish({ loss: value }), coordinates);
}

function lossOf(text, tape, theta, labels, problem) {
  const tree = parse(text);
  const [only, more] = itemsOf(tree.topNode);
  if (only?.name === "ExpressionStatement" && !more) {
    const bound = new Map(labels.map((label, k) => [label, theta[k]]));
    return located(text, only, () => valueOf(text, only.firstChild, tape, bound));
  }
  const self = problemItself(tape, problem);
  return callMethod(text, "loss", tape, self, [new Tuple(theta)]);
}

function problemItself(tape, { parameters, attributes, methods }) {
  const self = new Owner(
    (name) => {
      if (parameters.includes(name)) return tape.input(name);
      if (Object.hasOwn(attributes, name)) return plainValue(attributes[name]);
      if (Object.hasOwn(methods, name)) return callMethod(methods[name], name, tape, self, []);
      return needsKernel(`self.${name}`);
    },
    (name, given) => {
      if (!Object.hasOwn(methods, name)) needsKernel(`self.${name}(…)`);
      return callMethod(methods[name], name, tape, self, given);
    },
  );
  return self;
}

// A number, or lists of numbers within lists.
function plainValue(data) {
  if (Array.isArray(data)) return new Tuple(data.map(plainValue));
  return new Constant("float", data);
}

function callMethod(text, name, tape, self, given) {
  const { parameters, body } = findMethod(text, name);
  const names = itemsOf(parameters).filter(({ name: kind }) => kind === "VariableName").map((node) => nameAt(text, node));
  if (names.length !== given.length + 1) throw new Refusal(`${name} takes ${names.length - 1} values beside self, and is given ${given.length}.`);
  return runBody(text, body, tape, new Map(names.map((one, k) => [one, [self, ...given][k]])));
}

// ---------------------------------------------------------------- the function in a text

// The text may be the method alone, or a class with it; lines that import something may stand before.
function findMethod(text, wanted) {
  const tree = parse(text);
  let statements = itemsOf(tree.topNode).filter(({ name }) => name !== "ImportStatement");
  if (statements.length === 1 && statements[0].name === "ClassDefinition") {
    statements = itemsOf(statements[0].getChild("Body")).filter(({ name }) => name === "FunctionDefinition");
  }
  const functions = statements.filter(({ name }) => name === "FunctionDefinition");
  const found = functions.find((node) => nameIn(text, node) === wanted);
  if (!found) throw new Refusal(wanted === "loss" ? "Write an expression such as x**2 + 10*y**2, or begin with def loss(self, theta):" : "Begin with def update(self, theta, g, …):");
  const stranger = statements.find((node) => node !== found && statements.length > functions.length);
  if (stranger) throw new Refusal(`only the lines of ${wanted} belong here; indent this one if it is one of them.`, text.slice(0, stranger.from).split("\n").length, stranger.from, stranger.to);
  return { parameters: found.getChild("ParamList"), body: found.getChild("Body") };
}

function nameIn(text, node) {
  const name = node.getChild("VariableName");
  return text.slice(name.from, name.to);
}

// { positional, state, countsSteps, hyperparameters } of (self, theta, g, m, v, t, *, lr=1e-3).
function readSignature(text, list) {
  return located(text, list, () => {
    const positional = [], hyperparameters = [];
    let afterStar = false;
    const parts = partsOf(list).slice(1, -1);
    for (let k = 0; k < parts.length; k++) {
      const part = parts[k];
      if (part.name === "," || part.name === "TypeDef") continue;
      if (part.name === "*" && !afterStar && (parts[k + 1]?.name === "," )) { afterStar = true; continue; }
      if (part.name !== "VariableName") throw new Fault("name each remembered array and each hyperparameter.");
      const name = nameAt(text, part);
      if (positional.includes(name) || hyperparameters.some((one) => one.name === name)) throw new Fault(`${name} stands twice in the first line.`);
      let next = k + 1;
      if (parts[next]?.name === "TypeDef") next += 1;
      const hasDefault = parts[next]?.name === "AssignOp";
      if (positional.length >= 3 || afterStar) checkParameter(name, afterStar, hasDefault);
      if (afterStar) {
        hyperparameters.push({ name, value: located(text, parts[next + 1], () => checkedDefault(name, valueOf(text, parts[next + 1], new Tape([])))) });
        k = next + 1;
      } else {
        positional.push(name);
      }
    }
    if (positional[1] !== "theta" || positional[2] !== "g") throw new Fault("begin with (self, theta, g, …).");
    const remembered = positional.slice(3);
    return { positional, state: remembered.filter((name) => name !== "t"), countsSteps: remembered.includes("t"), hyperparameters };
  });
}

function checkParameter(name, afterStar, hasDefault) {
  if (afterStar && !hasDefault) throw new Fault(`give the hyperparameter a default value, ${name}=….`);
  if (!afterStar && hasDefault) throw new Fault(`hyperparameters stand after a star: (…, *, ${name}=…).`);
  if (name.startsWith("_")) throw new Fault("such names are the optimizer's own; begin with a letter.");
  if (takenNames.has(name) && !(name === "t" && !afterStar)) throw new Fault(`every optimizer has a ${name} already; choose another name.`);
}

// The default of a hyperparameter: a number in its range, or a word.
function checkedDefault(name, value) {
  if (value instanceof Word) return value.text;
  if (!(value instanceof Constant) || value.kind === "bool") throw new Fault(`${name}: expected a number, or a word in quotes.`);
  const number = Number(value.value);
  if (!Number.isFinite(number)) throw new Fault(`${name}: expected a finite number.`);
  if (isDecayRate(name) && !(number >= 0 && number < 1)) throw new Fault(`${name}: a decay rate lies in [0, 1).`);
  if (["lr", "eps", ...COMMON].includes(name) && number < 0) throw new Fault(`${name}: expected 0 or more.`);
  return number;
}

// ---------------------------------------------------------------- what is done beside the text, as in Optimizer.apply

function optimizerItself(inputs, hyperparameters) {
  return new Owner(
    (name) => needsKernel(hyperparameters.some((one) => one.name === name) ? `self.${name} (write ${name} alone)` : `self.${name}`),
    (name) => needsKernel(`self.${name}(…)`),
  );
}

function shrink(tape, theta, inputs) {
  if (!inputs.has("lr")) throw new Refusal("Weight decay shrinks theta by lr * weight_decay, and this rule has no lr.");
  const kept = tape.apply("subtract", [new Constant("int", 1), tape.apply("multiply", [inputs.get("lr"), inputs.get("weight_decay")])]);
  theta.assign(tape.apply("multiply", [theta, kept]));
}

function keepWhereUndefined(tape, array, old, isTheta) {
  const now = array.copy();
  const defined = isTheta ? tape.apply("equal", [tape.apply("subtract", [now, now]), new Constant("int", 0)]) : tape.apply("equal", [now, now]);
  array.assign(tape.apply("where", [defined, now, old]));
}

// Writes the operations of a finished tape onto another; returns its outputs.
function replayOnto(tape, finished, given) {
  const registers = [...finished.inputs.map((name) => given[name]), ...finished.constants.map((number) => new Constant("float", number))];
  for (const [name, ...operands] of finished.ops) registers.push(tape.apply(name, operands.map((i) => registers[i])));
  return Object.fromEntries(Object.entries(finished.outputs).map(([name, i]) => [name, registers[i]]));
}
