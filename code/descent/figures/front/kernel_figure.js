// A figure whose rule or surface the page cannot replay: Python draws the picture anew after each move, while it runs.
import { makeControlGroups } from "./controls/sliders.js";
import { KEEPS_ITS_KEYS, htmlNode, uniqueId } from "./drawing/elements.js";

const SENTENCE = "Python draws this figure: it moves while a kernel runs, and not on a published page.";

export function makeKernelFigure(model, root) {
  const [rules, problem, shared, origin] = ["rules", "problem", "shared", "origin"].map((name) => model.get(name));
  const settingsNow = () => rules.map((_, k) => ({ ...origin.settings[k], ...model.get("settings")[k] }));
  const change = {
    settings(changes) {
      const settings = settingsNow();
      for (const [k, name, value] of changes) settings[k][name] = value;
      put({ settings });
    },
    parameter: (name, value) => put({ parameters: { ...model.get("parameters"), [name]: value } }),
  };
  const controls = makeControlGroups({ problem, rules, shared, change });
  const title = htmlNode("p", { class: "descent-title", id: uniqueId("title") }, model.get("title"));
  const picture = htmlNode("img", { class: "descent-picture" });
  const reset = htmlNode("button", { type: "button", class: "descent-button descent-reset", ...KEEPS_ITS_KEYS }, "Reset");
  reset.addEventListener("click", () => put({ settings: origin.settings, parameters: origin.parameters }));
  const page = htmlNode("div", { class: "descent-page", role: "group", "aria-labelledby": title.id }, title, picture,
    htmlNode("div", { class: "descent-transport" }, reset),
    htmlNode("div", { class: "descent-rules", "data-count": controls.length }, ...controls.map(({ node }) => node)),
    htmlNode("p", { class: "descent-says" }, SENTENCE));

  function put(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
    show();
  }

  function show() {
    const state = { settings: settingsNow(), parameters: model.get("parameters") };
    for (const control of controls) control.show(state);
    picture.src = `data:image/png;base64,${model.get("picture")}`;
    picture.alt = model.get("alt");
  }

  root.replaceChildren(page);
  show();
  for (const control of controls) control.resize();
  const followed = ["settings", "parameters", "picture", "alt"];
  for (const name of followed) model.on(`change:${name}`, show);
  function dispose() {
    for (const name of followed) model.off(`change:${name}`, show);
    root.replaceChildren();
  }
  return { dispose };
}
