// What a figure shows when its rules or its loss are edited: the edited rule in its printed one's place, that one beside it
// as a ghost with the same settings, and the reader's own rules after the author's.

import { isDecayRate } from "./translate.js";

const GHOST_STYLE = { color: "#777777", dash: "1 4" };
// As descent.figures.lines has them: a rule that is added takes what is free.
export const LINE_COLORS = ["#0072B2", "#D55E00", "#009E73", "#AA4499", "#8C6D00", "#555555"];
export const LINE_DASHES = ["", "7 3", "2 2.5", "9 3 2 3", "12 4", "4 2 1 2 1 2"];
export const LINE_MARKERS = ["circle", "square", "triangle", "diamond", "cross", "star"];
const ANY_RULE_HAS = ["loss", "position", "error", "g", "step"];

// `original` is the figure as its author made it. `edits` is a Map from a target ("rule 1", "add 2", "surface 1") to
// { text, translated, overrides }; of the surface, to the problem that is drawn. `now` is a Map from a target to its settings.
// Returns the figure's traits, and `places`, a Map from each target to the place of its rule; a ghost's is "printed 1".
export function compose(original, edits, now) {
  const rules = [], settings = [], origins = [], places = new Map();
  const put = (target, rule, setting, first) => {
    places.set(target, rules.length);
    rules.push(rule);
    settings.push(setting);
    origins.push(first);
  };
  original.rules.forEach((rule, k) => {
    const target = `rule ${k + 1}`, edit = edits.get(target);
    if (!edit) return put(target, rule, now.get(target) ?? original.settings[k], original.settings[k]);
    const shared = namesShared(original.shared, k);
    const edited = { ...withText(rule, edit, shared), label: `${rule.label}, edited` };
    return put(target, edited, settingsOf(edited, shared, now.get(target) ?? {}, edit.overrides), settingsOf(edited, shared, original.settings[k], edit.changed));
  });
  for (const [target, edit] of edits) {
    if (!target.startsWith("add ")) continue;
    const rule = withText(bareRule(target, rules), edit, new Set());
    put(target, rule, settingsOf(rule, new Set(), now.get(target) ?? {}, edit.overrides), settingsOf(rule, new Set(), {}, {}));
  }
  original.rules.forEach((rule, k) => {
    if (!edits.has(`rule ${k + 1}`)) return;
    const ghost = { ...rule, label: `${rule.label}, as printed`, sliders: [], text: null, style: { ...rule.style, ...GHOST_STYLE } };
    put(`printed ${k + 1}`, ghost, followed(original.settings[k], settings[k]), original.settings[k]);
  });
  const shared = original.shared.map((slider) => ({ ...slider, targets: slider.targets.filter(([k, name]) => name in settings[k]) }))
    .filter(({ targets }) => targets.length > 0);
  const surface = edits.get("surface 1");
  const problem = surface?.problem ?? original.problem;
  const start = surface ? within(original.start, problem.view) : original.start;
  return {
    rules: surface ? rules.map(withoutMarks) : rules, shared, settings, places, problem,
    views: viewsOf(original.views, rules, places, Boolean(surface)),
    origin: { ...original.origin, settings: origins, start: surface ? start : original.origin.start },
    start: surface ? start : null,
  };
}

// A ghost moves with the rule it was: what both have is the same.
export function followed(printed, edited) {
  return Object.fromEntries(Object.entries(printed).map(([name, value]) => [name, edited[name] ?? value]));
}

function namesShared(shared, k) {
  return new Set(shared.flatMap(({ targets }) => targets).filter(([rule]) => rule === k).map(([, name]) => name));
}

function bareRule(target, others) {
  const number = Number(target.split(" ")[1]);
  const free = (list, part) => list.find((one) => others.every(({ style }) => style[part] !== one)) ?? list[number % list.length];
  const style = { color: free(LINE_COLORS, "color"), dash: free(LINE_DASHES, "dash"), marker: free(LINE_MARKERS, "marker") };
  return { name: "Own", label: number > 1 ? `your rule ${number}` : "your rule", target, fixed: {}, sliders: [], schedules: {}, style };
}

