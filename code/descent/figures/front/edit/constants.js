// Numbers that a text computes before any array comes in: as Python does, and as NumPy does once one of them is NumPy's.
// Such a number is { kind, value } with the kind "bool", "int" or "float"; `numpy` tells that NumPy made it, which divides
// by 0 without complaint.
import { OPERATIONS } from "../model/tape.js";
import { Fault, needsKernel } from "./refusal.js";

const LARGEST_WHOLE = 2 ** 53; // Python's own whole numbers go on, ours would be rounded

export class Constant {
  constructor(kind, value, numpy = false) {
    if (kind === "int" && Math.abs(value) > LARGEST_WHOLE) needsKernel("A whole number beyond 2**53");
    Object.assign(this, { kind, value, numpy });
  }
}

export function isTrue({ value }) {
  return Boolean(value) || Number.isNaN(value);
}

const COMPARISONS = new Set(["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"]);
const KEEP_KIND = new Set(["add", "subtract", "multiply", "minimum", "maximum", "negative", "positive", "absolute", "square", "sign", "floor"]);
const TO_FLOAT = new Set(["sqrt", "exp", "log", "sin", "cos", "tanh"]);
const NOT_OF_CONDITIONS = new Set(["negative", "positive", "subtract", "sign", ...TO_FLOAT]);

// As the page replays the operation.
function compute(name, operands) {
  const registers = [...operands, 0];
  OPERATIONS[name](registers, operands.length, 0, 1, 2);
  return registers.at(-1);
}

// One operation of the tape on constants. `numpy`: called by its name in np, so that the result is NumPy's.
export function fold(name, operands, numpy = false) {
  const values = operands.map(({ value }) => Number(value));
  const fromNumPy = numpy || operands.some((operand) => operand.numpy);
  const whole = operands.every(({ kind }) => kind !== "float");
  if (fromNumPy && operands.every(({ kind }) => kind === "bool") && NOT_OF_CONDITIONS.has(name)) {
    throw new Fault(`np.${name} works on numbers, not on True or False.`);
  }
  const made = (kind, value) => new Constant(kind, value, fromNumPy);
  if (COMPARISONS.has(name)) return made("bool", compute(name, values) === 1);
  if (KEEP_KIND.has(name)) return made(whole ? "int" : "float", noNegativeZero(whole, compute(name, values)));
  if (TO_FLOAT.has(name)) return made("float", compute(name, values));
  if (name === "divide") return made("float", divide(...values, fromNumPy));
  if (name === "power") return power(...values, whole, fromNumPy, made);
  if (name === "where") {
    const [condition, chosen, other] = operands;
    const kind = [chosen, other].some((one) => one.kind === "float") ? "float" : "int";
    return new Constant(kind, Number((isTrue(condition) ? chosen : other).value), true);
  }
  if (name === "logical_not") return invert(operands[0], numpy, made);
  return logical(name, operands, numpy, made);
}

function noNegativeZero(whole, value) {
  return whole && value === 0 ? 0 : value;
}

function divide(a, b, fromNumPy) {
  if (b === 0 && !fromNumPy) throw new Fault("division by zero.");
  return a / b;
}

function power(a, b, whole, fromNumPy, made) {
  if (fromNumPy) {
    if (whole && b < 0) throw new Fault("NumPy takes no negative power of whole numbers: write one of them with a point.");
    return made(whole ? "int" : "float", compute("power", [a, b]));
  }
  if (a === 0 && b < 0) throw new Fault("0 to a negative power.");
  if (a < 0 && !Number.isInteger(b)) throw new Fault("a root of a negative number is complex.");
  const value = compute("power", [a, b]);
  if (!Number.isFinite(value) && Number.isFinite(a) && Number.isFinite(b)) throw new Fault("this power is too large.");
  return made(whole && b >= 0 ? "int" : "float", value);
}

// ~ & | on whole numbers work on their bits, and on floats not at all; np.logical_… asks what is not 0.
function invert(operand, numpy, made) {
  if (numpy || (operand.kind === "bool" && operand.numpy)) return made("bool", !isTrue(operand));
  if (operand.kind === "float") throw new Fault("~ works on conditions, not on numbers with a point.");
  return made("int", -Number(operand.value) - 1);
}

function logical(name, operands, numpy, made) {
  const [a, b] = operands;
  const both = name === "logical_and";
  if (numpy) return made("bool", both ? isTrue(a) && isTrue(b) : isTrue(a) || isTrue(b));
  if (operands.some(({ kind }) => kind === "float")) throw new Fault("& and | work on conditions, not on numbers with a point.");
  if (operands.every(({ kind }) => kind === "bool")) return made("bool", both ? a.value && b.value : a.value || b.value);
  const [x, y] = operands.map(({ value }) => BigInt(Number(value)));
  return made("int", Number(both ? x & y : x | y));
}
