// Sets the colour mode before the page is drawn: a dark page must not flash white. Paper is light.
(() => {
  const root = document.documentElement;
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // a browser that keeps nothing: follow the system
    }
  };
  root.dataset.defaultMode = "auto";
  root.dataset.mode = stored("mode") || "auto";
  root.dataset.theme =
    stored("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  let onScreen = null;
  const print = (starts) => {
    if (starts && onScreen === null) {
      onScreen = root.dataset.theme;
      root.dataset.theme = "light";
    } else if (!starts && onScreen !== null) {
      root.dataset.theme = onScreen;
      onScreen = null;
    }
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  matchMedia("print").addEventListener("change", ({ matches }) => print(matches));
})();
