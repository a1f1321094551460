// The controls: a slider for each setting of each rule, play and scrub, and the way back to the initial settings.
import { swatchNode, wearStyle } from "../drawing/symbols.js";
import { KEEPS_ITS_KEYS, htmlNode, makeSlot, setText, svgNode, uniqueId } from "../drawing/elements.js";
import { exactNumber, settingText } from "../model/numbers.js";
import { sliderScale } from "../drawing/scales.js";
import { prepareFunction } from "../model/tape.js";

// Width of a slider's thumb in explore.css: a mark must stand where the thumb's middle stops.
const THUMB_WIDTH = 18;

// Sliders for the problem, for all rules at once and for each rule; `change.parameter(name, value)` and
// `change.settings([[number of the rule, name, value], …])` are called when the reader moves one.
export function makeControlGroups({ problem, rules, shared, change }) {
  const groups = [];
  const add = (owner, moved, valueIn, rule = -1) => {
    if (owner.sliders.length === 0) return;
    const control = makeControls(owner, moved);
    const show = (state) => control.show((slider) => valueIn(state, slider), state.parameters);
    groups.push({ node: control.node, resize: control.resize, show, rule, label: owner.label });
  };
  add({ label: problem.label, sliders: problem.sliders },
    ({ name }, value) => change.parameter(name, value), ({ parameters }, { name }) => parameters[name]);
  add({ label: "All rules", sliders: shared },
    ({ targets }, value) => change.settings(targets.map(([k, name]) => [k, name, value])),
    ({ settings }, { targets: [[k, name]] }) => settings[k][name]);
  rules.forEach((rule, k) => {
    add(rule, ({ name }, value) => change.settings([[k, name, value]]), ({ settings }, { name }) => settings[k][name], k);
  });
  return groups;
}

// The sliders of one rule, of the problem or of all rules; `change(slider, value)` is called when the reader moves one.
function makeControls({ label, style, sliders }, change) {
  const made = sliders.map((slider) => makeSlider(slider, label, (value) => change(slider, value)));
  const legend = htmlNode("legend", { class: "descent-rule-name" }, ...(style ? [swatchNode(style)] : []), label);
  const node = htmlNode("fieldset", { class: "descent-rule" }, legend, ...made.map((slider) => slider.node));
  if (style) wearStyle(node, style);
  return {
    node,
    // `valueOf(slider)` is the value as it stands; the marks follow the problem's parameters.
    show(valueOf, parameters) {
      made.forEach((slider, k) => {
        slider.followMarks(parameters);
        slider.show(valueOf(sliders[k]));
      });
    },
    resize: () => made.forEach((slider) => slider.resize()),
  };
}

// An output would be read out at every move, on top of the slider's own words: hence aria-live "off".
function makeSlider(slider, owner, change) {
  const scale = sliderScale(slider);
  const id = uniqueId("slider");
  const input = htmlNode("input", {
    type: "range", id, class: "descent-range", name: slider.name, min: 0, max: scale.places, step: 1, ...KEEPS_ITS_KEYS,
  });
  const text = makeSlot();
  const output = htmlNode("output", { for: id, class: "descent-value", "aria-live": "off" }, text);
  const marks = (slider.marks ?? []).map(prepareMark);
  const track = htmlNode("div", { class: "descent-track" }, input);
  const markRow = makeMarks(marks, scale, (value) => { show(value); change(value); }, slider.label);
  if (marks.length > 0) track.append(markRow.node);
  const node = htmlNode("div", { class: "descent-slider" },
    htmlNode("label", { for: id, class: "descent-label" }, hiddenPrefix(owner), slider.label), output, track);

  let shown, marked = "";
  function show(value) {
    const mark = marks.find((candidate) => candidate.value === value);
    const number = settingText(slider, value);
    const spoken = mark ? `${number}, ${mark.label}` : number;
    if (spoken === shown) return;
    shown = spoken;
    const place = Math.round(scale.toPlace(value));
    if (place !== Number(input.value)) input.value = place;
    setText(text, number);
    input.setAttribute("aria-valuetext", spoken);
  }

  // A value that theory names may depend on the problem's own parameters: its mark moves with them.
  function followMarks(parameters) {
    const wanted = JSON.stringify(parameters);
    if (wanted === marked) return;
    for (const mark of marks) mark.follow(parameters);
    if (marked !== "" && marks.some((mark) => mark.moves)) markRow.resize();
    marked = wanted;
  }

  input.addEventListener("input", () => {
    const place = Number(input.value);
    // Places next to a named value, or to the initial one, give exactly that value.
    const named = [...marks.map((mark) => mark.value), slider.value];
    const value = named.find((candidate) => Math.round(scale.toPlace(candidate)) === place && isOn(candidate, slider))
      ?? scale.toValue(place);
    show(value);
    change(value);
  });
  return { node, show, followMarks, resize: markRow.resize };
}

function isOn(value, { min, max }) {
  return value >= min && value <= max;
}

