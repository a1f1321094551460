// The address of the page Playground with this figure's rules and loss in it, each in a text that stands for itself.
import { encodeText } from "../model/texts.js";

const PLAYGROUND = "figure-playground";

// { address, label }; null where there is no such page (in Jupyter, and on the page itself), and where nothing could go along.
// The label says whether the figure goes along whole: a schedule, a rate a coordinate, noise, or a loss that is no function of
// x and y cannot.
export function playgroundLink(state, place) {
  if (!place || place === PLAYGROUND) return null;
  const withText = state.rules.map((rule, k) => ({ ...rule, values: { ...rule.fixed, ...state.settings[k] } })).filter(({ text }) => text);
  const isTold = ({ schedules = {}, values }) => Object.keys(schedules).length === 0 && !Object.values(values).some(Array.isArray);
  const texts = withText.filter(isTold).map(({ text, values }) => withDecays(withNumbers(text, values), values));
  if (texts.length === 0) return null;
  const parts = texts.map((text, k) => [`text.add-${k + 1}`, encodeText(text)]);
  const loss = standingAlone(state.problem, state.parameters, state.origin.parameters);
  if (loss) parts.push(["text.surface-1", encodeText(loss)], ["start", state.start.join(",")]);
  return {
    address: `${new URL("playground.html", location.href).href.split("#")[0]}#${PLAYGROUND}?${parts.map((part) => part.join("=")).join("&")}`,
    label: loss && withText.every(isTold) ? "Open in the playground" : "Take the rules to the playground",
  };
}

// What acts beside a rule's own text, as lines of it, and before the others: so does descent.optimizer.
function withDecays(text, { l2 = 0, weight_decay = 0 }) {
  const lines = [...(l2 ? [`    g = g + ${l2} * theta`] : []), ...(weight_decay ? [`    theta *= 1 - lr * ${weight_decay}`] : [])];
  const [first, ...others] = text.split("\n");
  return [first, ...lines, ...others].join("\n");
}

// The text with these numbers as the defaults of its first line.
function withNumbers(text, values) {
  const end = text.indexOf("):");
  const first = text.slice(0, end).replace(/(\w+)\s*=\s*[-+\d.e]+(?=\s*(?:,|$))/gu, (all, name) => (typeof values[name] === "number" ? `${name}=${values[name]}` : all));
  return first + text.slice(end);
}

// The loss with the numbers that it reads of itself; null where it needs more than numbers, or a slider has changed what the text does not read.
function standingAlone({ text, labels, view, attributes = {}, methods = {} }, parameters, first) {
  if (!text || !view || labels.join() !== "x,y" || Object.keys(methods).length > 0) return null;
  const values = { ...attributes, ...parameters };
  const read = new Set([...text.matchAll(/self\.(\w+)/g)].map(([, name]) => name));
  if ([...read].some((name) => !Object.hasOwn(values, name)) || Object.keys(parameters).some((name) => !read.has(name) && parameters[name] !== first[name])) return null;
  const written = (value) => (Array.isArray(value) ? `(${value.map(written).join(", ")},)` : String(value));
  const alone = text.replace(/self\.(\w+)/g, (_, name) => written(values[name]));
  if (/^#\s*seen from/m.test(alone)) return alone;
  return `# seen from ${labels.map((label, c) => `${label} = ${view[c][0]} to ${view[c][1]}`).join(", ")}\n${alone}`;
}
