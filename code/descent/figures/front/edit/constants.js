// Numbers that a text computes before any array comes in: as Python does, and as NumPy does once one of them is NumPy's.
// Such a number is { kind, value } with the kind "bool", "int" or "float"; `numpy` tells that NumPy made it, which divides
// by 0 without complaint.
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

const COMPARISONS = {
  less: (a, b) => a < b, less_equal: (a, b) => a <= b, greater: (a, b) => a > b, greater_equal: (a, b) => a >= b,
  equal: (a, b) => a === b, not_equal: (a, b) => a !== b,
};
const ARITHMETIC = {
  add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b,
  minimum: (a, b) => Math.min(a, b), maximum: (a, b) => Math.max(a, b), // NaN if one of them is, as in NumPy
};
const SAME_KIND = {
  negative: (a) => -a, positive: (a) => a, absolute: Math.abs, square: (a) => a * a, sign: Math.sign, floor: Math.floor,
};
const TO_FLOAT = { sqrt: Math.sqrt, exp: Math.exp, log: Math.log, sin: Math.sin, cos: Math.cos, tanh: Math.tanh };

// One operation of the tape on constants. `numpy`: called by its name in np, so that the result is NumPy's.
export function fold(name, operands, numpy = false) {
  const values = operands.map(({ value }) => Number(value));
  const fromNumPy = numpy || operands.some((operand) => operand.numpy);
  const whole = operands.every(({ kind }) => kind !== "float");
  const made = (kind, value) => new Constant(kind, value, fromNumPy);
  if (name in COMPARISONS) return made("bool", COMPARISONS[name](...values));
  if (name in ARITHMETIC) return made(whole ? "int" : "float", ARITHMETIC[name](...values));
  if (name in SAME_KIND) return made(whole ? "int" : "float", noNegativeZero(whole, SAME_KIND[name](...values)));
  if (name in TO_FLOAT) return made("float", TO_FLOAT[name](...values));
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
    return made(whole ? "int" : "float", powerAsNumPy(a, b));
  }
  if (a === 0 && b < 0) throw new Fault("0 to a negative power.");
  if (a < 0 && !Number.isInteger(b)) throw new Fault("a root of a negative number is complex.");
  const value = powerAsNumPy(a, b);
  if (!Number.isFinite(value) && Number.isFinite(a) && Number.isFinite(b)) throw new Fault("this power is too large.");
  return made(whole && b >= 0 ? "int" : "float", value);
}

export function powerAsNumPy(base, exponent) {
  if (exponent === 2) return base * base;
  if (exponent === 0.5) return Math.sqrt(base);
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
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
