// One interactive figure: keeps the views, the controls and the words in step with the model, which is the only state.
import { makeControlGroups, makeTransport } from "./controls/sliders.js";
import { loadEditor, makeEditBar } from "./edit_door.js";
import { makeGuess } from "./controls/guess.js";
import { makeCurves } from "./panels/curves.js";
import { makeData } from "./panels/data.js";
import { makeGraph } from "./panels/graph.js";
import { makeInspector } from "./panels/inspector.js";
import { readLink, readTexts, writeLink } from "./model/link.js";
import { makeMap } from "./panels/map.js";
import { htmlNode, setText, uniqueId } from "./drawing/elements.js";
import { makeLegend } from "./panels/legend.js";
import { makePlane } from "./panels/plane.js";
import { makePlayer } from "./controls/player.js";
import { anatomyOf } from "./model/anatomy.js";
import { copyTrace, descendInto, makeTrace, prepareProblem, prepareRule, setParameters } from "./model/run.js";
import { haveSameShape } from "./model/shape.js";
import { describeRun } from "./model/words.js";

const VIEWS = { map: makeMap, graph: makeGraph, data: makeData, curves: makeCurves, plane: makePlane };
// A screen reader hears the words once a movement has ended, not at every pixel of it.
const QUIET_MILLISECONDS = 400;

