// On a phone a picture of several panels keeps a size at which its words can be read, and scrolls by itself, as wide
// formulas and lines of code do (book.css). What scrolls must be reached by the keyboard, too.
(() => {
  "use strict";
  const WIDE = 1.9; // times as wide as high
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const box of document.querySelectorAll("div.math, .highlight pre")) watch.observe(box); // in a fold, when it opens
  for (const picture of document.querySelectorAll(".cell_output figure.align-default > img, .descent-stage > img")) {
    const mark = () => picture.classList.toggle("descent-wide", picture.naturalWidth > WIDE * picture.naturalHeight);
    picture.addEventListener("load", mark);
    mark();
    watch.observe(picture.parentElement); // its size changes when the picture has come, or a figure is drawn
  }
})();
