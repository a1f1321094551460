// The gradient of a loss, by going backwards through its tape: the twin of descent.engine.differentiate, operation by
// operation, so that both make the same tape.
import { Constant } from "./constants.js";
import { Refusal } from "./refusal.js";
import { Tape } from "./recorder.js";

const BRANCHES = new Set(["where", "minimum", "maximum"]);
const LINEAR = new Set(["add", "subtract", "negative", "positive"]); // 0 on the way back stays 0

// Returns a finished tape with the outputs loss, gradient_0, gradient_1, … of one whose only output is the loss.
export function withGradient(lossTape, coordinates) {
  const tape = new Tape(lossTape.inputs);
  const moving = new Set(coordinates.map((name) => lossTape.inputs.indexOf(name)));
  const registers = [...lossTape.inputs.map((name) => tape.input(name)), ...lossTape.constants.map((number) => new Constant("float", number))];
  const first = registers.length;
  for (const [name, ...given] of lossTape.ops) {
    if (given.some((i) => moving.has(i))) moving.add(registers.length);
    registers.push(tape.apply(name, given.map((i) => registers[i])));
  }
  const backward = new Map([[lossTape.outputs.loss, new Constant("float", 1)]]);
  const inBranch = new Set(); // there a derivative of 0 says "not chosen", also where the branch itself is 0/0 or infinite
  for (let i = registers.length - 1; i >= first; i--) {
    if (!backward.has(i) || !moving.has(i)) continue;
    const [name, ...given] = lossTape.ops[i - first];
    const wants = given.map((j, k) => moving.has(j) && !(name === "where" && k === 0)); // a condition only chooses
    if (!wants.includes(true)) continue;
    const parts = handedBack(tape, name, backward.get(i), registers[i], given.map((j) => registers[j]), wants);
    given.forEach((j, k) => {
      if (!wants[k]) return;
      let part = parts[k];
      if (BRANCHES.has(name) || inBranch.has(i)) {
        inBranch.add(j);
        if (!BRANCHES.has(name) && !LINEAR.has(name)) part = whereNotZero(tape, backward.get(i), part);
      }
      backward.set(j, backward.has(j) ? tape.apply("add", [backward.get(j), part]) : part);
    });
  }
  const outputs = { loss: registers[lossTape.outputs.loss] };
  coordinates.forEach((name, k) => {
    outputs[`gradient_${k}`] = backward.get(lossTape.inputs.indexOf(name)) ?? new Constant("float", 0);
  });
  return tape.finish(outputs);
}

function whereNotZero(tape, d, part) {
  const none = tape.apply("equal", [d, new Constant("int", 0)]);
  return tape.apply("where", [none, new Constant("float", 0), part], true);
}

// What the derivative d of an operation's value y adds to that of each of its arguments.
function handedBack(tape, name, d, y, [a, b, c], wants) {
  const op = (operation, ...operands) => tape.apply(operation, operands);
  const np = (operation, ...operands) => tape.apply(operation, operands, true);
  const number = (value) => new Constant(Number.isInteger(value) ? "int" : "float", value);
  const zero = new Constant("float", 0);
  switch (name) {
    case "add": return [d, d];
    case "subtract": return [d, op("negative", d)];
    case "multiply": return [op("multiply", d, b), op("multiply", d, a)];
    case "divide": return [op("divide", d, b), op("negative", op("divide", op("multiply", d, y), b))];
    case "negative": return [op("negative", d)];
    case "positive": return [d];
    case "absolute": return [op("multiply", d, np("sign", a))];
    case "sqrt": return [op("divide", d, op("multiply", number(2), y))];
    case "square": return [op("multiply", d, op("multiply", number(2), a))];
    case "exp": return [op("multiply", d, y)];
    case "log": return [op("divide", d, a)];
    case "sin": return [op("multiply", d, np("cos", a))];
    case "cos": return [op("negative", op("multiply", d, np("sin", a)))];
    case "tanh": return [op("multiply", d, op("subtract", number(1), op("multiply", y, y)))];
    case "minimum": case "maximum": {
      const first = op(name === "minimum" ? "less_equal" : "greater_equal", a, b);
      return [np("where", first, d, zero), np("where", first, zero, d)];
    }
    case "where": return [null, np("where", a, d, zero), np("where", a, zero, d)];
    case "power": return [
      wants[0] ? op("multiply", d, op("multiply", b, op("power", a, op("subtract", b, number(1))))) : null,
      wants[1] ? op("multiply", d, op("multiply", y, np("log", a))) : null,
    ];
    default:
      throw new Refusal(`np.${name} has no derivative that a descent could follow. Write the loss without it.`);
  }
}
