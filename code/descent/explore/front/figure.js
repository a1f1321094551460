// One interactive figure: keeps the views, the controls and the words in step with the model, which is the only state.
import { makeRuleControls, makeTransport } from "./controls.js";
import { makeLosses } from "./losses.js";
import { makeMap } from "./map.js";
import { minimumSwatch, startSwatch, swatchNode } from "./marks.js";
import { htmlNode, setText, uniqueId } from "./nodes.js";
import { makePlayer } from "./player.js";
import { descendInto, makeTrace, prepareProblem, prepareRule } from "./run.js";
import { describeLoss, describeRun } from "./words.js";

// A screen reader hears the words once a movement has ended, not at every pixel of it.
const QUIET_MILLISECONDS = 400;

// Fills `root` and returns a function that empties it again. `fail(error)` is told what goes wrong later on.
export function makeFigure(model, root, fail) {
  const rules = model.get("rules");
  const problem = model.get("problem");
  if (rules.length === 0) throw new Error("The figure has no rule to run.");
  const preparedProblem = prepareProblem(problem);
  if (preparedProblem.dimensions !== 2) {
    throw new Error(`The map needs two coordinates; "${problem.name}" has ${preparedProblem.dimensions}.`);
  }
  const preparedRules = rules.map(prepareRule);
  const home = model.get("start");
  const drawn = { redraws: 0, lastRedrawMs: 0, traces: [], state: null };

  const map = makeMap(problem, preparedProblem, rules, (point) => change("start", point));
  const losses = makeLosses(rules, showFrame);
  const views = [map, losses];
  const player = makePlayer((step) => change("frame", step), (playing) => transport.showPlaying(playing));
  const transport = makeTransport({ toggle: togglePlay, scrub: showFrame, reset });
  const controls = rules.map((rule, k) => makeRuleControls(rule, (name, value) => changeSetting(k, name, value)));
  const legend = makeLegend(rules, problem);
  const page = makePage(model.get("title"), model.get("alt"), { legend, views, transport, controls });

  let size = "", pathsAreStale = true, unsaved = false, request = 0, quietTimer = 0;

  // Everything the reader does goes through the model, so that several views and Python all follow.
  function change(name, value) {
    model.set(name, value);
    unsaved = true;
    schedule(name !== "frame");
  }

  function changeSetting(k, name, value) {
    const { settings } = readState();
    change("settings", settings.map((values, index) => (index === k ? { ...values, [name]: value } : values)));
  }

  function showFrame(step) {
    player.stop();
    change("frame", step);
  }

  function togglePlay() {
    if (player.playing()) player.stop();
    else player.play(readState().frame, readState().steps);
  }

  function reset() {
    player.stop();
    change("settings", rules.map((rule, k) => ({ ...readState().settings[k], ...initialSettings(rule) })));
    change("start", home);
    change("frame", readState().steps);
  }

  function readState() {
    const steps = model.get("steps");
    const frame = Math.max(0, Math.min(steps, model.get("frame") ?? steps));
    const given = model.get("settings") ?? [];
    const settings = rules.map((rule, k) => ({ ...initialSettings(rule), ...given[k] }));
    return { steps, frame, start: model.get("start"), settings };
  }

  function schedule(paths) {
    pathsAreStale ||= paths;
    request ||= requestAnimationFrame(redraw);
  }

  function redraw() {
    request = 0;
    try {
      drawNow();
    } catch (error) {
      fail(error);
      return;
    }
    if (unsaved) model.save_changes();
    unsaved = false;
    clearTimeout(quietTimer);
    quietTimer = setTimeout(sayWords, QUIET_MILLISECONDS);
  }

  function drawNow() {
    const begin = performance.now();
    const state = readState();
    if (pathsAreStale) runAll(state);
    if (size !== "") {
      if (pathsAreStale) for (const view of views) view.drawPaths(drawn.traces);
      for (const view of views) view.drawStep(state.frame);
    }
    controls.forEach((control, k) => control.show(state.settings[k]));
    transport.show(state.frame, state.steps);
    legend.show(drawn.traces, state.frame);
    pathsAreStale = false;
    drawn.state = state;
    drawn.redraws += 1;
    drawn.lastRedrawMs = performance.now() - begin;
  }

  function runAll({ settings, start, steps }) {
    if (drawn.traces[0]?.steps !== steps) drawn.traces = rules.map(() => makeTrace(steps, preparedProblem.dimensions));
    rules.forEach((rule, k) => {
      // A slider moves one rule; the others' paths stand.
      const origin = JSON.stringify([settings[k], start]);
      if (drawn.traces[k].origin === origin) return;
      descendInto(drawn.traces[k], preparedProblem, preparedRules[k], { ...rule.fixed, ...settings[k] }, start);
      drawn.traces[k].origin = origin;
    });
  }

  function sayWords() {
    if (player.playing()) quietTimer = setTimeout(sayWords, QUIET_MILLISECONDS);
    else showSentences(page.words, describeRun(rules, problem, drawn.state, drawn.traces));
  }

  // A figure in a closed tab has no size yet; a phone is turned, a window dragged. True when there is something to draw.
  function resize() {
    const boxes = views.map((view) => view.plot.getBoundingClientRect());
    const measured = boxes.map(({ width, height }) => `${width} ${height}`).join();
    if (measured === size || boxes.some(({ width, height }) => width === 0 || height === 0)) return false;
    views.forEach((view, k) => view.resize(boxes[k].width, boxes[k].height));
    for (const control of controls) control.resize();
    size = measured;
    return true;
  }

  root.replaceChildren(page.node);
  resize();
  drawNow();
  sayWords();
  root.descent = exposeNumbers(drawn);
  const observer = new ResizeObserver(() => { if (resize()) schedule(true); });
  for (const view of views) observer.observe(view.plot);
  const follow = {
    settings: () => schedule(true), start: () => schedule(true), steps: () => schedule(true), frame: () => schedule(false),
    title: () => setText(page.title, model.get("title")), alt: () => setText(page.alt, model.get("alt")),
  };
  for (const [name, listener] of Object.entries(follow)) model.on(`change:${name}`, listener);

  return function dispose() {
    for (const [name, listener] of Object.entries(follow)) model.off(`change:${name}`, listener);
    player.stop();
    observer.disconnect();
    cancelAnimationFrame(request);
    clearTimeout(quietTimer);
    root.replaceChildren();
  };
}

