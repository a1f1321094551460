// The way to the editor of rules and losses. A page's first visit has this alone: the editor itself comes when asked for.
import { KEEPS_ITS_KEYS, htmlNode } from "./drawing/elements.js";

// A row of buttons, one for each rule whose text the figure carries. `open(target)` is called with "rule 1", "rule 2", …
export function makeEditBar(rules, open) {
  const buttons = rules.map(({ text, label }, k) => text && editButton(`rule ${k + 1}`, label, open)).filter(Boolean);
  if (buttons.length === 0) return null;
  return htmlNode("div", { class: "descent-edit-bar", role: "group", "aria-label": "Change the program" },
    htmlNode("span", { "aria-hidden": "true" }, "Edit"), ...buttons);
}

function editButton(target, label, open) {
  const button = htmlNode("button", {
    type: "button", class: "descent-button", "data-target": target, "aria-label": `Edit ${label}`, ...KEEPS_ITS_KEYS,
  }, label);
  button.addEventListener("click", () => open(target));
  return button;
}

// The page says where its editor is; in Jupyter the kernel hands it over.
export async function loadEditor(model) {
  if (globalThis.descentEditorAddress) {
    if (!globalThis.descentEditor) await loadScript(globalThis.descentEditorAddress);
    return globalThis.descentEditor;
  }
  globalThis.descentEditor ??= await editorOfKernel(model);
  return globalThis.descentEditor;
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = htmlNode("script", { src: address });
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("The editor could not be loaded.")));
    document.head.append(script);
  });
}

function editorOfKernel(model) {
  return new Promise((resolve) => {
    const take = async (message) => {
      if (message?.kind !== "editor") return;
      model.off("msg:custom", take);
      const address = URL.createObjectURL(new Blob([message.script], { type: "text/javascript" }));
      resolve((await import(address)).default);
      URL.revokeObjectURL(address);
    };
    model.on("msg:custom", take);
    model.send({ kind: "editor" });
  });
}
