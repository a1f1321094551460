// The editor of a figure's rules and of its loss: comes when a reader asks for it (front/edit_door.js).
import { htmlNode } from "../drawing/elements.js";
import { compose, followed } from "./composition.js";
import { makeExercise } from "./exercise.js";
import { lossAsClass, ruleAsClass } from "./notebook_text.js";
import { haveSameShape } from "../model/shape.js";
import { makeEditPanel } from "./panel.js";
import { playgroundLink } from "./playground.js";
import { targetOf } from "./targets.js";
import library from "./library.json" with { type: "json" };
import style from "./edit.css" with { type: "text" };

const sessions = new WeakMap(); // one for each figure
const TRAITS = ["rules", "views", "shared", "settings", "origin", "problem", "start", "title", "alt"];

// Opens texts under the figure: pairs of a target ("rule 1", "add 1", "surface 1") and its text, null for the one that stands.
export function open(model, root, texts) {
  wearStyleSheet(root.ownerDocument);
  if (!sessions.has(model)) sessions.set(model, makeSession(model, root));
  sessions.get(model)(texts);
}

// Makes an exercise of the page alive (code/site/static/exercises.js).
export function openExercise(place) {
  wearStyleSheet(place.ownerDocument);
  makeExercise(place);
}

function wearStyleSheet(page) {
  if (page.querySelector("style[data-descent-editor]")) return;
  page.head.append(htmlNode("style", { "data-descent-editor": "" }, style));
}

// Returns the function that opens texts of this figure.
function makeSession(model, root) {
  const original = Object.fromEntries(TRAITS.map((name) => [name, structuredClone(model.get(name))]));
  const edits = new Map(); // from a target to what is drawn of it now
  const firsts = new Map(); // from a target to its printed text, translated
  const undone = new Map(); // from a target that is printed again to the numbers that had been written into its first line
  const panels = new Map();
  // Before the figure, and in sight while the reader looks at what the text does to it.
  const shelf = htmlNode("div", { class: "descent-shelf" });
  root.before(shelf);
  let places = new Map(original.rules.map((_, k) => [`rule ${k + 1}`, k]));

  // Takes a text over, or says in a Refusal why not; nothing is drawn yet.
  function take(target, text) {
    const { kind, printed, schedules = {}, translate } = targetOf(original, target);
    setTexts(target, kind !== "add" && text === printed ? null : text);
    const translated = translate(text);
    if (!firsts.has(target)) firsts.set(target, programOf(translate, printed));
    const first = firsts.get(target);
    const before = edits.get(target)?.translated ?? first;
    if (kind !== "add" && sameProgram(translated, first)) {
      if (edits.delete(target)) undone.set(target, differing(translated, before));
    }
    else edits.set(target, { text, translated, problem: translated.problem, changed: differing(translated, first), overrides: differing(translated, before) });
    return [...translated.notes, ...notesOfSchedules(schedules, differing(translated, first))];
  }

  function setTexts(target, text) {
    const { [target]: _, ...others } = model.get("texts") ?? {};
    model.set("texts", text === null ? others : { ...others, [target]: text });
  }

  function draw() {
    const settings = model.get("settings");
    const now = new Map([...places].map(([target, k]) => [target, settings[k]]));
    for (const [target, written] of undone) {
      const printed = original.settings[Number(target.split(" ")[1]) - 1];
      if (printed && now.has(target)) now.set(target, followed(printed, { ...now.get(target), ...pick(printed, written) }));
    }
    undone.clear();
    const made = compose(original, edits, now);
    places = made.places;
    for (const edit of edits.values()) edit.overrides = {};
    if (!haveSameShape(made.rules, model.get("rules"))) {
      for (const name of ["views", "shared", "settings", "origin"]) model.set(name, made[name]);
    }
    if (made.start && !isIn(model.get("start"), made.problem.view)) model.set("start", made.start);
    if (JSON.stringify(model.get("origin")) !== JSON.stringify(made.origin)) model.set("origin", made.origin);
    const edited = edits.size > 0;
    model.set("title", edits.has("surface 1") ? `${original.title}: another loss` : original.title);
    model.set("alt", edited ? "A figure whose program its reader has changed; the sentences below it say what it shows." : original.alt);
    model.set("rules", made.rules);
    if (model.get("problem") !== made.problem && JSON.stringify(model.get("problem")) !== JSON.stringify(made.problem)) model.set("problem", made.problem);
    model.save_changes();
  }

  // The ghosts go where the sliders of their rules go.
  function followSettings() {
    const settings = model.get("settings");
    const next = [...settings];
    for (const [target, place] of places) {
      if (!target.startsWith("printed ")) continue;
      const k = Number(target.split(" ")[1]) - 1;
      next[place] = followed(original.settings[k], settings[places.get(`rule ${k + 1}`)]);
    }
    if (JSON.stringify(next) !== JSON.stringify(settings)) model.set("settings", next);
  }
  model.on("change:settings", followSettings);

  function makePanelFor(target) {
    const { kind, name, label, printed, decays } = targetOf(original, target);
    const close = () => {
      panels.get(target).node.hidden = true;
      root.querySelector(`[data-target="${target}"]`)?.focus();
    };
    const copy = async ({ field, say }) => {
      const text = kind === "surface" ? lossAsClass(field.text(), model.get("problem"), model.get("start")) : ruleAsClass(name, field.text(), decays);
      try {
        await navigator.clipboard.writeText(text);
        say("Copied: paste it into a notebook’s cell.");
      } catch {
        say("The browser did not allow copying; select the text and copy it.", true);
      }
    };
    const link = () => {
      const state = Object.fromEntries(["rules", "settings", "problem", "parameters", "start", "origin"].map((trait) => [trait, model.get(trait)]));
      return playgroundLink({ ...state, problem: { ...state.problem, text: edits.get("surface 1")?.text ?? state.problem.text } }, model.get("place"));
    };
    const visit = () => window.open(link().address, "_blank", "noopener");
    const remove = () => {
      edits.delete(target);
      setTexts(target, null);
      draw();
      panels.get(target).node.remove();
      panels.delete(target);
      root.querySelector('[data-target^="add "]:last-child')?.focus();
    };
    const panel = makeEditPanel({
      title: kind === "add" ? "A rule of your own" : `Edit ${label}`, label: `The text of ${label}`, text: printed,
      choices: { rule: [], add: library.rules, surface: library.surfaces }[kind],
      take(text) {
        const notes = take(target, text);
        draw();
        return [sentenceOf(kind, edits.has(target)), ...notes].join(" ");
      },
      actions: {
        ...(kind === "add" ? { Remove: remove } : { Reset: ({ field }) => field.replace(printed) }),
        "Copy as a class": copy, ...(link() ? { [link().label]: visit } : {}), Close: close,
      },
      closed: close,
    });
    shelf.append(panel.node);
    panel.say(kind === "surface" ? "Change a line, or write an expression such as x**2 + 10*y**2: the contours follow." : "Change a line: the path follows at each key.");
    return panel;
  }

  return function openTexts(texts) {
    for (const [target, text] of texts) {
      if (!targetOf(original, target)) continue;
      const isNew = !panels.has(target);
      if (isNew) panels.set(target, makePanelFor(target));
      const panel = panels.get(target);
      panel.node.hidden = false;
      if (text !== null) panel.field.replace(text);
      if (isNew && target.startsWith("add ") && !edits.has(target)) panel.changed(panel.field.text());
      if (text === null) panel.field.focus();
    }
  };
}

