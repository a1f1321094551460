// The editor of a figure's rules: comes when a reader asks for it (front/edit_door.js).
import { KEEPS_ITS_KEYS, htmlNode, setText } from "../drawing/elements.js";
import { compose, followed } from "./composition.js";
import { makeCodeField } from "./code_field.js";
import { translateRule } from "./translate.js";
import style from "./edit.css" with { type: "text" };

// A screen reader hears what the text does once the hands rest.
const QUIET_MILLISECONDS = 500;

const sessions = new WeakMap(); // one for each figure

// Opens texts under the figure: pairs of a target ("rule 1", …) and what it is to be, null for the one that stands.
export function open(model, root, texts) {
  wearStyleSheet(root.ownerDocument);
  if (!sessions.has(model)) sessions.set(model, makeSession(model, root));
  sessions.get(model).open(texts);
}

function wearStyleSheet(page) {
  if (page.querySelector("style[data-descent-editor]")) return;
  page.head.append(htmlNode("style", { "data-descent-editor": "" }, style));
}

function makeSession(model, root) {
  const traits = ["rules", "views", "shared", "settings", "origin"];
  const original = Object.fromEntries(traits.map((name) => [name, structuredClone(model.get(name))]));
  const edits = new Map(); // from a target to { text, translated, changedDefaults }: what is drawn now
  const panels = new Map();
  let ghosts = new Map();

  // Takes a text over; draws nothing yet. Returns what is to be said of it besides.
  function take(target, text) {
    const { rule } = printedOf(target);
    model.set("texts", withText(model.get("texts"), target, text === rule.text ? null : text));
    const translated = translateRule(text, optionsFor(rule));
    const printed = translateRule(rule.text, optionsFor(rule));
    if (sameProgram(translated, printed)) edits.delete(target);
    else edits.set(target, { text, translated, changedDefaults: changedDefaults(translated, printed) });
    return translated.notes;
  }

  function draw() {
    const { rules, views, shared, settings, origin, ghosts: found } = compose(original, edits, model.get("settings"));
    ghosts = found;
    const before = model.get("rules");
    if (differInShape(rules, before)) {
      for (const [name, value] of Object.entries({ views, shared, settings, origin })) model.set(name, value);
    }
    model.set("rules", rules);
    model.save_changes();
  }

  function printedOf(target) {
    const k = Number(target.split(" ")[1]) - 1;
    return { k, rule: original.rules[k] };
  }

  function followSettings() {
    const settings = model.get("settings");
    let moved = false;
    const next = settings.map((values, k) => {
      if (!ghosts.has(k)) return values;
      const wanted = followed(original.settings[ghosts.get(k)], settings[ghosts.get(k)]);
      moved ||= JSON.stringify(wanted) !== JSON.stringify(values);
      return wanted;
    });
    if (moved) model.set("settings", next);
  }
  model.on("change:settings", followSettings);

  function openPanels(texts) {
    for (const [target, text] of texts) {
      if (!printedOf(target).rule?.text) continue;
      if (!panels.has(target)) panels.set(target, makePanelFor(target));
      const panel = panels.get(target);
      panel.node.hidden = false;
      if (text === null) panel.field.focus();
      else panel.field.replace(text);
    }
  }

  function makePanelFor(target) {
    const { rule } = printedOf(target);
    const says = htmlNode("p", { class: "descent-editor-says" });
    const spoken = htmlNode("p", { class: "descent-hidden", role: "status" });
    const place = htmlNode("div", { class: "descent-editor-field" });
    let quiet = 0;
    const say = (text, isFault) => {
      setText(says, text);
      says.classList.toggle("descent-editor-fault", isFault);
      clearTimeout(quiet);
      quiet = setTimeout(() => setText(spoken, text), QUIET_MILLISECONDS);
    };
    function changed(text) {
      try {
        const notes = take(target, text);
        draw();
        const sentence = edits.has(target) ? "Drawn with this text; the grey line is the rule as printed." : "This is the rule as printed.";
        say([sentence, ...notes].join(" "), false);
        field.mark(null);
      } catch (error) {
        if (error.name !== "Refusal") throw error;
        say(`${error.message} The path is still that of the last text that was understood.`, true);
        field.mark(error);
      }
    }
    const close = () => {
      node.hidden = true;
      root.querySelector(`[data-target="${target}"]`)?.focus();
    };
    const field = makeCodeField(place, rule.text, `The text of ${rule.label}`, changed, close);
    const button = (text, act) => {
      const made = htmlNode("button", { type: "button", class: "descent-button", ...KEEPS_ITS_KEYS }, text);
      made.addEventListener("click", act);
      return made;
    };
    const node = htmlNode("section", { class: "descent-editor", "aria-label": `Edit ${rule.label}` },
      place, says, spoken,
      htmlNode("div", { class: "descent-editor-bar" },
        button("Undo", () => field.undo()), button("Redo", () => field.redo()),
        button("Reset", () => field.replace(rule.text)),
        button("Copy as a class", () => copyClass(rule, field.text(), say)),
        button("Close", close)));
    root.after(node);
    say("Change a line: the path follows at each key.", false);
    return { node, field };
  }

  return { open: openPanels };
}

function withText(texts, target, text) {
  const { [target]: _, ...others } = texts ?? {};
  return text === null ? others : { ...others, [target]: text };
}

function optionsFor(rule) {
  return { common: rule.tape.inputs.filter((name) => ["l2", "weight_decay"].includes(name)), schedules: rule.schedules ?? {}, values: rule.fixed };
}

function sameProgram(one, other) {
  return JSON.stringify([one.tape, one.hyperparameters]) === JSON.stringify([other.tape, other.hyperparameters]);
}

// The numbers of the first line that differ from the printed ones.
function changedDefaults({ hyperparameters }, printed) {
  const before = new Map(printed.hyperparameters.map(({ name, value }) => [name, value]));
  const changed = hyperparameters.filter(({ name, value }) => typeof value === "number" && before.has(name) && before.get(name) !== value);
  return Object.fromEntries(changed.map(({ name, value }) => [name, value]));
}

// Rules that differ in more than their programs; figure.js has the same measure.
function differInShape(some, others) {
  const shape = (rules) => JSON.stringify(rules.map(({ label, style: look, sliders }) => [label, look, sliders]));
  return shape(some) !== shape(others);
}

async function copyClass(rule, text, say) {
  const lines = text.trimEnd().split("\n").map((line) => (line ? `    ${line}` : ""));
  const whole = ["import numpy as np", "", "from descent import Optimizer", "", "", `class Edited${rule.name}(Optimizer):`, ...lines, ""].join("\n");
  try {
    await navigator.clipboard.writeText(whole);
    say("Copied: paste it into a notebook’s cell.", false);
  } catch {
    say("The browser did not allow copying; select the text and copy it.", true);
  }
}

export default { open };
