// Before the page is drawn: its colours, whether scripts run, and its first faces. A dark page must not flash white. Paper
// is light.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      const mode = localStorage.getItem("mode");
      return mode === "light" || mode === "dark" ? mode : null;
    } catch {
      return null; // a browser that keeps nothing: follow the system
    }
  };
  let chosen = stored();
  let printing = false;
  const show = () => {
    root.dataset.theme = printing ? "light" : (chosen ?? (system.matches ? "dark" : "light"));
  };
  show();
  system.addEventListener("change", show);
  const print = (starts) => {
    printing = starts;
    show();
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  matchMedia("print").addEventListener("change", ({ matches }) => print(matches));

  // The button that book.js shows.
  window.bookMode = () => {
    chosen = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("mode", chosen);
    } catch {
      // shown all the same, and forgotten
    }
    show();
  };

  // Faces of the text are taken only where they are there as the page is drawn (book.css), so they are asked for now. A page
  // from a folder may not ask: there they may come a moment later.
  const { src, dataset } = document.currentScript;
  const inFolder = location.protocol === "file:";
  root.classList.toggle("in-folder", inFolder);
  for (const face of inFolder ? [] : (dataset.faces ?? "").split(" ").filter(Boolean)) {
    const href = new URL(face, src).href;
    document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href }));
  }

  // Where scripts draw a figure its still is not loaded. If one of them does not arrive, the stills come back.
  root.classList.add("scripts");
  addEventListener("error", ({ target }) => target?.localName === "script" && root.classList.remove("scripts"), true);
})();
