// What a page can do beside being read. Each part stands alone: without it, or in a browser that keeps nothing, the
// page is as good to read.
(() => {
  "use strict";
  const $ = (selector, inside = document) => [...inside.querySelectorAll(selector)];

  // ---------------------------------------------------------------- light and dark

  const mode = document.querySelector(".book-mode");
  if (mode && window.bookMode) {
    const name = () => {
      mode.textContent = document.documentElement.dataset.theme === "dark" ? "Light" : "Dark";
    };
    mode.hidden = false;
    mode.addEventListener("click", window.bookMode);
    new MutationObserver(name).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    name();
  }

  // ---------------------------------------------------------------- the search's keys

  const search = document.querySelector(".book-search input");
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const wanted = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing);
    if (!wanted || !search || event.defaultPrevented) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // ---------------------------------------------------------------- folds

  // A link to a fold, or into one, opens it. (A browser's own search in the page opens it by itself.)
  function place() {
    try {
      return document.getElementById(decodeURIComponent(location.hash).slice(1).split("?")[0]);
    } catch {
      return null; // an address that cannot be read names no place
    }
  }
  function reveal() {
    const element = place();
    if (!element) return;
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    goTo(element);
  }

  // What comes near is laid out, and is not as high as was guessed: go on until the place stays where it is, or the
  // reader takes over. Figures have places, too; the loader goes to those.
  let going = null;
  const stop = () => {
    going = null;
  };
  for (const own of ["wheel", "touchstart", "keydown", "pointerdown"]) addEventListener(own, stop, { passive: true });
  function goTo(element) {
    going = element;
    let before = NaN;
    let still = 0;
    let frames = 0;
    const step = () => {
      if (going !== element || frames++ > 120 || still > 10) return;
      const top = element.getBoundingClientRect().top + scrollY;
      still = top === before ? still + 1 : 0;
      if (top !== before) element.scrollIntoView();
      before = top;
      requestAnimationFrame(step);
    };
    step();
  }
  reveal();
  addEventListener("hashchange", reveal);
  document.addEventListener("click", ({ target }) => {
    // A second click on a link to where the address is already changes no hash.
    if (target.closest?.('a[href^="#"]')?.getAttribute("href") === location.hash) reveal();
  });

  let closed = null;
  const print = (starts) => {
    if (starts && !closed) {
      closed = $("details:not([open])", document.querySelector("article"));
      for (const fold of closed) fold.open = true;
    } else if (!starts && closed) {
      for (const fold of closed) fold.open = false;
      closed = null;
    }
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  matchMedia("print").addEventListener("change", ({ matches }) => print(matches));

  // ---------------------------------------------------------------- copy

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // No clipboard: a page that is not from a secure origin, or one that was refused. The old way, if there is one.
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      const done = document.execCommand?.("copy") === true;
      area.remove();
      return done;
    }
  }
  // A console's prompt is not part of the command, nor is what it answers.
  function code(box) {
    const lines = $(".gp", box).length;
    const copy = box.querySelector("pre").cloneNode(true);
    for (const part of copy.querySelectorAll(".gp, .go, .linenos")) part.remove();
    return lines ? copy.textContent.replace(/\n{2,}/g, "\n") : copy.textContent;
  }
  for (const box of $("article > section .highlight:not(.cell_output *), .book-cite .highlight")) {
    if (box.querySelector(".book-copy")) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "book-copy" });
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      button.textContent = (await copied(code(box))) ? "Copied" : "Select it, then Ctrl+C";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    box.append(button);
  }

  // ---------------------------------------------------------------- what is too wide

  // On a phone a picture of several panels keeps a size at which its words can be read, and scrolls by itself, as wide
  // formulas, tables and lines of code do. What scrolls must be reached by the keyboard, too.
  const WIDE = 1.9; // times as wide as high
  const BOXES = "div.math, pre, .book-scroll, .book-wide";
  function check(box) {
    if (!box.clientWidth) return; // not laid out: nothing is known of it
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
  // What is far away is asked when it comes near: asked now, it would be laid out now, and with it all of a long page.
  const isLaidOut = (box) => box.checkVisibility?.({ contentVisibilityAuto: true }) ?? true;
  const isNear = (box) => isLaidOut(box) && box.getBoundingClientRect().top < 2 * innerHeight;
  // Firefox reports an error where the answer to a new size makes another: the answer waits for the next frame.
  const watch = new ResizeObserver((entries) => requestAnimationFrame(() => {
    for (const { target } of entries) if (!target.matches(BOXES) || isLaidOut(target)) check(target);
  }));
  for (const box of $(BOXES)) watch.observe(box); // in a fold, when it opens
  document.fonts.ready.then(() => $(BOXES).filter(isNear).forEach(check)); // a face makes lines longer, not boxes
  // What was far away gets its content, and often keeps the size that was guessed.
  document.addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => {
    if (!skipped) [target, ...target.querySelectorAll(BOXES)].filter((box) => box.matches(BOXES)).forEach(check);
  });
  for (const picture of $(".cell_output figure.align-default > img, .descent-stage > img")) {
    picture.classList.toggle("descent-wide", picture.getAttribute("width") > WIDE * picture.getAttribute("height"));
    watch.observe(picture.parentElement); // its size changes when the picture has come, or a figure is drawn
  }
})();
