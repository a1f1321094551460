// The door to Jupyter and to the static page: anywidget calls render with a model and an element.
import { makeFigure } from "./figure.js";
import { makeLiveFigure } from "./kernel_figure.js";
import { htmlNode } from "./drawing/elements.js";

export function render({ model, el }) {
  const root = htmlNode("div", { class: "descent-explore" });
  let dispose = () => {};

  // A figure that cannot be drawn says why in its own place and disturbs nothing else on the page.
  function fail(error) {
    dispose();
    dispose = () => {};
    const message = `This figure cannot be drawn. ${error.message}`;
    root.replaceChildren(htmlNode("p", { class: "descent-error", role: "alert" }, message));
  }

  function build() {
    dispose();
    dispose = () => {};
    try {
      dispose = model.get("live_only") ? makeLiveFigure(model, root) : makeFigure(model, root, fail);
    } catch (error) {
      fail(error);
    }
  }

  // These two decide which elements there are; all else the figure follows as it stands.
  const rebuildingTraits = ["problem", "rules"];
  el.append(root);
  build();
  for (const name of rebuildingTraits) model.on(`change:${name}`, build);
  return () => {
    for (const name of rebuildingTraits) model.off(`change:${name}`, build);
    dispose();
    root.remove();
  };
}

export default { render };
