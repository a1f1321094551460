// The door to Jupyter and to the static page: anywidget calls render with a model and an element.
import { makeFigure } from "./figure.js";
import { makeKernelFigure } from "./kernel_figure.js";
import { readState } from "./model/protocol.js";
import { htmlNode } from "./drawing/elements.js";

export function render({ model, el }) {
  const root = htmlNode("div", { class: "descent-explore" });
  let figure = null;

  // A figure that cannot be drawn says why in its own place and disturbs nothing else on the page.
  function fail(error) {
    clear();
    const message = `This figure cannot be drawn. ${error.message}`;
    root.replaceChildren(htmlNode("p", { class: "descent-error", role: "alert" }, message));
  }

  function clear() {
    figure?.dispose();
    figure = null;
  }

  function build() {
    clear();
    try {
      const { needs_kernel: needsKernel } = readState(model);
      figure = needsKernel ? makeKernelFigure(model, root) : makeFigure(model, root, fail);
    } catch (error) {
      fail(error);
    }
  }

  // While a reader edits a rule, it is the same figure with another program.
  function buildUnlessFollowed() {
    if (!figure?.takeRules?.(model.get("rules"))) build();
  }

  // These two decide which elements there are; all else the figure follows as it stands.
  const rebuilding = { problem: build, rules: buildUnlessFollowed };
  el.append(root);
  build();
  for (const [name, listener] of Object.entries(rebuilding)) model.on(`change:${name}`, listener);
  return () => {
    for (const [name, listener] of Object.entries(rebuilding)) model.off(`change:${name}`, listener);
    clear();
    root.remove();
  };
}

export default { render };
