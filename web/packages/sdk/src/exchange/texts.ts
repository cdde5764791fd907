/**
 * Texts as Python treats them, where JavaScript does otherwise: blanks, small letters, digits of other scripts.
 *
 * Guarantees: the same result as Python's `str.strip`, `repr`, `isprintable` and `html.escape`, as far as both know the
 * same version of Unicode; names that `casefold` holds for one are one here too. No I/O.
 */

/** What Python's `str.strip` and `\s` count as blank; JavaScript leaves out some and adds U+FEFF. */
export const BLANK = "\\t-\\r\\u001c- \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ENDS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "gu");
const ALL_BLANK = new RegExp(`^[${BLANK}]*$`, "u");
const RISKY = /[&<>"']/gu;
const ESCAPED: Readonly<{ [sign: string]: string }> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/gu;
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
/** Where the last digits of Unicode stand (plane 1). */
const LAST_DIGIT = 0x1ffff;
let digits: Map<string, string> | undefined;

/** Return `text` without the blanks at its ends. */
export function stripped(text: string): string {
  return text.replace(ENDS, "");
}

/** Return whether nothing but blanks stands in `text`. */
export function isBlank(text: string): boolean {
  return ALL_BLANK.test(text);
}

/** Return `text` for a page: nothing in it is markup. */
export function escaped(text: string): string {
  return text.replace(RISKY, (sign) => ESCAPED[sign] ?? sign);
}

/** Return a name of ours with its first letter large and all others small. */
export function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
}

/** Return `text` for comparing names, whatever their letters' size: ß is ss. */
export function folded(text: string): string {
  // Up and down again makes one of letters that differ in size only; the dotless i would become another letter.
  const fold = (part: string) => part.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
  return text.split("ı").map(fold).join("ı");
}

/** Return `text` with the digits of other scripts as 0 to 9. */
export function plainDigits(text: string): string {
  return text.replace(OTHER_DIGIT, (sign) => digitsOfAll().get(sign) ?? sign);
}

/** Return the first `count` characters of `text`; a pair of surrogates is one. */
export function beginning(text: string, count: number): string {
  return text.length <= count ? text : Array.from(text.slice(0, 2 * count)).slice(0, count).join("");
}

/** Return what of `text` can be printed. */
export function printable(text: string): string {
  return text.replace(HIDDEN, (sign) => (sign === " " ? sign : ""));
}

/** Return `text` in quotation marks, as Python's `repr`. */
export function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const plain = text.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`);
  return mark + plain.replace(HIDDEN, coded) + mark;
}

function coded(sign: string): string {
  if (sign === " ") return sign;
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[sign];
  if (short !== undefined) return short;
  const code = sign.codePointAt(0) ?? 0;
  const [mark, length] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
  return `\\${mark}${code.toString(16).padStart(length, "0")}`;
}

/** Return every digit of another script with what it counts: they stand in rows of ten. */
function digitsOfAll(): Map<string, string> {
  if (digits !== undefined) return digits;
  const found: string[] = [];
  for (let code = 0; code <= LAST_DIGIT; code++) {
    const sign = String.fromCodePoint(code);
    if (/\p{Nd}/u.test(sign)) found.push(sign);
  }
  digits = new Map(found.map((sign, place) => [sign, String(place % 10)]));
  return digits;
}
