// Step by step: every number of the step shown, coordinate by coordinate, in a fold below the figure.
import { htmlNode, setText } from "../drawing/elements.js";
import { readableNumber } from "../model/numbers.js";
import { descendInto, makeTrace } from "../model/run.js";

// `change.step(by)` goes to the next step or back.
export function makeInspector({ problem, prepared, rules, preparedRules, change }) {
  const buttons = [["◂ one step back", -1], ["one step on ▸", 1]].map(([text, by]) => {
    const button = htmlNode("button", { type: "button", class: "descent-button" }, text);
    button.addEventListener("click", () => change.step(by));
    return button;
  });
  const heading = htmlNode("p", { class: "descent-inspector-step" });
  const tables = rules.map((rule, k) => makeTable(rule, preparedRules[k], problem.labels));
  const node = htmlNode("details", { class: "descent-inspector" },
    htmlNode("summary", { class: "descent-summary" }, "Step by step: the numbers of one step"),
    htmlNode("div", { class: "descent-inspector-bar" }, ...buttons, heading),
    // On a phone the tables scroll: the keyboard must reach them.
    htmlNode("div", { class: "descent-tables", tabindex: 0, role: "group", "aria-label": "The numbers of one step" },
      ...tables.map((table) => table.node)));
  node.addEventListener("toggle", () => change.look());

  // Only an open fold costs anything: the run up to this step is made again, and all of it is kept.
  function show({ frame, start, settings }) {
    if (!node.open) return;
    setText(heading, frame === 0 ? "Before the first step." : `Step ${frame}.`);
    rules.forEach((rule, k) => {
      const trace = makeTrace(frame, prepared.dimensions, preparedRules[k].quantities);
      descendInto(trace, prepared, preparedRules[k], { ...rule.fixed, ...settings[k] }, start);
      tables[k].show(trace);
    });
  }
  return { node, show };
}

function makeTable(rule, prepared, labels) {
  const names = [BEFORE, ...prepared.quantities, AFTER];
  const cells = names.map(() => labels.map(() => htmlNode("td", { class: "descent-number" })));
  const head = htmlNode("tr", {}, htmlNode("td", {}), ...labels.map((label) => htmlNode("th", { scope: "col" }, label)));
  const node = htmlNode("table", { class: "descent-table" }, htmlNode("caption", {}, rule.label),
    htmlNode("thead", {}, head),
    htmlNode("tbody", {}, ...names.map((name, r) =>
      htmlNode("tr", {}, htmlNode("th", { scope: "row" }, quantityName(name)), ...cells[r]))));

  function show({ positions, quantities, steps, dimensions, divergedAt }) {
    names.forEach((name, r) => cells[r].forEach((cell, c) => {
      const from = Math.max(0, steps - 1);
      const value = name === BEFORE ? positions[from * dimensions + c]
        : name === AFTER ? positions[steps * dimensions + c] : quantities.get(name)[steps * dimensions + c];
      const missing = Number.isNaN(value) || (divergedAt > 0 && name !== BEFORE);
      setText(cell, missing ? "–" : readableNumber(value, 5));
    }));
  }
  return { node, show };
}

const BEFORE = "θ before", AFTER = "θ after";

// As the book writes it: m_hat is m̂.
function quantityName(name) {
  return name.replace(/_hat$/, "\u0302").replace(/^rho/, "ρ").replace("_inf", "∞").replace("_max", " max");
}
