// From a text to its syntax tree, or to a sentence that says why there is none. Hostile text gets its sentence at once: its
// length, its brackets and the parser's steps are bounded.
import { codemirror } from "../../vendor/codemirror.js";
import { Fault, Refusal } from "./refusal.js";

export const LONGEST_TEXT = 3000; // characters: Adam's rule has 400
const DEEPEST_BRACKETS = 20;
// What texts that are copied from pages and papers have in the place of Python's signs.
const FOREIGN = new Map([
  ...["−", "–", "—"].map((sign) => [sign, "-"]), ...["×", "·", "⋅"].map((sign) => [sign, "*"]), ...["‘", "’", "“", "”"].map((sign) => [sign, "a plain quotation mark"]),
  ...["\u00a0", "\u2009", "\u202f"].map((sign) => [sign, "a plain space"]), ["≤", "<="], ["≥", ">="], ["√", "np.sqrt(…)"],
]);
const MOST_STEPS = 1500; // Adam's rule takes 220

export const tooLong = (length) => `This text has ${length} characters; ${LONGEST_TEXT} are the most.`;

const strict = codemirror.parser.configure({ strict: true }); // no guesses at what a wrong text may have meant

let offered = { text: null, tree: null };

// The field has parsed its text already, to colour it. A tree without a fault in it is the one that `parse` would make;
// one so large that `parse` might give up on it is left to `parse`.
export function offerTree(text, tree) {
  offered = { text, tree: tree.length === text.length && isSound(tree) ? tree : null };
}

function isSound(tree) {
  let nodes = 0, sound = true;
  tree.iterate({
    enter({ type }) {
      nodes += 1;
      sound &&= !type.isError && nodes < MOST_STEPS / 2;
      return sound;
    },
  });
  return sound;
}

export function parse(text) {
  if (text.length > LONGEST_TEXT) throw new Refusal(tooLong(text.length));
  if (!text.isWellFormed()) throw new Refusal("This text has half of a character in it, which no file can hold.");
  checkBrackets(text);
  if (offered.tree && offered.text === text) {
    checkIndents(text);
    return offered.tree;
  }
  const parsing = strict.startParse(text);
  let tree = null;
  try {
    for (let steps = 0; !tree; steps++) {
      if (steps > MOST_STEPS) throw new Refusal("This text is too complicated for a rule.");
      tree = parsing.advance();
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = Math.min(text.length, Number(error.message.match(/\d+$/)?.[0] ?? 0));
    const line = lineAt(text, at);
    const foreign = [...text.split("\n")[line - 1]].find((sign) => FOREIGN.has(sign));
    const sentence = foreign ? `“${foreign}” is no sign of Python; write ${FOREIGN.get(foreign)}.` : "this is not Python, or it ends too early.";
    throw new Refusal(sentence, line, at, Math.min(text.length, at + 1));
  }
  checkIndents(text);
  return tree;
}

function checkBrackets(text) {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[([{}\])]/g)) {
    depth += "([{".includes(bracket) ? 1 : -1;
    if (depth > DEEPEST_BRACKETS) throw new Refusal(`Brackets stand more than ${DEEPEST_BRACKETS} deep here.`);
  }
}

function checkIndents(text) {
  const tab = text.search(/^ *\t/m);
  if (tab >= 0) throw new Refusal("begin the line with spaces, not with a tab.", lineAt(text, tab), tab, tab + 1);
}

export function lineAt(text, place) {
  return text.slice(0, place).split("\n").length;
}

// The parts of a node, without comments.
export function partsOf(node) {
  const parts = [];
  for (let part = node.firstChild; part; part = part.nextSibling) if (part.name !== "Comment") parts.push(part);
  return parts;
}

const PUNCTUATION = new Set(["(", ")", "[", "]", ",", ":", ";"]);

export function itemsOf(node) {
  return partsOf(node).filter(({ name }) => !PUNCTUATION.has(name));
}

// Turns a fault at this node into a refusal that names its line; what was refused deeper down has its line already.
export function located(text, node, work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Refusal(error.message, lineAt(text, node.from), node.from, node.to);
  }
}

// A name as Python reads it; its letters may be Greek.
export function nameAt(text, node) {
  const name = text.slice(node.from, node.to).normalize("NFKC");
  if (!/^[\p{XIDS}_]\p{XIDC}*$/u.test(name)) throw new Fault(`${name} is no name.`);
  if (name.startsWith("__")) throw new Fault(`${name}: names that begin with two underscores are Python's own.`);
  return name;
}

const WHOLE = /^(0[xX](_?[\da-fA-F])+|0[bB](_?[01])+|0[oO](_?[0-7])+|0(_?0)*|[1-9](_?\d)*)$/;
const POINT = /^((\d(_?\d)*)?\.\d(_?\d)*|\d(_?\d)*\.?)([eE][+-]?\d(_?\d)*)?$/;

// { kind, value } of a number as it is written.
export function numberAt(text, node) {
  const written = text.slice(node.from, node.to);
  const plain = written.replace(/_/g, "");
  if (WHOLE.test(written)) return { kind: "int", value: Number(plain) };
  if (POINT.test(written)) return { kind: "float", value: Number(plain) };
  throw new Fault(/j$/i.test(written) ? "a rule has no complex numbers." : `${written} is no number.`);
}