// A printed text may use what only Python can run: then every text that the page understands is another program.
function programOf(translate, printed) {
  try {
    return translate(printed);
  } catch (error) {
    if (error.name !== "Refusal") throw error;
    return { tape: null, hyperparameters: [] };
  }
}

function sentenceOf(kind, edited) {
  if (kind === "add") return "Your rule runs beside the others.";
  if (kind === "surface") return edited ? "Drawn on this loss; its gradient is worked out from the text." : "This is the loss as printed.";
  return edited ? "Drawn with this text; the grey line is the rule as printed." : "This is the rule as printed.";
}

// A number in the first line does nothing where the figure gives a function of t.
function notesOfSchedules(schedules, changed) {
  return Object.keys(changed).filter((name) => Object.hasOwn(schedules, name))
    .map((name) => `${name} is a function of t in this figure, and its number in the first line is not used: write another name, or t itself, into the text.`);
}

function sameProgram(one, other) {
  const essence = ({ tape, hyperparameters, view }) => JSON.stringify([tape, hyperparameters, view]);
  return essence(one) === essence(other);
}

// The numbers of the first line that another text has not, or has otherwise.
function differing({ hyperparameters = [] }, other) {
  const before = new Map((other.hyperparameters ?? []).map(({ name, value }) => [name, value]));
  const changed = hyperparameters.filter(({ name, value }) => typeof value === "number" && before.has(name) && before.get(name) !== value);
  return Object.fromEntries(changed.map(({ name, value }) => [name, value]));
}

function pick(from, names) {
  return Object.fromEntries(Object.keys(names).filter((name) => name in from).map((name) => [name, from[name]]));
}

function isIn(point, view) {
  return point.every((value, c) => value >= view[c][0] && value <= view[c][1]);
}

export default { open, openExercise };
