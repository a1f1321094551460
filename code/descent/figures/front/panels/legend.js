// The legend: how each rule looks and where it stands. Its names are buttons that choose a rule: it is drawn above the
// others, the anatomy of the step is its own, and on a narrow screen its sliders are the ones that show.
import { htmlNode, KEEPS_ITS_KEYS, makeSlot, setText } from "../drawing/elements.js";
import { minimumSwatch, startSwatch, swatchNode } from "../drawing/symbols.js";
import { describeState } from "../model/words.js";

// `groups` are the groups of sliders (controls/sliders.js), `choose(group's number, rule's number)` is called with -1 for
// what there is none of.
export function makeLegend({ rules, problem, specs, showsLoss, groups, choose, toggleAnatomy }) {
  const kinds = new Set(specs.map(({ kind }) => kind));
  const values = rules.map(() => makeSlot());
  const buttons = [];
  const item = (attributes, ...parts) => htmlNode("li", attributes, ...parts);
  const button = (group, rule, ...parts) => {
    const made = htmlNode("button", { type: "button", class: "descent-tab", "aria-pressed": "false", ...KEEPS_ITS_KEYS }, ...parts);
    made.addEventListener("click", () => choose(group, rule));
    buttons.push({ made, group, rule });
    return made;
  };
  const node = htmlNode("ul", { class: "descent-legend" });
  groups.forEach(({ rule, label }, k) => {
    if (rule < 0) node.append(item({ class: "descent-legend-item descent-tab-of-sliders" }, button(k, -1, label)));
  });
  rules.forEach((rule, k) => {
    const group = groups.findIndex((candidate) => candidate.rule === k);
    const name = [swatchNode(rule.style), htmlNode("span", {}, rule.label)];
    node.append(item({ class: "descent-legend-item" },
      rules.length > 1 || groups.length > 1 ? button(group, k, ...name) : htmlNode("span", { class: "descent-tab" }, ...name),
      htmlNode("span", { class: "descent-legend-value" }, values[k])));
  });
  if (kinds.has("map") || kinds.has("graph")) {
    const hint = htmlNode("span", { class: "descent-hint" }, ": drag it, or click");
    node.append(item({ class: "descent-legend-item descent-legend-mark" }, startSwatch(), htmlNode("span", {}, "start", hint)));
  }
  if (kinds.has("map") && problem.minimum) {
    node.append(item({ class: "descent-legend-item descent-legend-mark" }, minimumSwatch(), htmlNode("span", {}, "minimum")));
  }

  const ofStep = htmlNode("button", { type: "button", class: "descent-tab", "aria-pressed": "false", ...KEEPS_ITS_KEYS }, "anatomy of the step");
  ofStep.addEventListener("click", () => toggleAnatomy());
  if (kinds.has("map") && toggleAnatomy) node.append(item({ class: "descent-legend-item" }, ofStep));
  const showAnatomy = (shown) => ofStep.setAttribute("aria-pressed", String(shown));

  function show(traces, frame) {
    traces.forEach((trace, k) => setText(values[k], describeState(trace, frame, problem, showsLoss)));
  }
  function showChosen(group, rule) {
    for (const one of buttons) one.made.setAttribute("aria-pressed", String(rule >= 0 ? one.rule === rule : one.group === group));
  }
  return { node, show, showChosen, showAnatomy };
}
