// Runs rules down a loss exactly as Python's descend() does; knows nothing of drawing.
import { compileTape, makeRegisters, replayTape } from "./tape.js";

// The tape's inputs are the coordinates, then the problem's own parameters and, where gradients change from step to
// step, t.
export function prepareProblem(problem) {
  const owner = `the problem "${problem.name}"`;
  const program = compileTape(problem.tape, owner);
  const gradient = [outputOf(program, "gradient_0")];
  while (`gradient_${gradient.length}` in program.outputs) gradient.push(program.outputs[`gradient_${gradient.length}`]);
  const dimensions = gradient.length;
  const [low, high] = problem.domain ?? [-Infinity, Infinity];
  return {
    program, dimensions, gradient, low, high,
    loss: outputOf(program, "loss"),
    time: program.inputs.indexOf("t"),
    registers: makeRegisters(program),
  };
}

export function setParameters({ program, registers }, values) {
  for (const [name, value] of Object.entries(values)) registers[inputOf(program, name)] = value;
}

export function prepareRule(rule) {
  const program = compileTape(rule.tape, `the rule "${rule.name}"`);
  const own = new Set(["theta", "g", "t", ...rule.state]);
  // A remembered array that the rule only reads stays as it is.
  const memory = rule.state.filter((name) => name in program.outputs)
    .map((name) => ({ from: program.outputs[name], to: inputOf(program, name) }));
  return {
    program,
    theta: inputOf(program, "theta"),
    gradient: inputOf(program, "g"),
    // A rule need not ask for the step count.
    time: program.inputs.indexOf("t"),
    nextTheta: outputOf(program, "theta"),
    memory,
    handedOn: new Float64Array(memory.length),
    quantities: ["g", ...rule.state, ...Object.keys(program.names).filter((name) => !own.has(name)), "step"],
    hyperparameters: program.inputs.map((name, register) => ({ name, register })).filter(({ name }) => !own.has(name)),
  };
}

function inputOf(program, name) {
  const register = program.inputs.indexOf(name);
  if (register < 0) throw new Error(`The tape of ${program.owner} has no input "${name}".`);
  return register;
}

function outputOf(program, name) {
  if (!(name in program.outputs)) throw new Error(`The tape of ${program.owner} has no output "${name}".`);
  return program.outputs[name];
}

// Room for one path: positions one after another (x0, y0, x1, y1, …), the losses there, the step at which it diverged
// (0: never), and the quantities asked for by name (g, step, or one that the rule's text names), placed as positions.
export function makeTrace(steps, dimensions, quantities = []) {
  const room = () => new Float64Array((steps + 1) * dimensions);
  return {
    steps,
    dimensions,
    positions: room(),
    losses: new Float64Array(steps + 1),
    divergedAt: 0,
    quantities: new Map(quantities.map((name) => [name, room()])),
  };
}

// The trace as it stands, for a ghost: the next run is written over it.
export function copyTrace({ steps, dimensions, positions, losses, divergedAt, quantities, cause, run }) {
  const copies = new Map([...quantities].map(([name, values]) => [name, values.slice()]));
  return { steps, dimensions, positions: positions.slice(), losses: losses.slice(), divergedAt, quantities: copies, cause, run };
}

let runs = 0; // each run has a number: who drew a trace knows by it whether it is still the same

export function descendInto(trace, problem, rule, hyperparameters, start) {
  const { steps, dimensions, positions, losses } = trace;
  const coordinates = startCoordinates(rule, hyperparameters, dimensions);
  const recorders = makeRecorders(trace, rule);
  const next = new Float64Array(dimensions);
  trace.divergedAt = 0;
  trace.run = ++runs;
  positions.set(start);
  losses[0] = evaluateProblem(problem, positions, 0, 1);
  for (let t = 1; t <= steps; t++) {
    const here = (t - 1) * dimensions, there = t * dimensions;
    if (!stepRule(rule, coordinates, problem, positions, here, t, next)) {
      trace.divergedAt = t;
      stayPut(trace, t);
      return trace;
    }
    positions.set(next, there);
    for (const record of recorders) record(coordinates, here, there);
    losses[t] = evaluateProblem(problem, positions, there, t + 1);
  }
  return trace;
}

// Each coordinate has registers of its own, in which its memory lives from step to step.
function startCoordinates(rule, hyperparameters, dimensions) {
  const coordinates = [];
  for (let c = 0; c < dimensions; c++) {
    const registers = makeRegisters(rule.program);
    for (const { name, register } of rule.hyperparameters) {
      registers[register] = hyperparameterAt(hyperparameters, name, c, rule.program.owner);
    }
    coordinates.push(registers);
  }
  return coordinates;
}

function hyperparameterAt(hyperparameters, name, coordinate, owner) {
  const value = Array.isArray(hyperparameters[name]) ? hyperparameters[name][coordinate] : hyperparameters[name];
  if (typeof value !== "number") throw new Error(`The tape of ${owner} asks for "${name}", which has no value.`);
  return value;
}

// Before the first step there is nothing to record: such a place holds NaN, and so does one after divergence.
function makeRecorders({ quantities, positions }, rule) {
  return [...quantities].map(([name, values]) => {
    values.fill(NaN);
    if (name === "step") {
      return (coordinates, here, there) => {
        for (let c = 0; c < coordinates.length; c++) values[there + c] = positions[there + c] - positions[here + c];
      };
    }
    const { names, outputs } = rule.program;
    const register = name === "g" ? rule.gradient : names[name] ?? outputs[name];
    return (coordinates, here, there) => {
      for (let c = 0; c < coordinates.length; c++) values[there + c] = coordinates[c][register];
    };
  });
}

// The problem's registers then hold the loss, and the gradient that step t sees.
function evaluateProblem(problem, positions, offset, t) {
  const { program, registers, dimensions, time } = problem;
  for (let c = 0; c < dimensions; c++) registers[c] = positions[offset + c];
  if (time >= 0) registers[time] = t;
  replayTape(program, registers);
  return registers[problem.loss];
}

// One step of every coordinate; false when the gradient or the new point is not finite.
// The problem's registers still hold the gradient at the point the last evaluation was made for.
function stepRule(rule, coordinates, problem, positions, offset, t, next) {
  for (let c = 0; c < coordinates.length; c++) {
    if (!Number.isFinite(problem.registers[problem.gradient[c]])) return false;
  }
  let finite = true;
  for (let c = 0; c < coordinates.length; c++) {
    const registers = coordinates[c];
    registers[rule.theta] = positions[offset + c];
    registers[rule.gradient] = problem.registers[problem.gradient[c]];
    if (rule.time >= 0) registers[rule.time] = t;
    replayTape(rule.program, registers);
    next[c] = Math.min(problem.high, Math.max(problem.low, registers[rule.nextTheta]));
    remember(rule, registers);
    finite = finite && Number.isFinite(next[c]);
  }
  return finite;
}

// Read every new value before writing one: a rule may hand one remembered array on to another.
function remember({ memory, handedOn }, registers) {
  for (let k = 0; k < memory.length; k++) handedOn[k] = registers[memory[k].from];
  for (let k = 0; k < memory.length; k++) registers[memory[k].to] = handedOn[k];
}

function stayPut(trace, from) {
  const { positions, losses, dimensions, steps } = trace;
  for (let t = from; t <= steps; t++) {
    positions.copyWithin(t * dimensions, (from - 1) * dimensions, from * dimensions);
    losses[t] = losses[from - 1];
  }
}

export function lossAt(problem, point) {
  return evaluateProblem(problem, point, 0, 1);
}
