// Replays a tape, the list of operations that Python recorded from a rule or a loss, on an array of registers.

// What each operation does: from registers `a`, `b`, `c` into register `to`. The names, and what they mean at the edges
// (signed zeros, infinities, NaN), are NumPy's: the list is engine/operations.py, and a test holds the two together.
export const OPERATIONS = {
  add: (r, to, a, b) => { r[to] = r[a] + r[b]; },
  subtract: (r, to, a, b) => { r[to] = r[a] - r[b]; },
  multiply: (r, to, a, b) => { r[to] = r[a] * r[b]; },
  divide: (r, to, a, b) => { r[to] = r[a] / r[b]; },
  power: (r, to, a, b) => { r[to] = powerAsNumPy(r[a], r[b]); },
  negative: (r, to, a) => { r[to] = -r[a]; },
  positive: (r, to, a) => { r[to] = r[a]; },
  absolute: (r, to, a) => { r[to] = Math.abs(r[a]); },
  sqrt: (r, to, a) => { r[to] = Math.sqrt(r[a]); },
  square: (r, to, a) => { r[to] = r[a] * r[a]; },
  sign: (r, to, a) => { r[to] = Math.sign(r[a]) + 0; }, // the sign of -0 is +0

  floor: (r, to, a) => { r[to] = Math.floor(r[a]); },
  minimum: (r, to, a, b) => { r[to] = Math.min(r[a], r[b]); },
  maximum: (r, to, a, b) => { r[to] = Math.max(r[a], r[b]); },
  exp: (r, to, a) => { r[to] = Math.exp(r[a]); },
  log: (r, to, a) => { r[to] = Math.log(r[a]); },
  sin: (r, to, a) => { r[to] = Math.sin(r[a]); },
  cos: (r, to, a) => { r[to] = Math.cos(r[a]); },
  tanh: (r, to, a) => { r[to] = Math.tanh(r[a]); },
  greater: (r, to, a, b) => { r[to] = r[a] > r[b] ? 1 : 0; },
  greater_equal: (r, to, a, b) => { r[to] = r[a] >= r[b] ? 1 : 0; },
  less: (r, to, a, b) => { r[to] = r[a] < r[b] ? 1 : 0; },
  less_equal: (r, to, a, b) => { r[to] = r[a] <= r[b] ? 1 : 0; },
  equal: (r, to, a, b) => { r[to] = r[a] === r[b] ? 1 : 0; },
  not_equal: (r, to, a, b) => { r[to] = r[a] !== r[b] ? 1 : 0; },
  logical_and: (r, to, a, b) => { r[to] = r[a] !== 0 && r[b] !== 0 ? 1 : 0; },
  logical_or: (r, to, a, b) => { r[to] = r[a] !== 0 || r[b] !== 0 ? 1 : 0; },
  logical_not: (r, to, a) => { r[to] = r[a] === 0 ? 1 : 0; },
  where: (r, to, a, b, c) => { r[to] = r[a] !== 0 ? r[b] : r[c]; },
};
const PLACES_PER_OPERATION = 3;

export function argumentsOf(name) {
  return OPERATIONS[name].length - 2;
}

// Checks a tape once and packs it, so that replayTape can run without looking anything up.
export function compileTape(tape, owner) {
  const isComplete = tape && tape.outputs && [tape.inputs, tape.constants, tape.ops].every(Array.isArray);
  if (!isComplete) {
    throw new Error(`The tape of ${owner} is incomplete: it needs inputs, constants, ops and outputs.`);
  }
  const firstResult = tape.inputs.length + tape.constants.length;
  const size = firstResult + tape.ops.length;
  const places = new Int32Array(PLACES_PER_OPERATION * tape.ops.length);
  tape.ops.forEach((operation, k) => packOperation(places, k, operation, firstResult + k, owner));
  const run = tape.ops.map((operation) => operationAsNumPy(operation, tape));
  for (const [name, register] of Object.entries(tape.outputs)) {
    if (!isRegister(register, size)) {
      throw new Error(`The tape of ${owner} puts "${name}" in register ${register}, which does not exist.`);
    }
  }
  const { inputs, constants, outputs, names = {} } = tape;
  return { owner, run, places, firstResult, size, inputs, constants, outputs, names };
}

function packOperation(places, k, operation, result, owner) {
  const [name, ...registers] = Array.isArray(operation) ? operation : [operation];
  if (!Object.hasOwn(OPERATIONS, name)) {
    throw new Error(`The tape of ${owner} uses the operation "${name}", which the page does not know.`);
  }
  const expected = argumentsOf(name);
  if (registers.length !== expected || !registers.every((register) => isRegister(register, result))) {
    const problem = `needs ${expected} earlier register(s) and has [${registers}]`;
    throw new Error(`The tape of ${owner}: operation ${k} ("${name}") ${problem}.`);
  }
  places.set(registers, PLACES_PER_OPERATION * k);
}

function isRegister(register, limit) {
  return Number.isInteger(register) && register >= 0 && register < limit;
}

// Fresh registers: inputs are 0 until someone sets them, constants are in place.
export function makeRegisters(program) {
  const registers = new Float64Array(program.size);
  registers.set(program.constants, program.inputs.length);
  return registers;
}

export function replayTape({ run, places, firstResult }, registers) {
  for (let k = 0, i = 0; k < run.length; k++, i += PLACES_PER_OPERATION) {
    run[k](registers, firstResult + k, places[i], places[i + 1], places[i + 2]);
  }
}

// NumPy takes the root itself where the exponent is the constant 1/2: that of -infinity is then no number.
function operationAsNumPy([name, , exponent], { inputs, constants }) {
  const isRoot = name === "power" && constants[exponent - inputs.length] === 0.5;
  return isRoot ? OPERATIONS.sqrt : OPERATIONS[name];
}

// NumPy squares directly; and ±1 to an infinite power is 1, where JavaScript says NaN.
function powerAsNumPy(base, exponent) {
  if (exponent === 2) return base * base;
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return Math.pow(base, exponent);
}

// A function on a tape, its inputs given by name: for curves, planes and marks, whose functions are written in Python.
export function prepareFunction(tape, owner) {
  const program = compileTape(tape, owner);
  const registers = makeRegisters(program);
  const value = program.outputs.value;
  return {
    inputs: program.inputs,
    set(values) {
      program.inputs.forEach((name, register) => { if (name in values) registers[register] = values[name]; });
    },
    at(name, number) { registers[program.inputs.indexOf(name)] = number; },
    evaluate() {
      replayTape(program, registers);
      return registers[value];
    },
  };
}
