// Runs the page's figures without a kernel.
//
// A notebook stores the state of its widgets, and the page carries it. A widget's front end asks only
// for a model with get, set, on, off, save_changes and send: here that model is a plain object. What a
// kernel would have computed, the front end computes itself (code/descent/figures/front).
//
// A classic script without eval or import: it works from file:// and where a content policy allows
// nothing but scripts of the site itself.
(() => {
  "use strict";
  const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';
  const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
  const AHEAD = "400px"; // a figure is drawn when it comes this near to the window
  const FETCHED_AHEAD = "2000px"; // what draws it is fetched earlier
  const own = document.currentScript;

  const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

  function createModel(state) {
    const listeners = new Map(); // event name -> set of functions
    const tell = (event, ...args) => {
      for (const listener of [...(listeners.get(event) ?? [])]) listener(...args);
    };
    const model = {
      get: (key) => state[key],
      set(key, value) {
        const changes = typeof key === "object" ? key : { [key]: value };
        const changed = Object.keys(changes).filter((name) => !same(state[name], changes[name]));
        Object.assign(state, changes);
        for (const name of changed) tell(`change:${name}`, model, state[name], {});
        if (changed.length) tell("change", model, {});
      },
      on(events, listener) {
        for (const event of events.split(/\s+/)) {
          if (!listeners.has(event)) listeners.set(event, new Set());
          listeners.get(event).add(listener);
        }
      },
      off(events, listener) {
        if (events == null) return listeners.clear();
        for (const event of events.split(/\s+/)) {
          if (listener) listeners.get(event)?.delete(listener);
          else listeners.delete(event);
        }
      },
      save_changes() {}, // nobody to tell
      send() {},
    };
    return model;
  }

  let fetched = null;
  // The front end of the figures, fetched when the first of them comes near. Without it their still pictures come back.
  const frontEnd = () => fetched ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = new URL(own.dataset.front, own.src);
    script.addEventListener("load", () => resolve(window.descentExplore));
    script.addEventListener("error", () => document.documentElement.classList.remove("scripts"));
    document.head.append(script);
  });
  window.descentPage = { createModel, frontEnd }; // for figures that come later (code/site/python/cells.js)
  const stored = document.querySelector(STATE);
  if (!stored) return;
  const { state } = JSON.parse(stored.textContent);
  const models = new Map();
  const modelOf = (id) => {
    if (!models.has(id)) models.set(id, createModel(state[id].state));
    return models.get(id);
  };

  async function mount(figure) {
    near.unobserve(figure);
    if (figure.querySelector(".descent-mount")) return;
    const { render } = await frontEnd();
    if (figure.querySelector(".descent-mount")) return;
    const { model_id: id } = JSON.parse(figure.querySelector(VIEW).textContent);
    const stage = figure.querySelector(".descent-stage");
    const element = document.createElement("div");
    element.className = "descent-mount";
    modelOf(id).set("place", figure.id); // what a link to this figure begins with
    stage.append(element);
    try {
      await render({ model: modelOf(id), el: element });
    } catch (error) {
      element.remove();
      figure.classList.add("descent-figure--still"); // its picture comes back
      throw error;
    }
    figure.classList.add("descent-figure--drawn");
  }

  // A figure's place in links is its heading: #figure-three-rules-in-a-ravine?frame=20 (a second one of that name has a 2).
  function namePlaces(figures) {
    const taken = new Map();
    for (const figure of figures) {
      const { model_id: id } = JSON.parse(figure.querySelector(VIEW).textContent);
      const name = state[id].state.title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
      taken.set(name, (taken.get(name) ?? 0) + 1);
      figure.id = `figure-${name}${taken.get(name) > 1 ? `-${taken.get(name)}` : ""}`;
    }
  }

  // Goes to the figure that the address names: out of its fold, and into sight. The browser itself knows only a hash that
  // is a place and nothing more. The figures' own reader of the hash is the only one.
  async function goToPlace() {
    if (!location.hash.startsWith("#figure-")) return;
    const { readHash } = await frontEnd();
    const figure = document.getElementById(readHash(location.hash)?.place ?? "");
    if (!figure?.classList.contains("descent-figure--moves")) return;
    for (let fold = figure.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])")) fold.open = true;
    mount(figure);
    figure.scrollIntoView({ block: "nearest" });
  }

  // A link to the state that the address already names: the reader wants it again, and the browser tells nobody.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#figure-"]');
    if (link && link.hash === location.hash) dispatchEvent(new HashChangeEvent("hashchange"));
  });
  addEventListener("hashchange", goToPlace);

  // A rule that the page prints can be edited beside the figure that runs it: its block gets a button that leads there.
  function offerEditing() {
    for (const block of document.querySelectorAll("main pre, article pre")) {
      const text = block.textContent.trim();
      if (!text.startsWith("def update(self, theta, g")) continue;
      const found = [...figures].flatMap((figure) => rulesOf(figure).map((rule, k) => ({ figure, rule, k })))
        .filter(({ rule }) => rule.text?.trim() === text);
      // The next one below, else the last one above.
      const next = found.find(({ figure }) => block.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING) ?? found.at(-1);
      if (!next) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "descent-edit-printed";
      button.textContent = "Edit beside its figure";
      button.addEventListener("click", async () => {
        await mount(next.figure);
        next.figure.scrollIntoView({ block: "start" });
        next.figure.querySelector(`[data-target="rule ${next.k + 1}"]`)?.click();
      });
      block.after(button);
    }
  }

  function rulesOf(figure) {
    const { model_id: id } = JSON.parse(figure.querySelector(VIEW).textContent);
    return state[id].state.rules ?? [];
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) mount(target);
      }
    },
    { rootMargin: AHEAD },
  );
  const soon = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) {
      frontEnd();
      soon.disconnect();
    }
  }, { rootMargin: FETCHED_AHEAD });
  const figures = document.querySelectorAll(".descent-figure--moves");
  namePlaces(figures);
  figures.forEach((figure) => [near, soon].forEach((observer) => observer.observe(figure)));
  offerEditing();
  goToPlace();
})();
