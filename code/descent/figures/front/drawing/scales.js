// Turns values into pixels and slider places, and back, and chooses where an axis puts its ticks.
import { powerOfTen, readableNumber, withoutNoise } from "../model/numbers.js";

export function makeScale([low, high], [from, to], logarithmic = false) {
  const bend = logarithmic ? Math.log10 : (value) => value;
  const slope = (to - from) / (bend(high) - bend(low));
  const offset = from - slope * bend(low);
  return {
    low, high, logarithmic,
    toPixel: (value) => offset + slope * bend(value),
    toValue: (pixel) => (logarithmic ? 10 ** ((pixel - offset) / slope) : (pixel - offset) / slope),
  };
}

// Ticks as { value, text }, about `count` of them.
export function chooseTicks(scale, count) {
  return scale.logarithmic ? logarithmicTicks(scale, count) : linearTicks(scale, count);
}

function linearTicks({ low, high }, count) {
  const step = roundStep((high - low) / count);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    const value = withoutNoise(k * step);
    ticks.push({ value, text: readableNumber(value, 6) });
  }
  return ticks;
}

// The 1, 2 or 5 times a power of ten nearest above.
function roundStep(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9));
}

function logarithmicTicks({ low, high }, count) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first < 2) return fineLogarithmicTicks(low, high);
  const stride = Math.ceil((last - first + 1) / count);
  const ticks = [];
  for (let exponent = stride * Math.ceil(first / stride); exponent <= last; exponent += stride) {
    const value = 10 ** exponent;
    ticks.push({ value, text: first < -3 || last > 4 ? powerOfTen(exponent) : readableNumber(value) });
  }
  return ticks;
}

function fineLogarithmicTicks(low, high) {
  const ticks = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++) {
    for (const factor of [1, 2, 5]) {
      const value = withoutNoise(factor * 10 ** exponent);
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push({ value, text: readableNumber(value) });
    }
  }
  return ticks;
}

// The span of a loss axis: moved out to 1, 2 or 5 times a power of ten, so that it stays put while a slider moves a little.
// `floor` is how far below the start it may reach, as a share of it.
export function lossSpan(lists, floor = BOTTOM_BELOW_START) {
  let least = Infinity, most = -Infinity, first = -Infinity, negative = false;
  for (const losses of lists) {
    if (Number.isFinite(losses[0])) first = Math.max(first, losses[0]);
    for (let k = 0; k < losses.length; k++) {
      const loss = losses[k];
      if (!Number.isFinite(loss)) continue;
      if (loss < 0) negative = true;
      if (loss > most) most = loss;
      // Zero has no place on a logarithmic axis: such a curve leaves through the bottom.
      if (loss < least && loss !== 0) least = loss;
    }
  }
  if (most === -Infinity) return { low: 0, high: 1, logarithmic: false };
  if (first === -Infinity) first = most;
  if (negative || first <= 0 || least === Infinity) return linearSpan(Math.min(least, 0), most, first);
  return logarithmicSpan(Math.min(least, first), most, first, floor);
}

// A diverging run must not flatten the others, and a run that reaches 1e-200 must not either.
const TOP_ABOVE_START = 100;
const BOTTOM_BELOW_START = 1e-12;

// Below the one, powers of ten lose their digits; beyond the other, differences are infinite.
const LEAST_NORMAL = 1e-300, GREATEST = 1e300;

function logarithmicSpan(least, most, first, floor) {
  const high = roundStep(Math.max(Math.min(most, first * TOP_ABOVE_START), 10 * LEAST_NORMAL));
  const low = roundDown(Math.max(least, first * floor, LEAST_NORMAL));
  return { low: low < high ? low : high / 10, high, logarithmic: true };
}

const ROOM = 0.04;               // at least so much of the way from tick to tick stays free

// The span of an axis of plain values; beyond `limits` it does not go, whatever a diverging run does.
export function valueSpan(lists, limits = [-Infinity, Infinity]) {
  let least = Infinity, most = -Infinity;
  for (const values of lists) {
    for (let k = 0; k < values.length; k++) {
      if (!Number.isFinite(values[k])) continue;
      least = Math.min(least, Math.max(limits[0], Math.min(limits[1], values[k])));
      most = Math.max(most, Math.max(limits[0], Math.min(limits[1], values[k])));
    }
  }
  if (most === -Infinity) return { low: 0, high: 1, logarithmic: false };
  const step = roundStep([(most - least) / 4, Math.abs(most)].find((size) => size > LEAST_NORMAL) ?? 1);
  // A line along the area would be hard to see; only 0 may lie there.
  let low = step * Math.floor(least / step - ROOM), high = step * Math.ceil(most / step + ROOM);
  if (least >= 0) low = Math.max(low, 0);
  if (most <= 0) high = Math.min(high, 0);
  return { low, high: low < high ? high : low + step, logarithmic: false };
}

function linearSpan(least, most, first) {
  const top = Math.min(most, first + TOP_ABOVE_START * Math.abs(first), GREATEST);
  const bottom = Math.max(least, -GREATEST);
  const step = roundStep(top - bottom > LEAST_NORMAL ? (top - bottom) / 4 : 1);
  return { low: step * Math.floor(bottom / step), high: step * Math.ceil(top / step) || step, logarithmic: false };
}

// The 1, 2 or 5 times a power of ten nearest below.
function roundDown(value) {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return power * [5, 2, 1].find((factor) => factor * power <= value * (1 + 1e-9));
}

// A slider's places run from 0 up; how a place becomes a value depends on the scale: even steps in the value, in its
// logarithm, or (for a decay such as beta) in the logarithm of its complement to 1; or the whole numbers.
const SLIDER_PLACES = 200;

export function sliderScale({ scale, min, max, name }) {
  const bends = {
    linear: [(value) => value, (place) => place],
    whole: [(value) => value, (place) => place],
    log: [Math.log10, (place) => 10 ** place],
    complement: [(value) => -Math.log10(1 - value), (place) => 1 - 10 ** -place],
  };
  if (!(scale in bends)) {
    throw new Error(`The slider "${name}" has the scale "${scale}"; the page knows ${Object.keys(bends).join(", ")}.`);
  }
  const [bend, unbend] = bends[scale];
  const low = bend(min), high = bend(max);
  const isBroken = scale === "whole" && !Number.isInteger(max - min);
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high || isBroken) {
    throw new Error(`The slider "${name}" cannot run from ${min} to ${max} on a ${scale} scale.`);
  }
  const places = scale === "whole" ? max - min : SLIDER_PLACES;
  const toPlace = (value) => places * Math.min(1, Math.max(0, (bend(value) - low) / (high - low)));
  const toValue = (place) => {
    if (place <= 0) return min;
    if (place >= places) return max;
    return shortValue(unbend(low + (high - low) * place / places), scale, (max - min) / places);
  };
  // Rounding must not cost a mark at the very end of the slider its place.
  const reaches = (value) => value >= min - 1e-12 * Math.abs(min) && value <= max + 1e-12 * Math.abs(max);
  return { places, toPlace, toValue, reaches };
}

// As few digits as still tell neighbouring places apart.
function shortValue(value, scale, step) {
  if (scale === "whole") return Math.round(value);
  if (scale === "log") return Number(value.toPrecision(3));
  if (scale === "complement") return withoutNoise(1 - Number((1 - value).toPrecision(3)));
  return Number(value.toFixed(Math.max(0, Math.ceil(1 - Math.log10(step)))));
}
