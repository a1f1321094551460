// The way to Python in the page: a button on each cell, and nothing else until a reader presses one (cells.js).
(() => {
  "use strict";
  const own = document.currentScript;
  let client = null;
  const open = (cell) => {
    client ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("cells.js?v=" + own.src.split("v=")[1], own.src);
      script.onload = () => resolve(window.pagePython);
      script.onerror = reject;
      document.head.append(script);
    });
    client.then(({ open }) => open(cell, own.src), () => { client = null; });
  };
  const style = document.createElement("style");
  style.textContent = ".page-python-run{padding:.1rem .7rem;margin-top:.3rem;background:none;border:1px solid var(--line);border-radius:4px;color:var(--muted);font-size:.8rem;cursor:pointer}.page-python-run:hover{border-color:var(--accent);color:inherit}@media print{.page-python-run{display:none}}";
  document.head.append(style);
  for (const input of document.querySelectorAll('[id^="cell-"] .cell_input')) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "page-python-run";
    button.textContent = "Run or edit";
    button.onclick = () => open(input.closest('[id^="cell-"]'));
    input.after(button);
  }
})();
