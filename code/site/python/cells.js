// Runs a page's cells in the page: each can be edited and run, alone or with all above it; what it shows stands under it.
//
// Python itself is in a worker (worker.js, which says what is asked and answered). Whatever answers in that way can take
// its place: runtime.json names the worker and what it fetches.
window.pagePython = (() => {
  "use strict";
  const FIGURE = "application/vnd.descent.figure+json";
  const CONTROLS = "application/vnd.descent.controls+json";
  const STORE = "page-python";
  const KEEP_LINES = 2000; // of what a cell prints

  function node(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  }
  const button = (words, onclick, more = {}) => node("button", { type: "button", onclick, ...more }, words);
  const megabytes = (bytes) => `${Math.max(Math.round(bytes / 1e5) / 10, 0.1)} MB`;

  // ---------------------------------------------------------------- what the page has of itself

  let base = null; // the folder of this script
  let info = null; // runtime.json
  let entries = null; // the chapter's code cells
  let loading = null;

  const at = (name) => new URL(info?.versions?.[name] ? `${name}?v=${info.versions[name]}` : name, base);

  async function json(name) {
    const response = await fetch(new URL(name, base), { cache: "no-cache" });
    if (!response.ok) throw new Error(`The site does not have ${name}.`);
    return response.json();
  }

  function script(address, data = {}) {
    return new Promise((resolve, reject) => {
      const element = node("script", { ...data, src: address });
      element.addEventListener("load", resolve);
      element.addEventListener("error", () => reject(new Error(`The site does not have ${address}.`)));
      document.head.append(element);
    });
  }

  const statics = (name) => new URL(`../_static/${name}`, base);

  async function loadAll() {
    const chapter = location.pathname.split("/").at(-1).replace(/\.html$/, "");
    [info, entries] = await Promise.all([json("runtime.json"), json(`${chapter}.json`)]);
    const sheet = node("link", { rel: "stylesheet", href: at("cells.css") });
    const dressed = new Promise((resolve) => sheet.addEventListener("load", resolve, { once: true }));
    document.head.append(sheet);
    if (!window.descentEditor) await script(statics(info.figures["data-editor"]));
    await dressed;
  }

  const FROM_DISK = "Python runs on this page only when it comes from a web server: make serve gives one.";

  // Why this browser cannot run Python here; null if it can. The smallest module that throws tells of exceptions.
  function lack() {
    const throws = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 6, 64, 25, 11, 11]);
    const able = "Worker" in window && "DecompressionStream" in window && "WebAssembly" in window && (info?.plain || WebAssembly.validate(throws));
    return able ? null : "This browser is too old to run Python here: a Chrome, Edge, Firefox or Safari of the last years can.";
  }

  // ---------------------------------------------------------------- the runtime

  // What the page asks of Python: start, ask, end. One request at a time; the others wait.
  const runtime = {
    worker: null,
    begun: null,
    waiting: [],
    current: null,

    parts() {
      return Object.entries(info.parts).map(([role, part]) => ({ role, ...part, address: new URL(part.file, base).href }));
    },

    // How much would be fetched, and whether the browser has it already.
    async size() {
      const needed = this.parts().filter(({ later }) => !later);
      const store = "caches" in window ? await caches.open(STORE).catch(() => null) : null;
      const kept = await Promise.all(needed.map(({ address }) => store?.match(address)));
      const missing = needed.filter((_, k) => !kept[k]);
      return missing.reduce((sum, { packed }) => sum + packed, 0);
    },

    start() {
      this.begun ??= new Promise((resolve, reject) => {
        const worker = this.worker = new Worker(at(info.worker), { type: "module" });
        const fail = (message) => {
          this.end();
          reject(new Error(message));
        };
        worker.addEventListener("error", (event) => {
          event.preventDefault();
          fail(event.message || "The worker could not be loaded.");
        });
        worker.addEventListener("message", ({ data }) => {
          if (this.worker !== worker) return;
          if (data.progress) bar.progress(data.progress);
          else if (data.begun) resolve(data.begun);
          else if (data.fault) this.current ? this.finish({ fault: data.fault }) : fail(data.fault);
          else if ("done" in data) this.finish(data);
          else this.current?.take(data);
        });
        forget(this.parts());
        worker.postMessage({ start: { parts: this.parts(), cache: "caches" in window ? STORE : null } });
      });
      return this.begun;
    },

    // Resolves to { done: true or false } when the request is answered, { fault } when Python is over.
    ask(request, take) {
      return new Promise((resolve) => {
        this.waiting.push({ request, take, resolve });
        this.next();
      });
    },

    next() {
      if (this.current || !this.worker || this.waiting.length === 0) return;
      this.current = this.waiting.shift();
      this.worker.postMessage(this.current.request);
    },

    finish(answer) {
      const { resolve } = this.current;
      this.current = null;
      if (answer.fault) this.end();
      resolve(answer);
      this.next();
    },

    // All that Python knew is gone; what it was asked is answered with that.
    end() {
      this.worker?.terminate();
      this.worker = this.begun = null;
      const asked = [this.current, ...this.waiting].filter(Boolean);
      this.current = null;
      this.waiting = [];
      for (const { resolve } of asked) resolve({ ended: true });
    },
  };

  // Of an earlier edition of the site the browser need keep nothing.
  async function forget(parts) {
    try {
      const store = await caches.open(STORE);
      const named = new Set(parts.map(({ address }) => address));
      const folder = new URL(".", base).href;
      for (const { url } of await store.keys()) if (url.startsWith(folder) && !named.has(url)) await store.delete(url);
    } catch {
      // Nothing is kept: then nothing is to be forgotten.
    }
  }

  // ---------------------------------------------------------------- the bar at the foot of the window

  const bar = {
    element: null,
    show() {
      if (this.element) return;
      this.words = node("span", { class: "page-python-words", role: "status" });
      this.meter = node("progress", { max: "1", value: "0", "aria-label": "Fetched" });
      this.all = button("Run all", () => runUpTo(cells.length - 1));
      this.stop = button("Stop", stop, { disabled: true });
      this.restart = button("Restart", restart);
      this.element = node("div", { class: "page-python-bar", role: "region", "aria-label": "Python on this page" },
        this.words, this.meter, this.all, this.stop, this.restart);
      document.querySelector("footer").before(this.element);
      this.idle();
    },
    say(words) {
      if (this.words.textContent !== words) this.words.textContent = words;
    },
    // A screen reader hears of each quarter.
    progress({ got, all, words }) {
      this.meter.hidden = Boolean(words);
      this.meter.value = got / all;
      this.say(words ?? `Fetching Python: ${Math.floor((4 * got) / all) * 25} % of ${megabytes(all)}`);
    },
    busy(words) {
      this.say(words);
      this.stop.disabled = false;
      this.all.disabled = this.restart.disabled = true;
    },
    idle() {
      this.stop.disabled = true;
      this.meter.hidden = true;
      this.all.disabled = false;
      this.restart.disabled = !runtime.worker;
    },
  };

  // ---------------------------------------------------------------- cells

  const cells = []; // of the whole chapter, in order: those that the page does not show, too
  let running = null; // what runs: an object that knows whether it was stopped

  function makeCells() {
    entries.forEach((entry, k) => {
      const element = document.getElementById(`cell-${entry.index}`);
      cells.push({
        ...entry, number: k + 1, element, text: entry.source, ran: null, tool: null,
        input: element?.querySelector(":scope > .cell_input, :scope > details > .cell_input") ?? null,
        stored: element?.querySelector(".cell_output") ?? null, output: null,
      });
    });
  }

  function openCell(cell) {
    if (cell.tool) return cell.tool.focus();
    const place = node("div", { class: "page-python-editor" });
    const state = node("p", { class: "page-python-state" });
    const tools = node("div", { class: "page-python-tools", role: "group", "aria-label": `Cell ${cell.number}` },
      button("Run", () => runOne(cell), { class: "page-python-first", "aria-keyshortcuts": "Control+Enter" }),
      button("Run up to here", () => runUpTo(cell.number - 1), { "aria-keyshortcuts": "Shift+Enter" }),
      button("As printed", () => reset(cell)));
    const box = node("div", { class: "page-python" }, tools, state);
    cell.input.hidden = true;
    cell.element.querySelector(".page-python-run")?.remove();
    cell.input.after(place, box);
    const field = makeField(place, cell, tools);
    cell.tool = {
      focus: () => field.focus(),
      say: (...words) => state.replaceChildren(...words),
      box, field,
    };
    field.focus();
  }

  function makeField(place, cell, tools) {
    const { codemirror: cm, python, colours, indents } = window.descentEditor.parts;
    const view = new cm.EditorView({
      parent: place,
      doc: cell.text,
      extensions: [
        cm.history(), cm.bracketMatching(), python, cm.syntaxHighlighting(colours), cm.indentUnit.of("    "), indents,
        cm.keymap.of([
          { key: "Mod-Enter", run: () => { runOne(cell); return true; } },
          { key: "Shift-Enter", run: () => { runUpTo(cell.number - 1); return true; } },
          { key: "Escape", run: () => { tools.firstChild.focus(); return true; } },
          ...cm.defaultKeymap, ...cm.historyKeymap,
        ]),
        cm.EditorView.contentAttributes.of({ "aria-label": `Code of cell ${cell.number}; Escape leaves it`, spellcheck: "false", autocapitalize: "off" }),
        cm.EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) cell.text = state.doc.toString();
        }),
      ],
    });
    return {
      focus: () => view.focus(),
      replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    };
  }

  function reset(cell) {
    cell.tool.field.replace(cell.source);
    cell.output?.remove();
    cell.output = null;
    if (cell.stored) cell.stored.hidden = false;
    cell.tool.say("As printed.");
  }

  // ---------------------------------------------------------------- running

  const runOne = (cell) => runThese([cell]);

  // The cells above that Python has not run as they now stand, and this one.
  const runUpTo = (last) => runThese(cells.slice(0, last + 1).filter((cell, k) => k === last || cell.ran !== cell.text));

  async function runThese(some) {
    if (running) return;
    const job = running = { stopped: false };
    const asked = some.at(-1);
    try {
      if (!(await ready(asked))) return;
      for (const [k, cell] of some.entries()) {
        bar.busy(`Cell ${cell.number} of ${cells.length} runs${some.length > 1 ? `, ${k + 1} of ${some.length}` : ""}`);
        const began = performance.now();
        const answer = await runCell(cell);
        const seconds = (performance.now() - began) / 1000;
        if (answer.ended || answer.fault) return over(cell, answer);
        const time = `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
        cell.tool?.say(answer.done ? `Ran in ${time}.` : "An error; see below.");
        bar.say(answer.done ? `Cell ${cell.number} ran in ${time}.` : `Cell ${cell.number} ended with an error.`);
        if (!answer.done) {
          if (cell !== asked || !cell.output) cell.element?.scrollIntoView({ block: "nearest" });
          hint(cell);
          return;
        }
      }
    } catch (error) {
      bar.say(error.message);
      asked.tool?.say(error.message);
    } finally {
      if (running === job) running = null;
      bar.element && bar.idle();
    }
  }

  function over(cell, { fault }) {
    for (const one of cells) one.ran = null;
    const words = fault
      ? `Python ended: ${fault} What it knew is gone; the next run starts it anew.`
      : "Stopped. What Python knew is gone: the next run starts it anew, and “Run up to here” makes it again.";
    bar.say(words);
    cell.tool?.say(words);
  }

  // An error that comes of cells that did not run.
  function hint(cell) {
    const before = cells.slice(0, cell.number - 1).some((one) => one.ran === null);
    if (!before || !cell.tool || cell.error !== "NameError") return;
    cell.tool.say("The name comes from a cell above that has not run. ", button("Run up to here", () => runUpTo(cell.number - 1)));
  }

  async function runCell(cell) {
    const show = outputOf(cell);
    cell.error = null;
    cell.outputs = [];
    const text = cell.text;
    const answer = await runtime.ask({ ask: "run", name: `cell ${cell.number}`, source: text }, ({ output }) => {
      if (output?.output_type === "error") cell.error = output.ename;
      if (!output) return;
      cell.outputs.push(output);
      show(output);
    });
    if (answer.done) cell.ran = text;
    return answer;
  }

  // Python is there, or the reader is asked whether to fetch it; false if not now.
  async function ready(cell) {
    const reason = lack();
    if (reason) throw new Error(reason);
    if (!runtime.worker) {
      const size = await runtime.size();
      if (size > 0 && !(await allowed(cell, size))) return false;
      bar.show();
      bar.busy("Starting Python");
    }
    const version = await runtime.start();
    bar.say(`Python ${version} is here.`);
    bar.meter.hidden = true;
    return true;
  }

  let consent = false;
  function allowed(cell, size) {
    if (consent || !cell.tool) return true;
    return new Promise((resolve) => {
      const answer = (yes) => {
        consent = yes;
        cell.tool.say(yes ? "" : "Not fetched.");
        cell.tool.focus();
        resolve(yes);
      };
      const first = button(`Fetch ${megabytes(size)} and run`, () => answer(true), { class: "page-python-first" });
      cell.tool.say(
        `${info.name} runs here, in your browser: ${megabytes(size)} to fetch, once; your browser keeps them. `, first, " ",
        button("Not now", () => answer(false)));
      first.focus();
    });
  }

  function stop() {
    if (runtime.worker) runtime.end();
  }

  function restart() {
    runtime.end();
    for (const cell of cells) cell.ran = null;
    running = null;
    bar.say("Python starts anew; it knows nothing yet.");
    runtime.start().then((version) => bar.say(`Python ${version} is here, and knows nothing yet.`), (error) => bar.say(error.message)).then(() => bar.idle());
  }

  // ---------------------------------------------------------------- what cells show

  // A place for what a run shows, in the stead of what is printed; returns what takes each output.
  function outputOf(cell) {
    const place = node("div", { class: "cell_output page-python-output", role: "region", "aria-label": `What cell ${cell.number} shows` });
    if (!cell.element) return () => {};
    let isThere = false;
    const put = () => {
      if (isThere) return;
      isThere = true;
      cell.output?.remove();
      cell.output = place;
      if (cell.stored) cell.stored.hidden = true;
      cell.element.append(place);
    };
    // What stood there goes when the first output comes, or at once if it was from an earlier run.
    if (cell.output) put();
    return (output) => {
      put();
      showOutput(place, output, cell);
    };
  }

  function showOutput(place, output, cell) {
    if (output.output_type === "stream") return showStream(place, output);
    if (output.output_type === "error") return place.append(node("pre", { class: "page-python-error", tabindex: "0" }, output.traceback.join("\n")));
    const { data } = output;
    const changed = cell.text !== cell.source;
    if (data[FIGURE]) return showFigure(place, data[FIGURE]);
    if (data[CONTROLS]) return showControls(place, data[CONTROLS], cell);
    for (const kind of ["image/png", "image/jpeg"]) {
      if (!data[kind]) continue;
      const alt = cell.alt ? `${changed ? "Drawn by changed code. As printed: " : ""}${cell.alt}` : `A picture that cell ${cell.number} draws.`;
      return place.append(node("img", { src: `data:${kind};base64,${data[kind].replace(/\s/g, "")}`, alt }));
    }
    if (data["image/svg+xml"]) return place.append(node("img", { src: URL.createObjectURL(new Blob([data["image/svg+xml"]], { type: "image/svg+xml" })), alt: `A picture that cell ${cell.number} draws.` }));
    if (data["text/html"]) return place.append(cleaned(data["text/html"]));
    if (data["text/markdown"]) return place.append(asPrinted(cell, data["text/markdown"]) ?? markdown(data["text/markdown"]));
    place.append(node("pre", {}, data["text/plain"] ?? ""));
  }

  function showStream(place, { name, text }) {
    let last = place.lastElementChild;
    if (last?.dataset.stream !== name) {
      last = node("pre", { "data-stream": name, class: name === "stderr" ? "page-python-stderr" : null, tabindex: "0" });
      place.append(last);
    }
    // A line that goes back to its beginning is written over.
    const whole = last.textContent + text;
    const lines = (whole.includes("\r") ? whole.replace(/[^\n]*\r(?!\n)/g, "") : whole).split("\n");
    last.textContent = lines.length > KEEP_LINES ? [`(${lines.length - KEEP_LINES} lines more)`, ...lines.slice(-KEEP_LINES)].join("\n") : lines.join("\n");
  }

  // HTML that Python made: no scripts (the page's policy would not let them run), no styles for the whole page.
  function cleaned(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html").body;
    for (const one of parsed.querySelectorAll("script, style, link, meta, iframe, object, embed")) one.remove();
    for (const one of parsed.querySelectorAll("*")) {
      for (const { name } of [...one.attributes]) if (name.startsWith("on")) one.removeAttribute(name);
    }
    return node("div", { class: "book-scroll" }, ...parsed.childNodes);
  }

  // The page has the same text set already, formulas and colours and all.
  function asPrinted(cell, text) {
    const place = cell.shown.indexOf(text);
    const parts = cell.stored ? [...cell.stored.children] : [];
    return place >= 0 && parts.length === cell.shown.length ? parts[place].cloneNode(true) : null;
  }

  // As much Markdown as the book's package writes: tables, code, paragraphs.
  function markdown(text) {
    const box = node("div", {});
    for (const block of text.trim().split(/\n{2,}(?![^`]*```\s*$)/)) {
      const code = block.match(/^```\w*\n([\s\S]*?)\n?```$/);
      const rows = block.split("\n");
      if (code) box.append(node("pre", { tabindex: "0" }, code[1]));
      else if (rows.length > 1 && /^\s*\|?[\s:|-]+\|?\s*$/.test(rows[1]) && rows[1].includes("-")) box.append(table(rows));
      else box.append(node("p", {}, ...inline(block)));
    }
    return box;
  }

  function table(rows) {
    const split = (row) => row.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((part) => part.trim().replaceAll("\\|", "|"));
    const [head, , ...body] = rows.map(split);
    const line = (parts, tag) => node("tr", {}, ...parts.map((part) => node(tag, {}, ...inline(part))));
    return node("div", { class: "book-scroll", tabindex: "0" }, node("table", {}, node("thead", {}, line(head, head.some(Boolean) ? "th" : "td")), node("tbody", {}, ...body.map((row) => line(row, "td")))));
  }

  function inline(text) {
    return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\$[^$]+\$)/).map((part) => {
      if (/^`.+`$|^\$.+\$$/.test(part)) return node("code", {}, part.slice(1, -1));
      if (/^\*\*.+\*\*$/.test(part)) return node("strong", {}, part.slice(2, -2));
      return part;
    });
  }

  // ---------------------------------------------------------------- figures and sliders that stay alive

  async function figures() {
    if (!window.descentPage) {
      document.head.append(node("link", { rel: "stylesheet", href: statics("descent/explore.css") }));
      await script(statics("loader.js"), info.figures);
    }
    return window.descentPage;
  }

  async function showFigure(place, { model: id, state }) {
    const stage = node("div", { class: "descent-stage" });
    const mount = node("div", { class: "descent-mount" });
    stage.append(mount);
    place.append(node("figure", { class: "descent-figure descent-figure--drawn" }, stage));
    const { createModel, frontEnd } = await figures();
    const model = createModel(state);
    if (state.needs_kernel) followKernel(model, id);
    const { render } = await frontEnd();
    await render({ model, el: mount });
  }

  // A figure that Python draws: what the reader moves goes there, and what becomes of it comes back.
  function followKernel(model, id) {
    const own = runtime.worker;
    let coming = false;
    let timer = null;
    model.on("change:settings change:parameters change:start change:steps", () => {
      if (coming || runtime.worker !== own) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        const changes = Object.fromEntries(["settings", "parameters", "start", "steps"].map((name) => [name, model.get(name)]));
        runtime.ask({ ask: "change", model: id, changes }, ({ state }) => {
          coming = true;
          if (state) model.set(state);
          coming = false;
        });
      }, 100);
    });
  }

  function showControls(place, { model: id, controls, outputs }, cell) {
    const shown = node("div", {});
    const own = runtime.worker;
    const draw = (some) => {
      shown.replaceChildren();
      for (const output of some) showOutput(shown, output, cell);
    };
    let waiting = false;
    const values = {};
    const send = () => {
      if (waiting) return;
      if (runtime.worker !== own) return cell.tool?.say("Python was started anew: run the cell again to move it.");
      waiting = true;
      const changes = { ...values };
      runtime.ask({ ask: "change", model: id, changes }, ({ outputs: some }) => some && draw(some)).then(() => {
        waiting = false;
        if (Object.entries(values).some(([name, value]) => changes[name] !== value)) send();
      });
    };
    for (const { name, label, value, min, max, step, options } of controls) {
      const written = node("output", {}, options ? "" : String(value));
      const take = (input) => () => {
        values[name] = input.type === "checkbox" ? input.checked : input.tagName === "SELECT" ? input.selectedIndex : input.type === "text" ? input.value : Number(input.value);
        if (!options) written.textContent = String(values[name]);
        send();
      };
      const kind = options ? node("select", {}, ...options.map((words) => node("option", {}, words)))
        : typeof value === "boolean" ? node("input", { type: "checkbox", checked: value })
          : typeof value === "number" && max != null ? node("input", { type: "range", min, max, step: step ?? 1 })
            : node("input", { type: "text" });
      if (options) kind.selectedIndex = value;
      else if (typeof value !== "boolean") kind.value = value;
      kind.addEventListener("input", take(kind));
      place.append(node("label", { class: "page-python-slider" }, label, kind, written));
    }
    place.append(shown);
    draw(outputs);
  }

  // ---------------------------------------------------------------- the door

  // Called by door.js: the first time everything is fetched that a page needs beside Python.
  async function open(element, from) {
    base ??= new URL(".", from);
    try {
      if (location.protocol === "file:") throw new Error(FROM_DISK);
      await (loading ??= loadAll());
    } catch (error) {
      loading = null;
      if (!element.querySelector("[role=alert]")) element.append(node("p", { role: "alert" }, error.message));
      return;
    }
    if (cells.length === 0) makeCells();
    const cell = cells.find((one) => one.element === element);
    openCell(cell);
    const reason = lack();
    if (reason) cell.tool.say(reason);
  }

  return { open, cells, runtime, isBusy: () => running !== null };
})();
