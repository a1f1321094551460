// The address of the page Playground with this figure's rules and loss in it, each in a text that stands for itself.
import { encodeText } from "../model/texts.js";

const PLAYGROUND = "figure-playground";

// Null where there is no such page: in Jupyter, and on the page itself.
export function playgroundAddress(state, place) {
  if (!place || place === PLAYGROUND) return null;
  const rules = state.rules.map((rule, k) => rule.text && withNumbers(rule.text, { ...rule.fixed, ...state.settings[k] })).filter(Boolean);
  const parts = rules.map((text, k) => [`text.add-${k + 1}`, encodeText(text)]);
  const loss = standingAlone(state.problem, state.parameters);
  if (loss) parts.push(["text.surface-1", encodeText(loss)], ["start", state.start.join(",")]);
  return `${new URL("playground.html", location.href).href.split("#")[0]}#${PLAYGROUND}?${parts.map((part) => part.join("=")).join("&")}`;
}

// The text with these numbers as the defaults of its first line.
function withNumbers(text, values) {
  const end = text.indexOf("):");
  const first = text.slice(0, end).replace(/(\w+)\s*=\s*[-+\d.e]+(?=\s*(?:,|$))/gu, (all, name) => (typeof values[name] === "number" ? `${name}=${values[name]}` : all));
  return first + text.slice(end);
}

// The loss with the numbers that it reads of itself; null where it needs more than numbers.
function standingAlone({ text, labels, view, attributes = {}, methods = {} }, parameters) {
  if (!text || !view || labels.join() !== "x,y" || Object.keys(methods).length > 0) return null;
  const values = { ...attributes, ...parameters };
  if ([...text.matchAll(/self\.(\w+)/g)].some(([, name]) => !Object.hasOwn(values, name))) return null;
  const written = (value) => (Array.isArray(value) ? `(${value.map(written).join(", ")},)` : String(value));
  const alone = text.replace(/self\.(\w+)/g, (_, name) => written(values[name]));
  if (/^#\s*seen from/m.test(alone)) return alone;
  return `# seen from ${labels.map((label, c) => `${label} = ${view[c][0]} to ${view[c][1]}`).join(", ")}\n${alone}`;
}
