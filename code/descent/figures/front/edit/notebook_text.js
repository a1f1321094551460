// The text as a class, ready for a notebook's cell.

function indented(text) {
  return text.trimEnd().split("\n").map((line) => (line ? `    ${line}` : ""));
}

// `decays` are the rule's l2 and weight_decay where it has them: its text does not name them, and they act all the same.
export function ruleAsClass(name, text, decays) {
  const own = Object.entries(decays).map(([decay, value]) => `"${decay}": ${value}`).join(", ");
  return [
    "import numpy as np", "", "from descent import Optimizer", "", "", `class Edited${name}(Optimizer):`,
    ...(own ? [`    changed_defaults = {${own}}`, ""] : []), ...indented(text), "",
  ].join("\n");
}

// An expression becomes the method; the numbers and methods that a printed loss reads of itself go along.
export function lossAsClass(text, { labels, view, attributes, methods }, start) {
  const isMethod = /^\s*def /m.test(text);
  const comments = text.split("\n").filter((line) => line.startsWith("#"));
  const lines = text.split("\n").filter((line) => !line.startsWith("#")).join("\n").trim();
  const method = isMethod ? lines : `def loss(self, theta):\n    ${labels.join(", ")}${labels.length === 1 ? "," : ""} = theta\n    return (${lines})`;
  const given = isMethod ? Object.entries(attributes).map(([name, value]) => `    ${name} = ${Array.isArray(value) ? `np.array(${asPython(value)})` : value}`) : [];
  const more = isMethod ? Object.entries(methods).flatMap(([name, body]) => ["", ...(hasArguments(body) ? [] : ["    @property"]), ...indented(body)]) : [];
  return [
    "import numpy as np", "", "from descent import Problem", "", "", "class EditedLoss(Problem):", ...comments.map((line) => `    ${line}`),
    `    start = np.array([${start.join(", ")}])`, `    view = ${asPython(view)}`, `    labels = (${labels.map((label) => `"${label}", `).join("").trimEnd()})`,
    ...given, "", ...indented(method), ...more, "",
  ].join("\n");
}

function hasArguments(body) {
  return !/^def \w+\(self\)/.test(body);
}

function asPython(value) {
  return Array.isArray(value) ? `(${value.map(asPython).join(", ")}${value.length === 1 ? "," : ""})` : String(value);
}
