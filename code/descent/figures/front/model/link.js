import { decodeText, encodeText } from "./texts.js";

// A link that carries the state of a figure: what differs from the author's setting, in words one can read and change.
// #figure-name?frame=30&start=-8,1.5&lr.1=0.2&condition=40 : a setting has the number of its rule behind the dot, and
// without a number it is that of every rule.

// The one reader of the address: { place, settings }, a Map of texts by name, or none in a link to a place alone. Null for
// what cannot be read. It never throws, whatever stands there.
export function readHash(hash) {
  let text;
  try {
    text = decodeURIComponent(hash);
  } catch {
    return null;
  }
  if (!text.startsWith("#")) return null;
  const at = text.indexOf("?");
  const place = text.slice(1, at < 0 ? undefined : at);
  const settings = at < 0 ? null : new Map();
  for (const part of at < 0 ? [] : text.slice(at + 1).split("&")) {
    const equals = part.indexOf("=");
    if (part !== "") settings.set(equals < 0 ? part : part.slice(0, equals), equals < 0 ? "" : part.slice(equals + 1));
  }
  return { place, settings };
}

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

// The state that a link names, on top of the author's, or null when the link is not for this figure. `ignored` are its
// parts whose name means nothing here, or whose value is no number; a value beyond its slider goes to the slider's end.
export function readLink(hash, place, figure) {
  const link = readHash(hash);
  if (!link || link.place !== place || !link.settings?.size) return null;
  const state = JSON.parse(JSON.stringify(figure.origin));
  const isText = (name, letters) => TEXT_NAME.test(name) && decodeText(letters) !== null;
  const ignored = [...link.settings].filter(([name, text]) => !isText(name, text) && !follow(state, name, text, figure))
    .map((part) => shortened(part.join("=")));
  return { state, ignored };
}

const MOST_SAID = 40; // letters of what a link has and the figure has not

function shortened(text) {
  return text.length > MOST_SAID ? `${text.slice(0, MOST_SAID)}…` : text;
}

const TEXT_NAME = /^text\.(\w+)-(\d+)$/;

// Pairs of a target ("rule 1") and its text.
export function readTexts(hash, place) {
  const link = readHash(hash);
  if (!link || link.place !== place) return [];
  return [...(link.settings ?? [])].map(([name, letters]) => [name.match(TEXT_NAME), decodeText(letters)])
    .filter(([name, text]) => name && text !== null).map(([[, kind, number], text]) => [`${kind} ${number}`, text]);
}

// Puts one setting of a link into the state; false when it means nothing.
function follow(state, name, text, { rules, problem, shared, steps, hasMap }) {
  if (name === "frame") {
    const frame = readNumber(text);
    if (frame !== null) state.frame = within(Math.round(frame), [0, steps]);
    return frame !== null;
  }
  if (name === "start") {
    const start = text.split(",").map(readNumber);
    const isPoint = start.length === state.start.length && !start.includes(null);
    if (isPoint) state.start = start.map((value, c) => within(value, problem.view?.[c] ?? problem.domain));
    return isPoint;
  }
  if (name === "anatomy" && hasMap) {
    state.anatomy = text !== "0";
    return true;
  }
  const slider = problem.sliders.find((candidate) => candidate.name === name);
  if (slider) {
    const value = readValue(text, slider);
    if (value !== null) state.parameters[name] = value;
    return value !== null;
  }
  return followSetting(state, name, text, rules, shared);
}

function followSetting(state, name, text, rules, shared) {
  const [, setting, number] = name.match(/^(.+?)(?:\.(\d+))?$/) ?? [];
  let found = false;
  rules.forEach((rule, k) => {
    if (number !== undefined && Number(number) !== k + 1) return;
    const slider = rule.sliders.find((candidate) => candidate.name === setting)
      ?? shared.find(({ targets }) => targets.some(([i, target]) => i === k && target === setting));
    const value = slider ? readValue(text, slider) : null;
    if (value === null) return;
    state.settings[k][setting] = value;
    found = true;
  });
  return found;
}

// A value of a slider: a number, a fraction, or one of the words it chooses from.
function readValue(text, { min, max, scale, choices }) {
  const chosen = choices ? choices.indexOf(text) : -1;
  const value = chosen >= 0 ? chosen : readNumber(text);
  if (value === null) return null;
  return within(scale === "whole" ? Math.round(value) : value, [min, max]);
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

// As a person writes it: 0.1, 1e-3, 4/9.
function readNumber(text) {
  const [top, bottom = "1", ...more] = text.trim().replace("−", "-").split("/");
  if (more.length > 0 || !NUMBER.test(top) || !NUMBER.test(bottom)) return null;
  const value = Number(top) / Number(bottom);
  return Number.isFinite(value) ? value : null;
}

function within(value, range) {
  return range ? Math.max(range[0], Math.min(range[1], value)) : value;
}