// The rule with another text. `changed` holds the numbers of the first line that differ from the printed ones.
function withText(rule, { translated, text, changed }, shared) {
  const { tape, state, hyperparameters } = translated;
  const numbers = hyperparameters.filter(({ name, value }) => typeof value === "number" && tape.inputs.includes(name));
  const valueOf = ({ name, value }) => (name in changed ? value : rule.fixed[name] ?? value);
  const fixed = { ...rule.fixed, ...Object.fromEntries(numbers.map((one) => [one.name, valueOf(one)])) };
  const sliders = numbers.filter((one) => !shared.has(one.name) && typeof valueOf(one) === "number").map((one) => sliderFor(rule, one.name, valueOf(one)));
  return { ...rule, tape, state, fixed, sliders, text };
}

// `overrides` are the numbers that the reader has just written into the first line: they win over the sliders.
function settingsOf({ sliders, fixed }, shared, now, overrides) {
  const names = [...sliders.map(({ name }) => name), ...Object.keys(now).filter((name) => shared.has(name) && name in fixed)];
  return Object.fromEntries(names.map((name) => [name, overrides[name] ?? now[name] ?? fixed[name]]));
}

const SLIDER_WORDS = { lr: "learning rate η", beta: "β", beta1: "β₁", beta2: "β₂", eps: "ε" };

// The printed rule's slider, stretched to the value; without one, a beta spans 0 to 0.9999 and all else two decades each way.
function sliderFor(rule, name, value) {
  const printed = rule.sliders.find((slider) => slider.name === name);
  if (printed) return { ...printed, value, min: Math.min(printed.min, value), max: Math.max(printed.max, value) };
  const label = SLIDER_WORDS[name] ?? name;
  if (isDecayRate(name)) return { name, label, min: 0, max: Math.max(0.9999, value), value, scale: "complement", marks: [] };
  const decade = value > 0 ? Math.floor(Math.log10(value)) : -2;
  const [min, max] = [Math.min(10 ** (decade - 2), value), Math.max(10 ** (decade + 2), value)];
  return { name, label, min, max, value, scale: min > 0 ? "log" : "linear", marks: [] };
}

// What theory names on the printed surface it does not name on another.
function withoutMarks(rule) {
  return { ...rule, sliders: rule.sliders.map((slider) => ({ ...slider, marks: [] })) };
}

// The lines of ghosts and of added rules beside those of the author's. On another surface nobody knows the distance from the
// minimum: there the loss is shown in its place.
function viewsOf(views, rules, places, otherSurface) {
  const ghosts = [...places].filter(([target]) => target.startsWith("printed ")).map(([target, place]) => [place, Number(target.split(" ")[1]) - 1]);
  const added = [...places].filter(([target]) => target.startsWith("add ")).map(([, place]) => place);
  return views.map((view) => {
    if (view.kind !== "curves") return view;
    const shown = otherSurface && view.lines.some(({ quantity }) => quantity === "error") ? lossView(view) : view;
    const like = (line, rule, words) => ({
      ...line, rule, ...(line.style ? { style: { ...line.style, ...rules[rule].style } } : {}), ...(line.label ? { label: `${line.label}, ${words}` } : {}),
    });
    const known = (rule, { quantity }) => ANY_RULE_HAS.includes(quantity) || rules[rule].state.includes(quantity) || Object.hasOwn(rules[rule].tape.names, quantity);
    const own = shown.lines.filter((line) => line.rule === undefined || known(line.rule, line));
    const more = [
      ...ghosts.flatMap(([ghost, k]) => shown.lines.filter(({ rule }) => rule === k).map((line) => like(line, ghost, "as printed"))),
      ...added.flatMap((rule) => shown.lines.filter((line) => line.rule === 0 && known(rule, line)).map((line) => like(line, rule, rules[rule].label))),
    ];
    return { ...shown, lines: [...own, ...more] };
  });
}

function lossView(view) {
  const rules = [...new Set(view.lines.map(({ rule }) => rule))];
  return { ...view, name: "Loss", label: "loss", lines: rules.map((rule) => ({ rule, quantity: "loss", coordinate: 0 })) };
}

function within(start, view) {
  return start.map((value, c) => {
    const [low, high] = view[c];
    return value >= low && value <= high ? value : c % 2 === 0 ? low + 0.15 * (high - low) : high - 0.25 * (high - low);
  });
}
