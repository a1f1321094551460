// Essentials or everything: closes or opens the second readings of a page (code/site/depths.py).
//
// The choice stands in the address (?depth=essentials), goes along with links inside the book, and is kept for the
// next visit where the browser keeps anything. The page as it comes has everything open.
(() => {
  "use strict";
  const DEPTHS = ["essentials", "everything"];
  const KEY = "depth";
  const valid = (name) => (DEPTHS.includes(name) ? name : null);
  const book = new URL(document.documentElement.dataset.content_root ?? ".", location.href).href;
  const folds = [...document.querySelectorAll("details.descent-second")];

  function remembered() {
    try {
      return valid(localStorage.getItem(KEY));
    } catch {
      return null; // a browser that keeps nothing
    }
  }

  function remember(name) {
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // the address has it
    }
  }

  let depth = valid(new URLSearchParams(location.search).get(KEY)) ?? remembered();

  // ---------------------------------------------------------------- links

  // A link to another page of the book takes the choice along.
  function carry(link) {
    if (!depth || !link.href.startsWith(book) || link.getAttribute("href").startsWith("#")) return;
    const address = new URL(link.href);
    if (!/(\.html|\/)$/.test(address.pathname)) return;
    address.searchParams.set(KEY, depth);
    link.href = address.href;
  }

  const carryAll = () => document.querySelectorAll("a[href]").forEach(carry);

  // What a script adds later, a result of the search, gets it when it is used.
  for (const use of ["click", "auxclick", "contextmenu"]) {
    document.addEventListener(use, ({ target }) => target.closest?.("a[href]") && carry(target.closest("a[href]")), true);
  }

  // ---------------------------------------------------------------- folds

  // Open what a place stands in, or under: the heading of a second reading is above its fold.
  function reveal(element) {
    const inside = [...element.querySelectorAll(":scope > details.descent-second")];
    for (let one = element.closest("details"); one; one = one.parentElement.closest("details")) inside.push(one);
    const closed = inside.filter((one) => !one.open);
    for (const one of closed) one.open = true;
    return closed.length > 0;
  }

  function place() {
    try {
      return document.getElementById(decodeURIComponent(location.hash).slice(1).split("?")[0]);
    } catch {
      return null; // an address that cannot be read names no place
    }
  }

  function revealPlace() {
    const element = place();
    if (element && reveal(element)) element.scrollIntoView();
  }

  // The words that the search looked for: Sphinx leaves them where its own script marks them.
  function searched() {
    let words = new URLSearchParams(location.search).get("highlight");
    try {
      words ??= localStorage.getItem("sphinx_highlight_terms");
    } catch {
      // a browser that keeps nothing
    }
    return (words ?? "").toLowerCase().split(/\s+/).filter((word) => word);
  }

  function revealFound() {
    const words = searched();
    for (const fold of folds) {
      const text = fold.textContent.toLowerCase();
      if (words.some((word) => text.includes(word))) reveal(fold);
    }
  }

  // ---------------------------------------------------------------- the switch

  const buttons = [...document.querySelectorAll(".descent-depths [data-depth]")].map((words) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.depth = words.dataset.depth;
    button.textContent = words.textContent;
    button.addEventListener("click", () => choose(button.dataset.depth));
    words.replaceWith(button);
    return button;
  });

  function show() {
    const chosen = depth ?? "everything";
    for (const fold of folds) fold.open = chosen === "everything";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.depth === chosen));
    carryAll();
  }

  function choose(name) {
    depth = name;
    remember(name);
    const address = new URL(location.href);
    address.searchParams.set(KEY, name);
    history.replaceState(history.state, "", address);
    show();
  }

  show();
  revealFound();
  addEventListener("DOMContentLoaded", revealPlace); // by then the figures have their places
  addEventListener("hashchange", revealPlace);
  document.addEventListener("click", ({ target }) => {
    // A second click on a link to where the address is already changes no hash.
    if (target.closest?.('a[href^="#"]')?.getAttribute("href") === location.hash) revealPlace();
  });

  // ---------------------------------------------------------------- paper

  let closedOnScreen = null;
  const print = (starts) => {
    if (starts && closedOnScreen === null) {
      closedOnScreen = folds.filter((fold) => !fold.open);
      for (const fold of closedOnScreen) fold.open = true;
    } else if (!starts && closedOnScreen !== null) {
      for (const fold of closedOnScreen) fold.open = false;
      closedOnScreen = null;
    }
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  matchMedia("print").addEventListener("change", ({ matches }) => print(matches));
})();
