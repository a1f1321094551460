// Runs the lines of one function on recorded arrays, as Python would: the one place that knows what the page understands.
import { Constant, isTrue } from "./constants.js";
import { Fault, cures, needsKernel, refuse } from "./refusal.js";
import { Recorded, isTruth } from "./recorder.js";
import { itemsOf, located, nameAt, numberAt, partsOf } from "./syntax.js";

const DEEPEST = 60;

const BINARY = {
  "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "&": "logical_and", "|": "logical_or",
};
const COMPARE = { "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal", "!=": "not_equal" };
// With one of Python's own numbers on the left it is the array on the right that is asked.
const REFLECTED = { ...COMPARE, "<": "greater", "<=": "greater_equal", ">": "less", ">=": "less_equal" };
const UNARY = { "-": "negative", "+": "positive", "~": "logical_not" };
// What can be called as np.name: the operation and how many arrays it takes.
const FUNCTIONS = new Map([
  ...["negative", "positive", "absolute", "sqrt", "square", "sign", "floor", "exp", "log", "sin", "cos", "tanh", "logical_not"].map((name) => [name, [name, 1]]),
  ...["add", "subtract", "multiply", "divide", "power", "minimum", "maximum", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_and", "logical_or"].map((name) => [name, [name, 2]]),
  ["abs", ["absolute", 1]], ["true_divide", ["divide", 2]], ["pow", ["power", 2]],
]);
const NUMBERS = { pi: Math.PI, e: Math.E, inf: Infinity, nan: NaN, euler_gamma: 0.5772156649015329 };

// Values: Recorded, Constant, and these.
export class Word { constructor(text) { this.text = text; } }
export class Tuple { constructor(items) { this.items = items; } }
// An object with named parts, such as self: `read(name)` gives a value, `call(name, given)` runs one of its methods.
export class Owner { constructor(read, call) { Object.assign(this, { read, call }); } }
class NumPy {}
class Builtin { constructor(name) { this.name = name; } }
const NOTHING = Symbol("None");
const ELLIPSIS = Symbol("...");

// Runs `body` (the node of a function's block) with these names; returns what it returns, or undefined.
// `bound` is a Map from names to values, and holds all names at the end.
export function runBody(text, body, tape, bound) {
  return new Run(text, tape, bound, assignedNames(text, body)).block(body);
}

// The value of an expression that stands for itself, such as a default.
export function valueOf(text, node, tape, bound = new Map()) {
  return new Run(text, tape, bound, new Set()).at(node);
}

const RETURNED = Symbol("returned");

class Run {
  constructor(text, tape, bound, locals) {
    Object.assign(this, { text, tape, bound, locals, depth: 0, value: undefined });
  }

  written(node) {
    return this.text.slice(node.from, node.to);
  }

  // ---------------------------------------------------------------- statements

  block(body) {
    for (const statement of itemsOf(body)) {
      if (located(this.text, statement, () => this.statement(statement)) === RETURNED) return this.value;
    }
    return undefined;
  }

  statement(node) {
    switch (node.name) {
      case "AssignStatement": return this.assignment(node);
      case "UpdateStatement": return this.update(node);
      case "ExpressionStatement": return void this.at(node.firstChild);
      case "PassStatement": return undefined;
      case "IfStatement": return this.choice(node);
      case "ReturnStatement":
        this.value = this.series(partsOf(node).slice(1));
        return RETURNED;
      case "StatementGroup":
        for (const part of itemsOf(node)) if (this.statement(part) === RETURNED) return RETURNED;
        return undefined;
      case "WhileStatement": return needsKernel("`while`");
      case "ForStatement": return needsKernel("`for`");
      case "PrintStatement": throw new Fault("this is not Python 3: print(…) has brackets.");
      default: return needsKernel(`\`${this.written(node).split(/\s/)[0]}\``);
    }
  }

  // name = value, a, b = value, name[...] = value, a = b = value
  assignment(node) {
    const parts = partsOf(node).filter(({ name }) => name !== "TypeDef");
    const groups = [[]];
    for (const part of parts) {
      if (part.name === "AssignOp") groups.push([]);
      else groups.at(-1).push(part);
    }
    const value = this.series(groups.pop());
    for (const group of groups) this.assignSeries(group, value);
  }

  // Expressions with commas between them are a tuple.
  series(nodes) {
    if (nodes.length === 0) return NOTHING;
    if (nodes.some(({ name }) => name === "*" || name === "yield")) needsKernel("`*` before a name");
    const values = nodes.filter(({ name }) => name !== ",").map((node) => this.at(node));
    return nodes.length === 1 ? values[0] : new Tuple(values);
  }

  assignSeries(nodes, value) {
    if (nodes.length === 1) return this.assign(nodes[0], value);
    const targets = nodes.filter(({ name }) => name !== ",");
    if (targets.some(({ name }) => name === "*")) needsKernel("`*` before a name");
    return this.unpack(targets, value);
  }

  unpack(targets, value) {
    if (value instanceof Recorded) refuse("Going through a value's elements", "index");
    if (!(value instanceof Tuple)) throw new Fault("there is nothing to unpack on the right.");
    if (value.items.length !== targets.length) {
      throw new Fault(`${targets.length} names on the left for ${value.items.length} values on the right.`);
    }
    targets.forEach((target, k) => this.assign(target, value.items[k]));
  }

  assign(target, value) {
    switch (target.name) {
      case "VariableName": return void this.bound.set(this.name(target), value);
      case "TupleExpression": case "ArrayExpression": return this.unpack(itemsOf(target), value);
      case "ParenthesizedExpression": return this.assign(itemsOf(target)[0], value);
      case "MemberExpression": return this.whole(target).assign(value);
      default: throw new Fault("nothing can be assigned to what stands on the left.");
    }
  }

  // The array of name[...] or name[:].
  whole(node) {
    const parts = partsOf(node);
    const owner = this.at(parts[0]);
    if (!(owner instanceof Recorded)) needsKernel(`To assign to ${this.written(node)}`);
    if (parts[1].name !== "[" ) refuse(`Assigning to ${this.written(node)}`, "attribute");
    if (!isWhole(parts.slice(2, -1))) refuse(`Assigning to ${this.written(node)}`, "index");
    return owner;
  }

  // name -= value: an array is changed in place, a number gets the name anew.
  update(node) {
    const [target, sign, ...rest] = partsOf(node);
    const old = target.name === "VariableName" ? this.at(target) : this.whole(target);
    const operand = this.series(rest);
    const value = this.binary(this.written(sign).slice(0, -1), old, operand);
    if (old instanceof Recorded && old.array) old.assign(value);
    else this.assign(target, value);
  }

  choice(node) {
    const parts = partsOf(node);
    for (let k = 0; k < parts.length; k += 3) {
      if (parts[k].name === "else") return this.nested(parts[k + 1]);
      if (this.decide(parts[k + 1])) return this.nested(parts[k + 2]);
    }
    return undefined;
  }

  nested(body) {
    for (const statement of itemsOf(body)) {
      if (located(this.text, statement, () => this.statement(statement)) === RETURNED) return RETURNED;
    }
    return undefined;
  }

  // ---------------------------------------------------------------- expressions

  at(node) {
    if (++this.depth > DEEPEST) throw new Fault("this is nested too deeply: give a part of it a name of its own.");
    const value = located(this.text, node, () => this.expression(node));
    this.depth -= 1;
    return value;
  }

  expression(node) {
    switch (node.name) {
      case "Number": {
        const { kind, value } = numberAt(this.text, node);
        return new Constant(kind, value);
      }
      case "Boolean": return new Constant("bool", this.written(node) === "True");
      case "None": return NOTHING;
      case "Ellipsis": return ELLIPSIS;
      case "String": return this.word(node);
      case "VariableName": return this.variable(node);
      case "ParenthesizedExpression": return this.at(itemsOf(node)[0]);
      case "TupleExpression": case "ArrayExpression":
        return new Tuple(itemsOf(node).map((item) => this.at(item)));
      case "UnaryExpression": return this.unary(node);
      case "BinaryExpression": return this.operation(node);
      case "ConditionalExpression": {
        const [chosen, , condition, , other] = partsOf(node);
        return this.decide(condition) ? this.at(chosen) : this.at(other);
      }
      case "MemberExpression": return this.member(node);
      case "CallExpression": return this.call(node);
      default: return needsKernel(`\`${this.written(node).slice(0, 40)}\``);
    }
  }

  word(node) {
    const [, , inside] = this.written(node).match(/^("""|'''|"|')([^\\]*)\1$/s) ?? needsKernel("This kind of word");
    return new Word(inside);
  }

  name(node) {
    return nameAt(this.text, node);
  }

  variable(node) {
    const name = this.name(node);
    if (this.bound.has(name)) return this.bound.get(name);
    if (this.locals.has(name)) throw new Fault(`${name} is used before it has a value.`);
    if (name === "np") return new NumPy();
    if (name === "abs") return new Builtin(name);
    if (["float", "int", "math", "bool", "round"].includes(name)) refuse(`\`${name}\``, "number");
    if (["min", "max", "sum", "len", "range", "pow", "print"].includes(name)) needsKernel(`\`${name}\``);
    throw new Fault(`there is no ${name} here. Give it a value in a line above, or a default after the star in the first line.`);
  }

  unary(node) {
    const [sign, part] = partsOf(node);
    const written = this.written(sign);
    if (written === "not") return new Constant("bool", !this.decide(part));
    const value = this.at(part);
    this.expectNumber(value, written);
    // Python's own ~ on a number works on its bits.
    if (written === "~") expectTruths([value], "invert");
    return this.tape.apply(UNARY[written], [value]);
  }

  operation(node) {
    const parts = partsOf(node);
    const [left, sign] = parts;
    const written = parts.slice(1, -1).map((part) => this.written(part)).join(" ");
    if (sign.name === "and" || sign.name === "or") {
      const value = this.at(left);
      return this.truth(value) === (sign.name === "and") ? this.at(parts.at(-1)) : value;
    }
    if (isComparison(sign)) return this.comparison(node);
    return this.binary(written, this.at(left), this.at(parts.at(-1)));
  }

  binary(sign, left, right) {
    if (["//", "%"].includes(sign)) refuse(`\`${sign}\``, "floor");
    if (!(sign in BINARY)) refuse(`\`${sign}\``, "operation");
    this.expectNumber(left, sign);
    this.expectNumber(right, sign);
    if (sign === "&" || sign === "|") expectTruths([left, right], sign === "&" ? "bitwise_and" : "bitwise_or");
    return this.tape.apply(BINARY[sign], [left, right]);
  }

  expectNumber(value, sign) {
    if (!(value instanceof Recorded || value instanceof Constant)) refuse(`\`${sign}\` on what is no number`, "constant");
  }

  // a < b, a < b < c, word in (…)
  comparison(node) {
    const operands = [], signs = [];
    let rest = node;
    while (rest.name === "BinaryExpression" && isComparison(partsOf(rest)[1])) {
      const parts = partsOf(rest);
      signs.unshift(parts.slice(1, -1).map((part) => this.written(part)).join(" "));
      operands.unshift(parts.at(-1));
      rest = parts[0];
    }
    let left = this.at(rest), result = null;
    for (let k = 0; k < signs.length; k++) {
      if (result !== null && !this.truth(result)) return result;
      const right = this.at(operands[k]);
      result = this.compare(signs[k], left, right);
      left = right;
    }
    return result;
  }

  compare(sign, left, right) {
    if (sign === "in" || sign === "not in") return this.membership(sign, left, right);
    if (!(sign in COMPARE)) needsKernel(`\`${sign}\``);
    const arrays = left instanceof Recorded || right instanceof Recorded;
    const numbers = [left, right].every((value) => value instanceof Recorded || value instanceof Constant);
    if (!numbers) {
      if (arrays) refuse(`\`${sign}\` between a value and what is no number`, "constant");
      return new Constant("bool", sameThing(left, right, sign));
    }
    const turned = left instanceof Constant && !left.numpy && right instanceof Recorded;
    return turned ? this.tape.apply(REFLECTED[sign], [right, left]) : this.tape.apply(COMPARE[sign], [left, right]);
  }

  membership(sign, item, series) {
    if (!(series instanceof Tuple)) needsKernel(`\`${sign}\` with what is no tuple`);
    const found = series.items.some((one) => one === item || this.truth(this.compare("==", one, item)));
    return new Constant("bool", found === (sign === "in"));
  }

  // Whether a condition holds, before any array comes in.
  decide(node) {
    const value = this.at(node);
    return located(this.text, node, () => this.truth(value));
  }

  truth(value) {
    if (value instanceof Recorded) refuse("Asking whether a value is true (if, while, and, or, not)", "truth");
    if (value instanceof Constant) return isTrue(value);
    if (value instanceof Word) return value.text !== "";
    if (value instanceof Tuple) return value.items.length > 0;
    return value !== NOTHING;
  }

  // ---------------------------------------------------------------- parts and calls

  member(node) {
    const parts = partsOf(node);
    const owner = this.at(parts[0]);
    if (parts[1].name === "[") return this.taken(owner, parts.slice(2, -1), node);
    const name = this.name(parts[2]);
    if (owner instanceof NumPy && Object.hasOwn(NUMBERS, name)) return new Constant("float", NUMBERS[name]);
    if (owner instanceof Owner) return owner.read(name);
    if (owner instanceof Recorded) refuse(`.${name}`, "attribute");
    return needsKernel(`\`${this.written(node).slice(0, 40)}\``);
  }

  taken(owner, index, node) {
    if (owner instanceof Recorded) {
      if (!isWhole(index)) refuse(`Taking ${this.written(node).slice(0, 40)}`, "index");
      return owner;
    }
    if (!(owner instanceof Tuple) || index.length !== 1) needsKernel(`\`${this.written(node).slice(0, 40)}\``);
    const place = this.at(index[0]);
    if (!(place instanceof Constant) || place.kind === "float") throw new Fault("the place in a tuple is a whole number.");
    const item = owner.items.at(Number(place.value));
    if (item === undefined) throw new Fault(`there are only ${owner.items.length} values in it.`);
    return item;
  }

  call(node) {
    const [called, list] = partsOf(node);
    const [given, named] = this.arguments(list);
    if (called.name === "MemberExpression" && partsOf(called)[1].name === ".") {
      const [first, , property] = partsOf(called);
      const owner = this.at(first);
      const name = this.name(property);
      if (owner instanceof NumPy) return this.function(name, given, named);
      if (owner instanceof Owner) return owner.call(name, given);
      if (owner instanceof Recorded && name === "copy" && given.length === 0) return owner.copy();
      if (owner instanceof Tuple && name === "tolist") return owner;
      if (owner instanceof Recorded) refuse(`.${name}`, "attribute");
    }
    const value = this.at(called);
    if (value instanceof Builtin && given.length === 1 && named.size === 0) return this.absolute(given[0]);
    return needsKernel(`Calling \`${this.written(called).slice(0, 40)}\``);
  }

  absolute(value) {
    this.expectNumber(value, "abs");
    return this.tape.apply("absolute", [value]);
  }

  // Returns the positional arguments and a Map of those with names.
  arguments(list) {
    const parts = partsOf(list).slice(1, -1);
    const given = [], named = new Map();
    for (let k = 0; k < parts.length; k++) {
      if (parts[k].name === ",") continue;
      if (["*", "**", "for"].includes(parts[k].name)) needsKernel("`*` in a call");
      if (parts[k + 1]?.name === "AssignOp") {
        named.set(this.name(parts[k]), this.at(parts[k + 2]));
        k += 2;
      } else if (named.size > 0) {
        throw new Fault("arguments without a name come first.");
      } else {
        given.push(this.at(parts[k]));
      }
    }
    return [given, named];
  }

  // np.name(…)
  function(name, given, named) {
    if (name === "where" || name === "clip") {
      if (given.length !== 3 || named.size > 0) throw new Fault(`np.${name} takes three arguments here: ${name === "where" ? "condition, a, b" : "value, least, greatest"}.`);
      for (const value of given) this.expectNumber(value, `np.${name}`);
      if (name === "where") return this.tape.apply("where", given, true);
      return this.tape.apply("minimum", [this.tape.apply("maximum", given.slice(0, 2), true), given[2]], true);
    }
    if (name === "array" && given.length === 1 && named.size === 0) return given[0];
    if (name === "copy" && given.length === 1 && given[0] instanceof Recorded) return given[0].copy();
    if (!FUNCTIONS.has(name)) refuse(`np.${name}`, "operation");
    const [operation, count] = FUNCTIONS.get(name);
    const out = named.get("out") ?? given[count];
    const onlyOut = [...named.keys()].every((key) => key === "out") && given.length <= count + 1;
    if (given.length < count || !onlyOut) throw new Fault(`np.${name} takes ${count} argument${count > 1 ? "s" : ""} here.`);
    const operands = given.slice(0, count);
    for (const value of operands) this.expectNumber(value, `np.${name}`);
    const value = this.tape.apply(operation, operands, true);
    if (out === undefined) return value;
    if (!(out instanceof Recorded && out.array)) throw new Fault("out= names an array that is to be changed.");
    out.assign(value);
    return out;
  }
}

// & | ~ between arrays join conditions; on numbers they work on their bits, which no tape does.
function expectTruths(values, name) {
  if (values.some((value) => value instanceof Recorded) && !values.every(isTruth)) refuse(`np.${name} of what is no comparison`, "bits");
}

// [...] or [:]
function isWhole(index) {
  return index.length === 1 && (index[0].name === "Ellipsis" || index[0].name === ":");
}

function isComparison({ name }) {
  return ["CompareOp", "in", "not", "is"].includes(name);
}

// Words, and None, are equal or not; they have no order.
function sameThing(left, right, sign) {
  if (sign !== "==" && sign !== "!=") needsKernel(`\`${sign}\` between words`);
  if (left instanceof Tuple && right instanceof Tuple) needsKernel("To compare tuples");
  const same = left === right || (left instanceof Word && right instanceof Word && left.text === right.text);
  return same === (sign === "==");
}

// All names that the lines give a value to: in Python they are the function's own from its first line on.
export function assignedNames(text, body) {
  const names = new Set();
  const collect = (node) => {
    if (node.name === "VariableName") names.add(nameAt(text, node));
    else if (["TupleExpression", "ArrayExpression", "ParenthesizedExpression"].includes(node.name)) itemsOf(node).forEach(collect);
  };
  body.cursor().iterate(({ node }) => {
    if (node.name === "UpdateStatement") located(text, node, () => collect(partsOf(node)[0]));
    if (node.name !== "AssignStatement") return;
    const parts = partsOf(node).filter(({ name }) => name !== "TypeDef");
    const last = parts.findLastIndex(({ name }) => name === "AssignOp");
    located(text, node, () => parts.slice(0, Math.max(0, last)).forEach(collect));
  });
  return names;
}
