// What a figure shows when some of its rules are edited: the edited rule in its printed one's place, and that one beside it
// as a ghost, with the same settings.

const GHOST_STYLE = { color: "#777777", dash: "1 4" };

// `original` is the figure's state as its author made it; `edits` a Map from "rule 1", … to { translated, text }.
// Returns the traits { rules, views, shared, settings, origin } and `ghosts`, a Map from the ghost's place to its rule's.
export function compose(original, edits, settingsNow) {
  const rules = [], settings = [], ghosts = new Map();
  original.rules.forEach((rule, k) => {
    const edit = edits.get(`rule ${k + 1}`);
    const now = settingsNow[k] ?? original.settings[k];
    if (!edit) {
      rules.push(rule);
      settings.push(now);
      return;
    }
    const shared = namesShared(original.shared, k);
    const edited = editedRule(rule, edit, shared);
    rules.push(edited);
    settings.push(settingsOf(edited, shared, now, edit.changedDefaults));
  });
  original.rules.forEach((rule, k) => {
    if (!edits.has(`rule ${k + 1}`)) return;
    ghosts.set(rules.length, k);
    rules.push({ ...rule, label: `${rule.label}, as printed`, sliders: [], text: null, style: { ...rule.style, ...GHOST_STYLE } });
    settings.push(followed(original.settings[k], settings[k]));
  });
  const shared = original.shared.map((slider) => ({ ...slider, targets: slider.targets.filter(([k, name]) => name in settings[k]) }))
    .filter(({ targets }) => targets.length > 0);
  const first = original.rules.map((_, k) => original.settings[k]);
  const originSettings = rules.map((rule, k) => (ghosts.has(k) ? first[ghosts.get(k)] : settingsOf(rule, namesShared(original.shared, k), first[k], rule.changedDefaults ?? {})));
  return { rules, shared, settings, ghosts, views: withGhosts(original.views, ghosts), origin: { ...original.origin, settings: originSettings } };
}

// A ghost moves with the rule it was: what both have is the same.
export function followed(printed, edited) {
  return Object.fromEntries(Object.entries(printed).map(([name, value]) => [name, edited[name] ?? value]));
}

function namesShared(shared, k) {
  return new Set(shared.flatMap(({ targets }) => targets).filter(([rule]) => rule === k).map(([, name]) => name));
}

function editedRule(rule, { translated, text, changedDefaults }, shared) {
  const { tape, state, hyperparameters } = translated;
  const numbers = hyperparameters.filter(({ value }) => typeof value === "number");
  const valueOf = ({ name, value }) => (name in changedDefaults ? value : rule.fixed[name] ?? value);
  const fixed = { ...rule.fixed, ...Object.fromEntries(numbers.map((one) => [one.name, valueOf(one)])) };
  const sliders = numbers.filter(({ name }) => tape.inputs.includes(name) && !shared.has(name)).map((one) => sliderFor(rule, one.name, valueOf(one)));
  return { ...rule, label: `${rule.label}, edited`, tape, state, fixed, sliders, text, edited: true, changedDefaults };
}

// A value that the text's first line was changed to holds; else what the reader's slider says.
function settingsOf({ sliders, fixed }, shared, now, changedDefaults) {
  const names = [...sliders.map(({ name }) => name), ...Object.keys(now).filter((name) => shared.has(name) && name in fixed)];
  return Object.fromEntries(names.map((name) => [name, name in changedDefaults ? changedDefaults[name] : now[name] ?? fixed[name]]));
}

const WORDS = { lr: "learning rate η", beta: "β", beta1: "β₁", beta2: "β₂", eps: "ε" };

// The printed rule's slider, stretched to the value; without one, a beta spans 0 to 0.9999 and all else two decades each way.
function sliderFor(rule, name, value) {
  const printed = rule.sliders.find((slider) => slider.name === name);
  if (printed) return { ...printed, value, min: Math.min(printed.min, value), max: Math.max(printed.max, value) };
  const label = WORDS[name] ?? name;
  if (name.startsWith("beta")) return { name, label, min: 0, max: Math.max(0.9999, value), value, scale: "complement", marks: [] };
  const decade = value > 0 ? Math.floor(Math.log10(value)) : -2;
  const [min, max] = [Math.min(10 ** (decade - 2), value), Math.max(10 ** (decade + 2), value)];
  return { name, label, min, max, value, scale: min > 0 ? "log" : "linear", marks: [] };
}

// Each line of an edited rule gets its ghost's beside it.
function withGhosts(views, ghosts) {
  return views.map((view) => {
    if (view.kind !== "curves") return view;
    const more = [...ghosts].flatMap(([ghost, k]) => view.lines.filter(({ rule }) => rule === k).map((line) => ({
      ...line, rule: ghost, ...(line.style ? { style: { ...line.style, ...GHOST_STYLE } } : {}), ...(line.label ? { label: `${line.label}, as printed` } : {}),
    })));
    return { ...view, lines: [...view.lines, ...more] };
  });
}
