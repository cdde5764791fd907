/**
 * Numbers as the Python library writes them, so that an export of the browser has the same bytes.
 *
 * Guarantees: the same text as Python's `repr`, `round`, `format(x, ".1f")` and `format(x, "g")` for every finite number,
 * ties to even among them (`round` and `.1f`: below 1e21). A whole number within 53 bits counts as an integer, as it does once a record was read from its
 * canonical JSON. No I/O.
 */

/** More decimals than any tie between two short numbers has; what an engine gives at most. */
const EXACT_DECIMALS = 100;
/** Significant digits of `%g`. */
const GENERAL_DIGITS = 6;
/** Where `%g` begins to write an exponent below one; above, it is from as many digits as it has. */
const GENERAL_LEAST = -4;
/** From this power of ten on Python writes a decimal number with an exponent. */
const REPR_MOST = 16;

/** Return `value` as JSON of Python: integers plain, decimals as `repr`. */
export function plainNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value + 0) : decimalNumber(value);
}

/** Return `value` as Python's `repr` of a float: 465.0, 1e-05, 1e+16. */
export function decimalNumber(value: number): string {
  const [mantissa = "0", power = "0"] = Math.abs(value).toExponential().split("e");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const exponent = Number(power);
  if (exponent < GENERAL_LEAST || exponent >= REPR_MOST) return `${sign}${mantissa}${powerOf(exponent)}`;
  const text = placed(mantissa.replace(".", ""), exponent);
  return sign + (text.includes(".") ? text : `${text}.0`);
}

/** Return `value` with `decimals` decimals, ties to even, as `format(value, ".1f")`. */
export function fixed(value: number, decimals: number): string {
  const size = Math.abs(value);
  const text = evened(size.toFixed(EXACT_DECIMALS), size.toFixed(decimals));
  return value < 0 || Object.is(value, -0) ? `-${text}` : text;
}

/** Return `value` rounded to `decimals` decimals, ties to even, as Python's `round`. */
export function rounded(value: number, decimals: number): number {
  return Number(fixed(value, decimals));
}

/** Return `value` with six significant digits and no idle zeros, as `format(value, "g")`. */
export function general(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const size = Math.abs(value);
  const [mantissa = "", power = "0"] = evenedGeneral(size).split("e");
  const digits = mantissa.replace(".", "").replace(/0+$/u, "");
  const exponent = Number(power);
  const sign = value < 0 ? "-" : "";
  if (exponent >= GENERAL_LEAST && exponent < GENERAL_DIGITS) return sign + placed(digits, exponent);
  const rest = digits.slice(1);
  return `${sign}${digits.slice(0, 1)}${rest === "" ? "" : `.${rest}`}${powerOf(exponent)}`;
}

/** Return a count with commas between the thousands. */
export function counted(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/gu, ",");
}

/** Return the number of `digits`, the first of them at `exponent`. */
function placed(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = digits.slice(exponent + 1);
  return rest === "" ? whole : `${whole}.${rest}`;
}

function powerOf(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Return `upward`, in which the engine rounded a tie up, or the even one below it: `exact` says which it was. */
function evened(exact: string, upward: string): string {
  const decimals = upward.includes(".") ? upward.length - upward.indexOf(".") - 1 : 0;
  const point = exact.indexOf(".");
  const below = exact.slice(0, decimals === 0 ? point : point + 1 + decimals);
  const rest = exact.slice(point + 1 + decimals);
  const even = Number(below.at(-1)) % 2 === 0;
  return /^50*$/u.test(rest) && even ? below : upward;
}

/** Return `size` as d.ddddde±x, ties to even. */
function evenedGeneral(size: number): string {
  const upward = size.toExponential(GENERAL_DIGITS - 1);
  const [exact = "", power = "0"] = size.toExponential(EXACT_DECIMALS).split("e");
  const below = exact.slice(0, GENERAL_DIGITS + 1);
  const tie = /^50*$/u.test(exact.slice(GENERAL_DIGITS + 1)) && Number(below.at(-1)) % 2 === 0;
  return tie ? `${below}e${power}` : upward;
}
