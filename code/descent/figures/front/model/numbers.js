// Writes numbers the way a book prints them: few digits, a true minus sign, powers of ten as powers.

const SUPERSCRIPT_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
// Between no-break spaces: a number must not fall apart at the end of a line.
const TIMES = "\u00a0×\u00a0";

export function powerOfTen(exponent) {
  return "10" + [...String(exponent)].map((character) => SUPERSCRIPT_DIGITS[character] ?? "⁻").join("");
}

// Three significant digits, for a number that is read and not computed with.
export function readableNumber(value, digits = 3) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : "minus infinity";
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return trueMinus(String(Number(value.toPrecision(digits))));
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${trueMinus(String(Number(mantissa)))}${TIMES}${powerOfTen(Number(exponent))}`;
}

// A setting is shown with the digits that a person would write: all of them if they are few, else three; of a decay
// rate near 1 what is left to 1 counts.
export function exactNumber(value) {
  const few = Number(value.toPrecision(4));
  const short = few === value ? few : value > 0.9 && value < 1 ? withoutNoise(1 - Number((1 - value).toPrecision(2))) : Number(value.toPrecision(3));
  const plain = String(short);
  if (!plain.includes("e")) return trueMinus(plain);
  const [mantissa, exponent] = plain.split("e");
  const power = powerOfTen(Number(exponent));
  return mantissa === "1" ? power : `${trueMinus(mantissa)}${TIMES}${power}`;
}

// Some sliders choose from a list: their value is the place in it.
export function settingText({ choices }, value) {
  return choices ? choices[value] : exactNumber(value);
}

export function readablePoint(point) {
  return `(${point.map((value) => readableNumber(value)).join(", ")})`;
}

// Floating-point noise such as 0.30000000000000004 is cut, the number itself is kept.
export function withoutNoise(value) {
  return Number(value.toPrecision(12));
}

function trueMinus(text) {
  return text.replace("-", "−");
}
