import { decodeText, encodeText } from "./texts.js";

// A link that carries the state of a figure: what differs from the author's setting, in words one can read and change.

// #figure-name?frame=30&start=-8,1.5&lr.1=0.2&condition=40 : settings have the number of their rule behind the dot.
// A text that was changed goes along: text.rule-1=… (encodeText).
export function writeLink(place, { settings, parameters, start, frame }, origin, texts = {}) {
  const parts = Object.entries(texts ?? {}).map(([target, text]) => [`text.${target.replace(" ", "-")}`, encodeText(text)]);
  if (frame !== origin.frame) parts.push(["frame", frame]);
  if (start.some((value, c) => value !== origin.start[c])) parts.push(["start", start.join(",")]);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== origin.parameters[name]) parts.push([name, value]);
  }
  settings.forEach((values, k) => {
    for (const [name, value] of Object.entries(values)) {
      if (value !== origin.settings[k][name]) parts.push([`${name}.${k + 1}`, value]);
    }
  });
  return `#${place}${parts.length > 0 ? "?" : ""}${parts.map((part) => part.join("=")).join("&")}`;
}

// The state that a link names, or null when it is not for this figure. What is no number, or out of range, is left out.
export function readLink(hash, place, { rules, problem, shared, steps, origin }) {
  const [name, query = ""] = decodeURIComponent(hash).slice(1).split("?");
  if (name !== place || query === "") return null;
  const state = structuredClone(origin);
  for (const part of query.split("&")) {
    const [key, text = ""] = part.split("=");
    const numbers = text.split(",").map(Number);
    if (text === "" || !numbers.every(Number.isFinite)) continue;
    const [, setting, number] = key.match(/^(\w+)\.(\d+)$/) ?? [];
    if (key === "frame") state.frame = Math.max(0, Math.min(steps, Math.round(numbers[0])));
    else if (key === "start" && numbers.length === origin.start.length) state.start = numbers.map((value, c) => within(value, problem.view?.[c]));
    else if (key in origin.parameters) state.parameters[key] = within(numbers[0], rangeOf(problem.sliders, key));
    else if (setting && setting in (origin.settings[number - 1] ?? {})) {
      const range = rangeOf(rules[number - 1].sliders, setting) ?? sharedRange(shared, number - 1, setting);
      state.settings[number - 1][setting] = within(numbers[0], range);
    }
  }
  return state;
}

// Pairs of a target ("rule 1") and its text.
export function readTexts(hash, place) {
  const [name, query = ""] = decodeURIComponent(hash).slice(1).split("?");
  if (name !== place) return [];
  return query.split("&").map((part) => part.match(/^text\.(\w+)-(\d+)=([\w-]+)$/)).filter(Boolean)
    .map(([, kind, number, letters]) => [`${kind} ${number}`, decodeText(letters)]).filter(([, text]) => text !== null);
}

function rangeOf(sliders, name) {
  const slider = sliders.find((candidate) => candidate.name === name);
  return slider && [slider.min, slider.max];
}

function sharedRange(shared, rule, name) {
  const slider = shared.find(({ targets }) => targets.some(([k, target]) => k === rule && target === name));
  return slider && [slider.min, slider.max];
}

function within(value, range) {
  return range ? Math.max(range[0], Math.min(range[1], value)) : value;
}
