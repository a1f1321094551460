// Replays a tape, the list of operations that Python recorded from a rule or a loss, on an array of registers.

// Name and number of arguments. The place in this list is the operation's code in replayTape.
const OPERATIONS = [
  ["add", 2], ["subtract", 2], ["multiply", 2], ["divide", 2], ["power", 2],
  ["negative", 1], ["positive", 1], ["absolute", 1], ["sqrt", 1], ["square", 1], ["sign", 1],
  ["minimum", 2], ["maximum", 2], ["exp", 1], ["log", 1], ["sin", 1], ["cos", 1], ["tanh", 1],
  ["greater", 2], ["greater_equal", 2], ["less", 2], ["less_equal", 2], ["equal", 2], ["not_equal", 2],
  ["logical_and", 2], ["logical_or", 2], ["logical_not", 1], ["where", 3], ["floor", 1],
];
const OPERATION_CODES = new Map(OPERATIONS.map(([name], code) => [name, code]));
const WORDS_PER_OPERATION = 4;

// Checks a tape once and packs it, so that replayTape can run without looking anything up.
export function compileTape(tape, owner) {
  const isComplete = tape && tape.outputs && [tape.inputs, tape.constants, tape.ops].every(Array.isArray);
  if (!isComplete) {
    throw new Error(`The tape of ${owner} is incomplete: it needs inputs, constants, ops and outputs.`);
  }
  const firstResult = tape.inputs.length + tape.constants.length;
  const size = firstResult + tape.ops.length;
  const code = new Int32Array(WORDS_PER_OPERATION * tape.ops.length);
  tape.ops.forEach((operation, k) => packOperation(code, k, operation, firstResult + k, owner));
  for (const [name, register] of Object.entries(tape.outputs)) {
    if (!isRegister(register, size)) {
      throw new Error(`The tape of ${owner} puts "${name}" in register ${register}, which does not exist.`);
    }
  }
  const { inputs, constants, outputs, names = {} } = tape;
  return { owner, code, firstResult, size, inputs, constants, outputs, names };
}

function packOperation(code, k, operation, result, owner) {
  const [name, ...registers] = Array.isArray(operation) ? operation : [operation];
  const operationCode = OPERATION_CODES.get(name);
  if (operationCode === undefined) {
    throw new Error(`The tape of ${owner} uses the operation "${name}", which the page does not know.`);
  }
  const expected = OPERATIONS[operationCode][1];
  if (registers.length !== expected || !registers.every((register) => isRegister(register, result))) {
    const problem = `needs ${expected} earlier register(s) and has [${registers}]`;
    throw new Error(`The tape of ${owner}: operation ${k} ("${name}") ${problem}.`);
  }
  code[WORDS_PER_OPERATION * k] = operationCode;
  code.set(registers, WORDS_PER_OPERATION * k + 1);
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

export function replayTape(program, r) {
  const code = program.code;
  let result = program.firstResult;
  for (let i = 0; i < code.length; i += WORDS_PER_OPERATION, result++) {
    const a = code[i + 1], b = code[i + 2];
    switch (code[i]) {
      case 0: r[result] = r[a] + r[b]; break;
      case 1: r[result] = r[a] - r[b]; break;
      case 2: r[result] = r[a] * r[b]; break;
      case 3: r[result] = r[a] / r[b]; break;
      case 4: r[result] = powerAsNumPy(r[a], r[b]); break;
      case 5: r[result] = -r[a]; break;
      case 6: r[result] = r[a]; break;
      case 7: r[result] = Math.abs(r[a]); break;
      case 8: r[result] = Math.sqrt(r[a]); break;
      case 9: r[result] = r[a] * r[a]; break;
      case 10: r[result] = Math.sign(r[a]); break;
      case 11: r[result] = Math.min(r[a], r[b]); break;
      case 12: r[result] = Math.max(r[a], r[b]); break;
      case 13: r[result] = Math.exp(r[a]); break;
      case 14: r[result] = Math.log(r[a]); break;
      case 15: r[result] = Math.sin(r[a]); break;
      case 16: r[result] = Math.cos(r[a]); break;
      case 17: r[result] = Math.tanh(r[a]); break;
      case 18: r[result] = r[a] > r[b] ? 1 : 0; break;
      case 19: r[result] = r[a] >= r[b] ? 1 : 0; break;
      case 20: r[result] = r[a] < r[b] ? 1 : 0; break;
      case 21: r[result] = r[a] <= r[b] ? 1 : 0; break;
      case 22: r[result] = r[a] === r[b] ? 1 : 0; break;
      case 23: r[result] = r[a] !== r[b] ? 1 : 0; break;
      case 24: r[result] = r[a] !== 0 && r[b] !== 0 ? 1 : 0; break;
      case 25: r[result] = r[a] !== 0 || r[b] !== 0 ? 1 : 0; break;
      case 26: r[result] = r[a] === 0 ? 1 : 0; break;
      case 27: r[result] = r[a] !== 0 ? r[b] : r[code[i + 3]]; break;
      case 28: r[result] = Math.floor(r[a]); break;
    }
  }
}

// NumPy squares and takes roots directly; and ±1 to an infinite power is 1, where JavaScript says NaN.
function powerAsNumPy(base, exponent) {
  if (exponent === 2) return base * base;
  if (exponent === 0.5) return Math.sqrt(base);
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