function prepareMark({ label, value, tape }) {
  if (!tape) return { label, value, moves: false, follow() {} };
  const calculation = prepareFunction(tape, `the mark "${label}"`);
  const mark = { label, value, moves: true };
  mark.follow = (parameters) => {
    calculation.set(parameters);
    mark.value = calculation.evaluate();
  };
  return mark;
}

// Two rules may both have a "learning rate": a listener hears whose it is, a reader sees it above.
function hiddenPrefix(ruleLabel) {
  return htmlNode("span", { class: "descent-hidden" }, `${ruleLabel}: `);
}

// The values that theory names, under the track; each is a button that goes there.
function makeMarks(marks, scale, choose, label) {
  const node = htmlNode("div", { class: "descent-marks" });
  const places = marks.map((mark) => {
    const tick = htmlNode("span", { class: "descent-mark-tick" });
    const button = htmlNode("button", { type: "button", class: "descent-mark", ...KEEPS_ITS_KEYS }, mark.label);
    button.addEventListener("click", () => choose(mark.value));
    node.append(tick, button);
    return { mark, tick, button };
  });

  // Labels that would overlap go to the next row; a value that is off the slider has no mark.
  function resize() {
    const width = node.clientWidth;
    const rowEnds = [];
    places.sort((one, other) => one.mark.value - other.mark.value);
    for (const { mark, tick, button } of places) {
      const visible = scale.reaches(mark.value);
      tick.hidden = button.hidden = !visible;
      if (!visible) continue;
      button.setAttribute("aria-label", `Set ${label} to ${exactNumber(mark.value)}: ${mark.label}`);
      const middle = THUMB_WIDTH / 2 + scale.toPlace(mark.value) / scale.places * (width - THUMB_WIDTH);
      const left = Math.max(0, Math.min(width - button.offsetWidth, middle - button.offsetWidth / 2));
      let row = rowEnds.findIndex((end) => left >= end);
      if (row < 0) row = rowEnds.push(0) - 1;
      rowEnds[row] = left + button.offsetWidth;
      tick.style.setProperty("left", `${middle}px`);
      button.style.setProperty("left", `${left}px`);
      button.style.setProperty("--descent-row", row);
    }
    // Marks that move keep their room, or all that follows would jump.
    const rows = marks.some((mark) => mark.moves) ? marks.length : rowEnds.length;
    node.style.setProperty("--descent-rows", rows);
  }
  return { node, resize };
}

const LINKED_MILLISECONDS = 5000;
const PLAY_SHAPE = "M5 3.2V16.8L16.5 10Z";
const PAUSE_SHAPE = "M4.5 3.5H8V16.5H4.5ZM12 3.5H15.5V16.5H12Z";

// Play, scrub and reset.
export function makeTransport({ toggle, scrub, reset, link }) {
  const icon = svgNode("path", { d: PLAY_SHAPE });
  const play = htmlNode("button", {
    type: "button", class: "descent-button descent-play", "aria-label": "Play", ...KEEPS_ITS_KEYS,
  }, svgNode("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" }, icon));
  const id = uniqueId("scrub");
  const input = htmlNode("input", {
    type: "range", id, class: "descent-range", name: "frame", "aria-label": "Step shown", min: 0, step: 1,
    ...KEEPS_ITS_KEYS,
  });
  const stepText = htmlNode("span"), stepsText = htmlNode("span", { class: "descent-steps" });
  const output = htmlNode("output", { for: id, class: "descent-value descent-step", "aria-live": "off" },
    makeSlot(stepText, stepsText));
  const again = htmlNode("button", { type: "button", class: "descent-button descent-reset", ...KEEPS_ITS_KEYS }, "Reset");
  play.addEventListener("click", toggle);
  input.addEventListener("input", () => scrub(Number(input.value)));
  again.addEventListener("click", reset);
  const bar = htmlNode("div", { class: "descent-transport" }, play, htmlNode("div", { class: "descent-scrub" }, input), output, again);
  const node = htmlNode("div", { class: "descent-transport-box" }, bar);
  // Only a page has an address that can carry the state.
  const linkButton = htmlNode("button", { type: "button", class: "descent-button descent-link", ...KEEPS_ITS_KEYS }, "Link");
  const linked = htmlNode("span", { class: "descent-linked", role: "status" });
  let unsaid = 0;
  linkButton.addEventListener("click", () => link());
  if (link) {
    bar.append(linkButton);
    node.append(linked);
  }

  function show(step, steps) {
    if (input.max !== String(steps)) input.max = steps;
    if (input.value !== String(step)) input.value = step;
    input.setAttribute("aria-valuetext", `step ${step} of ${steps}`);
    setText(stepText, `step ${step}`);
    setText(stepsText, ` of ${steps}`);
  }

  function showPlaying(playing) {
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    icon.setAttribute("d", playing ? PAUSE_SHAPE : PLAY_SHAPE);
  }
  function say(text) {
    setText(linked, text);
    clearTimeout(unsaid);
    unsaid = setTimeout(() => setText(linked, ""), LINKED_MILLISECONDS);
  }
  return { node, show, showPlaying, say };
}
