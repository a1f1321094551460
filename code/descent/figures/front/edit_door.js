// The way to the editor of rules and losses. A page's first visit has this alone: the editor itself comes when asked for.
import { KEEPS_ITS_KEYS, htmlNode } from "./drawing/elements.js";

// A row of buttons: for each rule and for the loss whose text the figure carries, and one for a rule of the reader's own.
// `open(target)` is called with "rule 1", "surface 1" or "add 1".
export function makeEditBar(rules, problem, open) {
  const targets = rules.map(({ text, label, target }, k) => text && [target ?? `rule ${k + 1}`, label]).filter(Boolean);
  if (targets.length === 0) return null;
  let free = 1;
  while (targets.some(([target]) => target === `add ${free}`)) free += 1;
  const buttons = [
    ...targets.map(([target, label]) => editButton(target, label, `Edit ${label}`, open)),
    ...(problem.text ? [editButton("surface 1", "the loss", "Edit the loss", open)] : []),
    editButton(`add ${free}`, "add a rule", "Add a rule of your own", open),
  ];
  return htmlNode("div", { class: "descent-edit-bar", role: "group", "aria-label": "Change the program" },
    htmlNode("span", { "aria-hidden": "true" }, "Edit"), ...buttons);
}

function editButton(target, words, label, open) {
  const button = htmlNode("button", { type: "button", class: "descent-button", "data-target": target, "aria-label": label, ...KEEPS_ITS_KEYS }, words);
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
