// What each figure of a notebook carries as its script: it opens the front end, which the notebook holds once for all.
async function render({ model, el, signal }) {
  const front = await model.widget_manager.get_model(model.get("front").replace("IPY_MODEL_", ""));
  const address = URL.createObjectURL(new Blob([front.get("script")], { type: "text/javascript" }));
  const { default: figure } = await import(address);
  URL.revokeObjectURL(address);
  const style = document.createElement("style");
  style.textContent = front.get("style");
  el.append(style);
  return figure.render({ model, el, signal });
}

export default { render };
