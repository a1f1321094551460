// The twin of descent.engine.tape: writes down what a text does as a list of operations, in the same order and with the
// same numbers for the registers.
import { Constant, fold } from "./constants.js";
import { refuse, truths } from "./refusal.js";

const ALONE = "alone"; // what np.where makes of numbers: an array, but what is computed with it are numbers again

// While recording, a register is a key: "i3" is an input, "c0.5" a constant, "o7" an operation.
export class Tape {
  constructor(inputs) {
    this.inputs = inputs;
    this.operations = []; // [name, key, key, …]
    this.known = new Map(); // the same operation on the same registers is written once
  }

  input(name, array = false) {
    return new Recorded(this, `i${this.inputs.indexOf(name)}`, false, array);
  }

  // One operation. On constants alone it is computed here and now; `byName`: called as np.name.
  apply(name, operands, byName = false) {
    if (operands.every((operand) => operand instanceof Constant)) return fold(name, operands, byName);
    const keys = operands.map(keyOf);
    const ofTruths = (name === "where" ? operands.slice(1) : operands).every(isTruth);
    const [makes, keeps, takes] = [truths.made_by, truths.kept_by, truths.taken_by].map((names) => names.includes(name));
    if (ofTruths && !makes && !keeps && !takes) refuse(`np.${name} of a comparison`, "comparison");
    const truth = makes || (ofTruths && keeps);
    const key = name === "power" && keys[1] === "c2" ? this.record("square", keys[0]) : this.record(name, ...keys);
    return new Recorded(this, key, truth, operands.some(({ array }) => array === true) || (name === "where" && ALONE));
  }

  record(...operation) {
    const entry = operation.join(" ");
    if (!this.known.has(entry)) {
      this.known.set(entry, `o${this.operations.length}`);
      this.operations.push(operation);
    }
    return this.known.get(entry);
  }

  // The tape as plain data, without the operations on which no output depends. `outputs` and `names` go from a name to
  // what was recorded, or to a constant.
  finish(outputs, names = {}) {
    const keyed = (values) => Object.entries(values).map(([name, value]) => [name, keyOf(value)]);
    const [made, named] = [keyed(outputs), keyed(names)];
    const needed = new Set(), waiting = [...made, ...named].map(([, key]) => key);
    while (waiting.length > 0) {
      const key = waiting.pop();
      if (needed.has(key)) continue;
      needed.add(key);
      if (key[0] === "o") waiting.push(...this.operations[numberIn(key)].slice(1));
    }
    const constants = [...needed].filter((key) => key[0] === "c").sort(byValue);
    const kept = this.operations.map((_, i) => `o${i}`).filter((key) => needed.has(key));
    const keys = [...this.inputs.map((_, i) => `i${i}`), ...constants, ...kept];
    const register = new Map(keys.map((key, i) => [key, i]));
    const numbered = (pairs) => Object.fromEntries(pairs.map(([name, key]) => [name, register.get(key)]));
    return {
      inputs: this.inputs,
      constants: constants.map(numberIn),
      ops: kept.map((key) => this.operations[numberIn(key)]).map(([name, ...given]) => [name, ...given.map((one) => register.get(one))]),
      outputs: numbered(made),
      names: numbered(named),
    };
  }
}

// Stands in for an array or a number. Several names may mean one array, and a change in place is then a change for all of
// them; a number is not changed in place.
export class Recorded {
  // `truth`: its numbers are True and False, as of a comparison.
  constructor(tape, key, truth = false, array = false) {
    Object.assign(this, { tape, key, truth, array });
  }

  assign(value) {
    if (!this.array) refuse("Assigning to a part of a number", "fixed");
    if (this.truth && !isTruth(value)) refuse("Assigning numbers to a comparison", "comparison");
    const toNumbers = !this.truth && value instanceof Recorded && value.truth; // an array of numbers stays one
    this.key = keyOf(toNumbers ? this.tape.apply("where", [value, new Constant("float", 1), new Constant("float", 0)]) : value);
  }

  copy() {
    return new Recorded(this.tape, this.key, this.truth, this.array);
  }
}

export const isTruth = (value) => value instanceof Recorded ? value.truth : value instanceof Constant && value.kind === "bool";

function keyOf(value) {
  if (value instanceof Recorded) return value.key;
  if (!(value instanceof Constant)) refuse("What is no number", "constant");
  const number = Number(value.value);
  if (!Number.isFinite(number)) refuse(`The constant ${Number.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf"}`, "infinite");
  return Object.is(number, -0) ? "c-0" : `c${number}`;
}

const numberIn = (key) => Number(key.slice(1));

function byValue(one, other) {
  const [a, b] = [one, other].map(numberIn);
  return a - b || (Object.is(a, -0) ? -1 : 1);
}