// Fills `root` and returns a function that empties it again. `fail(error)` is told what goes wrong later on.
export function makeFigure(model, root, fail) {
  const [problem, shared, origin] = ["problem", "shared", "origin"].map((name) => model.get(name));
  const rules = [...model.get("rules")];
  if (rules.length === 0 && problem.tape) throw new Error("The figure has no rule to run.");
  const prepared = problem.tape ? prepareProblem(problem) : null; // none where all was computed before
  const preparedRules = rules.map(prepareRule);
  const specs = model.get("views");
  const quantities = recordedQuantities(specs);
  const showsLoss = specs.some(({ kind, lines }) => kind !== "plane" && (kind !== "curves" || lines.some(({ quantity }) => quantity === "loss")));
  const drawn = { redraws: 0, lastRedrawMs: 0, traces: [], state: null, anatomy: null };
  const change = {
    startNow: () => readState().start,
    settingsNow: () => readState().settings,
    start(point) {
      moved = { rule: chosen.rule, name: "start" };
      put("start", point);
    },
    frame: showFrame,
    step: (by) => showFrame(Math.max(0, Math.min(readState().steps, readState().frame + by))),
    settings: changeSettings,
    parameter(name, value) {
      moved = rules.length > 0 ? { rule: chosen.rule, name } : null;
      put("parameters", { ...readState().parameters, [name]: value });
    },
    look: () => schedule(false),
  };
  const parts = { problem, prepared, rules, preparedRules, change };
  const views = specs.map((spec) => makeView(spec, parts));
  const inspector = prepared ? makeInspector(parts) : null;
  const player = makePlayer((step) => put("frame", step), (playing) => transport.showPlaying(playing));
  const transport = makeTransport({ toggle: togglePlay, scrub: showFrame, reset, link: model.get("place") ? putIntoLink : null });
  const controls = makeControlGroups({ problem, rules, shared, change });
  const legend = makeLegend({ rules, problem, specs, showsLoss, groups: controls, choose, toggleAnatomy: prepared ? toggleAnatomy : null });
  const editBar = makeEditBar(rules, problem, (target) => openEditor([[target, null]]).catch(sayFailure));
  const guess = model.get("ask") && prepared ? makeGuess(model.get("ask"), rules, (value) => views.at(-1).showGuess?.(value)) : null;
  const page = makePage(model.get("title"), { guess, legend, views, transport, editBar, controls, inspector });

  const chosen = { group: Math.max(0, controls.findIndex(({ rule }) => rule >= 0)), rule: 0 };
  let size = "", pathsAreStale = true, unsaved = false, request = 0, quietTimer = 0;
  let moved = null; // what the reader moved last: { rule, name }
  let before = [], isMoving = false, isHeld = false; // the traces from before that movement; whether it goes on
  let isAsking = false; // what is to come is hidden
  let anatomy = model.get("anatomy") && specs.some(({ kind }) => kind === "map") && prepared !== null;

  // Everything the reader does goes through the model, so that several views and Python all follow.
  function put(name, value) {
    if (name !== "frame") keepPaths();
    model.set(name, value);
    unsaved = true;
    schedule(name !== "frame");
  }

  // A movement begins: the paths as they are stay as its ghosts.
  function keepPaths() {
    if (isMoving || drawn.state === null) return;
    isMoving = true;
    before = drawn.traces.map(copyTrace);
  }

  function ghosts() {
    return before.map((trace, k) => (trace.cause === drawn.traces[k]?.cause ? null : trace));
  }

  function toggleAnatomy() {
    anatomy = !anatomy;
    if (anatomy && readState().frame === 0) showFrame(1);
    legend.showAnatomy(anatomy);
    schedule(false);
  }

  // Each change is [number of the rule, name of the hyperparameter, value].
  function changeSettings(changes) {
    const settings = readState().settings.map((values) => ({ ...values }));
    for (const [k, name, value] of changes) settings[k][name] = value;
    moved = { rule: changes[0][0], name: changes[0][1] };
    put("settings", settings);
  }

  // What has no sliders leaves those that show; what is no rule leaves the rule that is chosen.
  function choose(group, rule) {
    if (group >= 0) chosen.group = group;
    if (rule >= 0) chosen.rule = rule;
    controls.forEach(({ node }, k) => node.toggleAttribute("data-chosen", k === chosen.group));
    legend.showChosen(group, rule);
    for (const view of views) view.emphasise?.(chosen.rule);
    controls[chosen.group]?.resize();
    schedule(false);
  }

  // The question stands, and hides what is to come, until the run has been looked at.
  function ask(asks) {
    if (!guess || isAsking === asks) return;
    isAsking = asks;
    root.classList.toggle("descent-asking", asks);
    if (asks) guess.begin(drawn.traces[0]?.losses[0] ?? 1);
    schedule(true);
  }

  function showFrame(step) {
    player.stop();
    if (step > 0) ask(false);
    put("frame", step);
  }

  function togglePlay() {
    ask(false);
    if (player.playing()) player.stop();
    else player.play(readState().frame, readState().steps);
  }

  // The author's state, whatever the notebook was saved with.
  function reset() {
    player.stop();
    for (const name of ["settings", "parameters", "start"]) put(name, origin[name]);
    moved = null;
    before = [];
    put("frame", Math.min(origin.frame, readState().steps));
    ask(true);
  }

  // `texts` are pairs of a target and its text, null for the one that stands. The path is to follow what is written.
  async function openEditor(texts) {
    const editor = await loadEditor(model);
    if (isAsking) showFrame(readState().steps);
    editor.open(model, root, texts);
  }

  function sayFailure({ message }) {
    transport.say(message);
  }

  // Takes other programs for the same rules; false where the figure must be built anew for them.
  function takeRules(changed) {
    if (!haveSameShape(changed, rules)) return false;
    changed.forEach((rule, k) => {
      const same = rule === rules[k] || JSON.stringify(rule) === JSON.stringify(rules[k]);
      rules[k] = rule;
      if (same) return;
      preparedRules[k] = prepareRule(rule);
      if (drawn.traces[k]) drawn.traces[k].cause = "";
    });
    schedule(true);
    return true;
  }

  function putIntoLink() {
    history.replaceState(null, "", writeLink(model.get("place"), readState(), origin, model.get("texts")));
    const told = "The page’s address now carries this setting";
    // Without a secure address there is no clipboard, and a browser may refuse it.
    Promise.resolve(navigator.clipboard?.writeText(location.href).then(() => "; it is copied"))
      .catch(() => "").then((copied = "") => transport.say(`${told}${copied}.`));
  }

  // A figure that is built anew while it is edited has followed its link before.
  function followLink() {
    if (model.get("followed") === location.hash) return;
    model.set("followed", location.hash);
    const texts = readTexts(location.hash, model.get("place"));
    if (texts.length > 0 && model.get("opened") !== location.hash) {
      model.set("opened", location.hash);
      // With them the figure may be built anew, on another ground: the one that stands then follows the rest of the link.
      openEditor(texts).catch(sayFailure).then(() => dispatchEvent(Object.assign(new Event("hashchange"), { textsAreOpen: true })));
      return;
    }
    const figure = { rules, problem, shared, origin, steps: model.get("steps"), hasMap: specs.some(({ kind }) => kind === "map") };
    const link = readLink(location.hash, model.get("place"), figure);
    if (!link) return;
    player.stop();
    for (const name of ["settings", "parameters", "start", "frame"]) put(name, link.state[name]);
    if (link.state.frame > 0) ask(false);
    moved = null;
    if ("anatomy" in link.state) {
      anatomy = link.state.anatomy;
      legend.showAnatomy(anatomy);
    }
    if (link.ignored.length > 0) transport.say(`Of the link, ${link.ignored.join(", ")} means nothing in this figure; the rest is set.`);
  }

  // Who clicks the same link again wants its setting again, whatever was moved meanwhile.
  function followAnew({ textsAreOpen = false }) {
    model.set("followed", null);
    if (!textsAreOpen) model.set("opened", null);
    followLink();
  }

  function readState() {
    const steps = model.get("steps");
    const frame = Math.max(0, Math.min(steps, model.get("frame") ?? steps));
    const settings = rules.map((_, k) => ({ ...origin.settings[k], ...model.get("settings")[k] }));
    return { steps, frame, start: model.get("start"), settings, parameters: model.get("parameters") };
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
    const state = { ...readState(), isAsking };
    if (pathsAreStale) runAll(state);
    if (size !== "") {
      if (pathsAreStale) for (const view of views) view.drawPaths(drawn.traces, state, ghosts());
      for (const view of views) view.drawStep(state.frame);
      drawAnatomy(state);
    }
    for (const control of controls) control.show(state);
    transport.show(state.frame, state.steps);
    legend.show(drawn.traces, state.frame);
    inspector?.show(state);
    pathsAreStale = false;
    drawn.state = state;
    drawn.redraws += 1;
    drawn.lastRedrawMs = performance.now() - begin;
  }

  function drawAnatomy({ settings, start, frame }) {
    const k = chosen.rule;
    for (const view of views) {
      if (!view.drawAnatomy) continue;
      const parts = anatomy ? anatomyOf(prepared, rules[k], preparedRules[k], { ...rules[k].fixed, ...settings[k] }, start, frame) : null;
      view.drawAnatomy(parts, rules[k]);
      drawn.anatomy = parts;
    }
  }

  function runAll({ settings, parameters, start, steps }) {
    if (drawn.traces[0]?.steps !== steps) {
      drawn.traces = rules.map(() => makeTrace(steps, prepared.dimensions, quantities));
    }
    if (prepared) setParameters(prepared, parameters);
    rules.forEach((rule, k) => {
      // A slider moves one rule; the others' paths stand.
      const cause = JSON.stringify([settings[k], parameters, start]);
      if (drawn.traces[k].cause === cause) return;
      descendInto(drawn.traces[k], prepared, preparedRules[k], { ...rule.fixed, ...settings[k] }, start);
      drawn.traces[k].cause = cause;
    });
  }

  function sayWords() {
    if (player.playing()) {
      quietTimer = setTimeout(sayWords, QUIET_MILLISECONDS);
      return;
    }
    if (!isHeld) isMoving = false;
    if (guess && !isAsking && drawn.state.frame === drawn.state.steps) guess.tell(drawn.traces, drawn.state.steps);
    const more = views.flatMap((view) => view.words?.(drawn.traces, drawn.state) ?? []);
    showSentences(page.words, [describeRun({ rules, problem, shared, showsLoss }, drawn.state, drawn.traces, moved, ghosts()), ...more]);
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

  followLink();
  root.replaceChildren(page.node);
  controls.forEach(({ node }, k) => node.toggleAttribute("data-chosen", k === chosen.group));
  legend.showAnatomy(anatomy);
  legend.showChosen(chosen.group, rules.length > 0 && controls[chosen.group]?.rule === 0 ? 0 : -1);
  // The marks stand where the parameters put them, and only then can they be given their rows.
  for (const control of controls) control.show(readState());
  resize();
  drawNow();
  if (readState().frame === 0 && Object.keys(model.get("texts") ?? {}).length === 0) ask(true);
  sayWords();
  root.descent = exposeNumbers(drawn, views);
  // Drawn at once and not in the next frame: else there would be one picture with new axes and old paths.
  const hold = (held) => () => { isHeld = held; };
  page.node.addEventListener("pointerdown", hold(true));
  for (const ending of ["pointerup", "pointercancel"]) page.node.addEventListener(ending, hold(false));
  const observer = new ResizeObserver(() => {
    if (!resize()) return;
    cancelAnimationFrame(request);
    pathsAreStale = true;
    redraw();
  });
  for (const view of views) observer.observe(view.plot);
  const follow = {
    settings: () => schedule(true), parameters: () => schedule(true), start: () => schedule(true),
    steps: () => schedule(true), frame: () => schedule(false),
    title: () => setText(page.title, model.get("title")),
  };
  for (const [name, listener] of Object.entries(follow)) model.on(`change:${name}`, listener);
  if (model.get("place")) addEventListener("hashchange", followAnew);

  function dispose() {
    for (const [name, listener] of Object.entries(follow)) model.off(`change:${name}`, listener);
    removeEventListener("hashchange", followAnew);
    player.stop();
    observer.disconnect();
    cancelAnimationFrame(request);
    clearTimeout(quietTimer);
    root.classList.remove("descent-asking");
    root.replaceChildren();
  }
  return { dispose, takeRules };
}

function makeView(spec, parts) {
  if (!(spec.kind in VIEWS)) {
    throw new Error(`The figure has a view of the kind "${spec.kind}"; the page knows ${Object.keys(VIEWS).join(", ")}.`);
  }
  return VIEWS[spec.kind](spec, parts);
}

// What the runs must keep besides positions and losses.
function recordedQuantities(specs) {
  const names = specs.flatMap(({ lines = [] }) => lines.map(({ quantity }) => quantity));
  return [...new Set(names)].filter((name) => name && !["loss", "position", "error"].includes(name));
}

// The order in which a keyboard and a screen reader meet the parts; explore.css has others for narrow and low screens.
function makePage(titleText, { guess, legend, views, transport, editBar, controls, inspector }) {
  const title = htmlNode("p", { class: "descent-title", id: uniqueId("title") }, titleText);
  const words = htmlNode("p", { class: "descent-says", id: uniqueId("words"), "aria-live": "polite" });
  const names = { "aria-labelledby": title.id, "aria-describedby": words.id };
  const node = htmlNode("div", { class: "descent-page", role: "group", ...names },
    title, ...(guess ? [guess.node] : []), legend.node,
    htmlNode("div", { class: "descent-views", "data-count": views.length }, ...views.map((view) => view.node)),
    transport.node,
    htmlNode("div", { class: "descent-rules", "data-count": controls.length }, ...controls.map((control) => control.node)),
    words, ...(editBar ? [editBar] : []), ...(inspector ? [inspector.node] : []));
  // How high a view may be decides how wide: of each by its own proportions.
  for (const view of views) view.node.style.setProperty("--descent-aspect", view.plot.style.getPropertyValue("--descent-aspect") || 0.625);
  return { node, title, words };
}

// Each sentence on a line of its own. Unchanged words are not written, and so not read out, again.
function showSentences(node, sentences) {
  if (node.textContent === sentences.join("")) return;
  node.replaceChildren(...sentences.map((sentence) => htmlNode("span", { class: "descent-sentence" }, sentence)));
}

// What was last drawn, in full precision, for tests and for anyone who opens the console.
function exposeNumbers(drawn, views) {
  return {
    get paths() {
      return drawn.traces.map(({ positions, steps, dimensions }) =>
        Array.from({ length: steps + 1 }, (_, t) => Array.from(positions.subarray(t * dimensions, (t + 1) * dimensions))));
    },
    get losses() { return drawn.traces.map(({ losses }) => Array.from(losses)); },
    get divergedAt() { return drawn.traces.map(({ divergedAt }) => divergedAt); },
    // What each view draws besides: its curves, its prediction, the height of its plane.
    get views() {
      const plain = (value) => (typeof value === "number" || value === null ? value : Array.from(value, plain));
      return views.map((view) => plain(view.numbers?.(drawn.traces, drawn.state) ?? null));
    },
    get settings() { return drawn.state.settings; },
    get parameters() { return drawn.state.parameters; },
    get start() { return drawn.state.start; },
    get frame() { return drawn.state.frame; },
    get anatomy() { return drawn.anatomy; },
    get lastRedrawMs() { return drawn.lastRedrawMs; },
    get redraws() { return drawn.redraws; },
  };
}
