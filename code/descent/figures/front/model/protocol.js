// The contract with Python, figures/protocol.json: what is read here is checked, as Python checks what it hands over.
import PROTOCOL from "../../protocol.json" with { type: "json" };

// The whole state of a figure, read from the model; an Error says where it is not what the page can draw.
export function readState(model) {
  const state = Object.fromEntries(Object.keys(PROTOCOL.properties).map((name) => [name, model.get(name)]));
  checkState(state);
  return state;
}

export function checkState(state) {
  const [place, fault] = misfit(state, PROTOCOL, "") ?? contradiction(state) ?? [];
  if (fault) throw new Error(`Its data do not fit the page: ${place || "all"} ${fault}.`);
}

// [place, what is wrong] where a value breaks a rule of the schema, or null. These are the words of JSON Schema that
// protocol.json uses; Python's _misfit reads the same.
export function misfit(value, rule, place) {
  if (rule.$ref) return misfit(value, PROTOCOL.$defs[rule.$ref.split("/").pop()], place);
  if (rule.anyOf) {
    const misfits = rule.anyOf.map((other) => misfit(value, other, place));
    return misfits.includes(null) ? null : misfits.reduce((far, next) => (next[0].length > far[0].length ? next : far));
  }
  if (rule.enum) {
    return rule.enum.includes(value) ? null : [place, `is ${shown(value)}; expected one of ${rule.enum.join(", ")}`];
  }
  const [isOfType, word, check] = TYPES[rule.type];
  if (!isOfType(value)) return [place, `is ${shown(value)}; expected ${word}`];
  return check(value, rule, place);
}

function misfitInObject(value, { properties = {}, required = [], additionalProperties: others = true }, place) {
  const missing = required.find((name) => !Object.hasOwn(value, name) || value[name] === undefined);
  if (missing) return [place, `lacks ${missing}`];
  for (const [name, part] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : others;
    if (inner === false) return [place, `has ${name}, which the page does not know`];
    const found = inner === true ? null : misfit(part, inner, place ? `${place}.${name}` : name);
    if (found) return found;
  }
  return null;
}

function misfitInArray(value, { prefixItems = [], items, minItems = 0, maxItems = Infinity }, place) {
  if (value.length < minItems || value.length > maxItems) {
    return [place, `has ${value.length} entries; expected ${minItems === maxItems ? minItems : `at least ${minItems}`}`];
  }
  for (let k = 0; k < value.length; k++) {
    const found = misfit(value[k], prefixItems[k] ?? items, `${place}[${k}]`);
    if (found) return found;
  }
  return null;
}

function misfitInString(value, { minLength = 0, pattern }, place) {
  if (value.length < minLength) return [place, "is empty"];
  if (pattern && !new RegExp(pattern).test(value)) return [place, `is ${shown(value)}; expected ${pattern}`];
  return null;
}

function misfitInNumber(value, { minimum = -Infinity }, place) {
  return value >= minimum ? null : [place, `is ${value}; expected ${minimum} or more`];
}

const fits = () => null;
const TYPES = {
  object: [(value) => typeof value === "object" && value !== null && !Array.isArray(value), "an object", misfitInObject],
  array: [Array.isArray, "a list", misfitInArray],
  string: [(value) => typeof value === "string", "a text", misfitInString],
  boolean: [(value) => typeof value === "boolean", "true or false", fits],
  null: [(value) => value === null, "nothing", fits],
  number: [Number.isFinite, "a finite number", misfitInNumber],
  integer: [Number.isInteger, "a whole number", misfitInNumber],
};

function shown(value) {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 40 ? text : `${text.slice(0, 37)}…`;
}

// What fits the schema part by part may still not fit together. Tapes and sliders are checked where they are prepared.
function contradiction({ rules, problem, shared, views, settings, start, origin, needs_kernel: needsKernel }) {
  for (const [place, given] of [["settings", settings], ["origin.settings", origin.settings]]) {
    if (given.length !== rules.length) return [place, `has ${given.length} entries; expected one for each of the ${rules.length} rules`];
  }
  const dimensions = problem.labels.length;
  for (const [place, given] of [["start", start], ["origin.start", origin.start]]) {
    if (given.length !== dimensions) return [place, `has ${given.length} numbers; expected ${dimensions}, one for each of problem.labels`];
  }
  for (const place of ["view", "minimum"]) {
    const given = problem[place];
    if (given && given.length !== dimensions) return [`problem.${place}`, `has ${given.length} entries; expected ${dimensions}`];
  }
  const untranslated = needsKernel ? -1 : rules.findIndex(({ tape }) => tape === null);
  if (untranslated >= 0) return [`rules[${untranslated}].tape`, "is null in a figure that the page draws"];
  const beyond = shared.findIndex(({ targets }) => targets.some(([k]) => k >= rules.length));
  if (beyond >= 0) return [`shared[${beyond}].targets`, `names a rule beyond the ${rules.length} there are`];
  for (const [i, { lines = [] }] of views.entries()) {
    const j = lines.findIndex(({ rule = -1 }) => rule >= rules.length);
    if (j >= 0) return [`views[${i}].lines[${j}].rule`, `is ${lines[j].rule}; there are ${rules.length} rules`];
  }
  return null;
}
