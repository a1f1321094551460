// What the translator says when it cannot go on: a sentence that names the line and the cure, and where in the text it is.
import subset from "../../../engine/subset.json" with { type: "json" };

export class Refusal extends Error {
  constructor(message, line, from, to) {
    super(line ? `Line ${line}: ${message}` : message);
    Object.assign(this, { name: "Refusal", line, from, to });
  }
}

// Of a fault whose place in the text is known to the caller alone, who turns it into a Refusal.
export class Fault extends Error {}

export const cures = subset.cures;
export const truths = subset.truths; // see descent.engine.tape
export const takenNames = new Set(subset.taken);

// `what` cannot be done on the page; Python's recorder has the same cures (descent.engine.tape).
export function refuse(what, cure) {
  throw new Fault(`${what} cannot be translated for the page. ${cures[cure]}`);
}

export function needsKernel(what) {
  throw new Fault(`${what} is beyond what this page understands; in a notebook, with Python, it may run.`);
}
