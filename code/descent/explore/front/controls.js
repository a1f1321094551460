// The controls: a slider for each setting of each rule, play and scrub, and the way back to the initial settings.
import { swatchNode, wearStyle } from "./marks.js";
import { KEEPS_ITS_KEYS, htmlNode, setText, svgNode, uniqueId } from "./nodes.js";
import { exactNumber } from "./numbers.js";
import { SLIDER_PLACES, sliderScale } from "./scales.js";

// Width of a slider's thumb in explore.css: a mark must stand where the thumb's middle stops.
const THUMB_WIDTH = 18;

// All sliders of one rule; `change(name, value)` is called when the reader moves one.
export function makeRuleControls(rule, change) {
  const sliders = rule.sliders.map((slider) => makeSlider(slider, rule, (value) => change(slider.name, value)));
  const node = htmlNode("fieldset", { class: "descent-rule" },
    htmlNode("legend", { class: "descent-rule-name" }, swatchNode(rule.style), rule.label),
    ...sliders.map((slider) => slider.node));
  wearStyle(node, rule.style);
  return {
    node,
    show: (settings) => sliders.forEach((slider, k) => slider.show(settings[rule.sliders[k].name])),
    resize: () => sliders.forEach((slider) => slider.resize()),
  };
}

// An output would be read out at every move, on top of the slider's own words: hence aria-live "off".
function makeSlider(slider, rule, change) {
  const scale = sliderScale(slider);
  const id = uniqueId("slider");
  const input = htmlNode("input", {
    type: "range", id, class: "descent-range", name: slider.name, min: 0, max: SLIDER_PLACES, step: 1, ...KEEPS_ITS_KEYS,
  });
  const output = htmlNode("output", { for: id, class: "descent-value", "aria-live": "off" });
  const marks = slider.marks ?? [];
  const track = htmlNode("div", { class: "descent-track" }, input);
  const markRow = makeMarks(marks, scale, (value) => { show(value); change(value); }, slider.label);
  if (marks.length > 0) track.append(markRow.node);
  const node = htmlNode("div", { class: "descent-slider" },
    htmlNode("label", { for: id, class: "descent-label" }, hiddenPrefix(rule.label), slider.label), output, track);

  let shown;
  function show(value) {
    if (value === shown) return;
    shown = value;
    const place = scale.toPlace(value);
    if (Math.round(place) !== Number(input.value)) input.value = Math.round(place);
    setText(output, exactNumber(value));
    const mark = marks.find((candidate) => candidate.value === value);
    input.setAttribute("aria-valuetext", mark ? `${exactNumber(value)}, ${mark.label}` : exactNumber(value));
  }

  // Places next to a named value, or to the initial one, give exactly that value.
  const named = [...marks.map((mark) => mark.value), slider.value]
    .map((value) => ({ value, place: Math.round(scale.toPlace(value)) }));
  input.addEventListener("input", () => {
    const place = Number(input.value);
    const value = named.find((candidate) => candidate.place === place)?.value ?? scale.toValue(place);
    show(value);
    change(value);
  });
  return { node, show, resize: markRow.resize };
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
    const button = htmlNode("button", {
      type: "button", class: "descent-mark", ...KEEPS_ITS_KEYS,
      "aria-label": `Set ${label} to ${exactNumber(mark.value)}: ${mark.label}`,
    }, mark.label);
    button.addEventListener("click", () => choose(mark.value));
    node.append(tick, button);
    return { tick, button, share: scale.toPlace(mark.value) / SLIDER_PLACES };
  });
  places.sort((one, other) => one.share - other.share);

  // Labels that would overlap go to the next row.
  function resize() {
    const width = node.clientWidth;
    const rowEnds = [];
    for (const { tick, button, share } of places) {
      const middle = THUMB_WIDTH / 2 + share * (width - THUMB_WIDTH);
      const left = Math.max(0, Math.min(width - button.offsetWidth, middle - button.offsetWidth / 2));
      let row = rowEnds.findIndex((end) => left >= end);
      if (row < 0) row = rowEnds.push(0) - 1;
      rowEnds[row] = left + button.offsetWidth;
      tick.style.setProperty("left", `${middle}px`);
      button.style.setProperty("left", `${left}px`);
      button.style.setProperty("--descent-row", row);
    }
    node.style.setProperty("--descent-rows", rowEnds.length);
  }
  return { node, resize };
}

const PLAY_SHAPE = "M5 3.2V16.8L16.5 10Z";
const PAUSE_SHAPE = "M4.5 3.5H8V16.5H4.5ZM12 3.5H15.5V16.5H12Z";

// Play, scrub and reset.
export function makeTransport({ toggle, scrub, reset }) {
  const icon = svgNode("path", { d: PLAY_SHAPE });
  const play = htmlNode("button", {
    type: "button", class: "descent-button descent-play", "aria-label": "Play", "aria-pressed": "false", ...KEEPS_ITS_KEYS,
  }, svgNode("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" }, icon));
  const id = uniqueId("scrub");
  const input = htmlNode("input", {
    type: "range", id, class: "descent-range", name: "frame", "aria-label": "Step shown", min: 0, step: 1,
    ...KEEPS_ITS_KEYS,
  });
  const stepText = htmlNode("span"), stepsText = htmlNode("span", { class: "descent-steps" });
  const output = htmlNode("output", { for: id, class: "descent-value descent-step", "aria-live": "off" },
    stepText, stepsText);
  const again = htmlNode("button", { type: "button", class: "descent-button descent-reset", ...KEEPS_ITS_KEYS }, "Reset");
  play.addEventListener("click", toggle);
  input.addEventListener("input", () => scrub(Number(input.value)));
  again.addEventListener("click", reset);
  const node = htmlNode("div", { class: "descent-transport" }, play, input, output, again);

  function show(step, steps) {
    if (input.max !== String(steps)) input.max = steps;
    if (input.value !== String(step)) input.value = step;
    input.setAttribute("aria-valuetext", `step ${step} of ${steps}`);
    setText(stepText, `step ${step}`);
    setText(stepsText, ` of ${steps}`);
  }

  function showPlaying(playing) {
    play.setAttribute("aria-pressed", String(playing));
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    icon.setAttribute("d", playing ? PAUSE_SHAPE : PLAY_SHAPE);
  }
  return { node, show, showPlaying };
}