function initialSettings(rule) {
  return Object.fromEntries(rule.sliders.map(({ name, value }) => [name, value]));
}

function makeLegend(rules, problem) {
  const values = rules.map(() => htmlNode("span", { class: "descent-legend-value" }));
  const item = (...parts) => htmlNode("li", { class: "descent-legend-item" }, ...parts);
  const node = htmlNode("ul", { class: "descent-legend" },
    ...rules.map((rule, k) => item(swatchNode(rule.style), htmlNode("span", {}, rule.label), values[k])),
    item(startSwatch(), htmlNode("span", {}, "start", htmlNode("span", { class: "descent-hint" }, ": drag it, or click"))));
  if (problem.minimum) node.append(item(minimumSwatch(), htmlNode("span", {}, "minimum")));
  const show = (traces, frame) => traces.forEach((trace, k) => setText(values[k], describeLoss(trace, frame)));
  return { node, show };
}

function makePage(titleText, altText, { legend, views, transport, controls }) {
  const title = htmlNode("p", { class: "descent-title", id: uniqueId("title") }, titleText);
  const alt = htmlNode("p", { class: "descent-hidden", id: uniqueId("alt") }, altText);
  const words = htmlNode("p", { class: "descent-words", "aria-live": "polite" });
  const names = { "aria-labelledby": title.id, "aria-describedby": alt.id };
  const node = htmlNode("div", { class: "descent-page", role: "group", ...names },
    title, alt, legend.node,
    htmlNode("div", { class: "descent-views" }, ...views.map((view) => view.node)),
    transport.node,
    htmlNode("div", { class: "descent-rules", "data-count": controls.length }, ...controls.map((control) => control.node)),
    words);
  return { node, title, alt, words };
}

// Each sentence on a line of its own. Unchanged words are not written, and so not read out, again.
function showSentences(node, sentences) {
  if (node.textContent === sentences.join("")) return;
  node.replaceChildren(...sentences.map((sentence) => htmlNode("span", { class: "descent-sentence" }, sentence)));
}

// What was last drawn, in full precision, for tests and for anyone who opens the console.
function exposeNumbers(drawn) {
  return {
    get paths() {
      return drawn.traces.map(({ positions, steps, dimensions }) =>
        Array.from({ length: steps + 1 }, (_, t) => Array.from(positions.subarray(t * dimensions, (t + 1) * dimensions))));
    },
    get losses() { return drawn.traces.map(({ losses }) => Array.from(losses)); },
    get divergedAt() { return drawn.traces.map(({ divergedAt }) => divergedAt); },
    get settings() { return drawn.state.settings; },
    get start() { return drawn.state.start; },
    get frame() { return drawn.state.frame; },
    get lastRedrawMs() { return drawn.lastRedrawMs; },
    get redraws() { return drawn.redraws; },
  };
}
