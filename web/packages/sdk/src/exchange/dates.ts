/**
 * Days and times by a format, or as ISO 8601 writes them. Twin of what Python's `datetime.strptime` (in the C locale) and
 * `datetime.fromisoformat` (3.11) read.
 *
 * Guarantees: the same moment as Python, or null where it refuses the text; a format that Python does not read is refused.
 * Does not: read the week directives `%U %W %G %V`, which are refused here; the command line reads them; take a stray sign
 * before an offset (`10:30:00x+02:00`), as CPython does. No I/O.
 */

import { rounded } from "@mindhaven/kinds/numerals";

import { wallOf, wallToMs, type Day } from "./moments.ts";
import { MONTHS, dayOf } from "./reading.ts";
import { BLANK, isBlank, plainDigits } from "./texts.ts";

/** A moment that a text says: `seconds` of the clock as if it were UTC, and how far that is from UTC, if it says so. */
export interface Moment {
  readonly day: Day;
  readonly seconds: number;
  readonly micro: number;
  readonly offsetMicro: number | null;
}

const MICRO = 1_000_000;
const DAY_MS = 86_400_000;
const FRACTION_DIGITS = 6;
/** An offset is less than a day. */
const MOST_OFFSET_MICRO = 86_400 * MICRO;
/** Two digits of a year up to here are of this century, as POSIX says. */
const PIVOT = 68;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const FULL_WEEKDAYS = "wednesday|thursday|saturday|tuesday|monday|friday|sunday";
const FULL_MONTHS = "september|february|november|december|january|october|august|march|april|june|july|may";
const DIRECTIVES: Readonly<{ [name: string]: string }> = {
  a: WEEKDAYS.join("|"),
  A: FULL_WEEKDAYS,
  b: MONTHS.join("|"),
  B: FULL_MONTHS,
  d: "3[0-1]|[1-2]\\d|0[1-9]|[1-9]| [1-9]",
  f: "[0-9]{1,6}",
  H: "2[0-3]|[0-1]\\d|\\d",
  I: "1[0-2]|0[1-9]|[1-9]",
  j: "36[0-6]|3[0-5]\\d|[1-2]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]",
  m: "1[0-2]|0[1-9]|[1-9]",
  M: "[0-5]\\d|\\d",
  p: "am|pm",
  S: "6[0-1]|[0-5]\\d|\\d",
  u: "[1-7]",
  w: "[0-6]",
  y: "\\d\\d",
  Y: "\\d\\d\\d\\d",
  z: "[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z",
  Z: "utc|gmt",
};
/** What these stand for in the C locale. */
const TOGETHER: Readonly<{ [name: string]: string }> = {
  c: "%a %b %d %H:%M:%S %Y",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

/** A part of a format: blanks, a directive, or a sign that stands for itself. */
const PART = new RegExp(`[${BLANK}]+|%[^]?|[^]`, "gu");

/** Return what reads texts of a format of strptime; null for a format that it does not know. */
export function patternOf(format: string): RegExp | null {
  const used = new Set<string>();
  const whole = format.replace(/%([cxX])/gu, (_, name: string) => TOGETHER[name] ?? "");
  let source = "";
  for (const [part] of whole.matchAll(PART)) {
    const name = part.slice(1);
    if (isBlank(part)) source += `[${BLANK}]+`;
    else if (!part.startsWith("%")) source += part.replace(/[\\.^$*+?(){}[\]|/]/u, "\\$&");
    else if (name === "%") source += "%";
    else if (!Object.hasOwn(DIRECTIVES, name) || used.has(name)) return null;
    else source += `(?<${name}>${DIRECTIVES[name] ?? ""})`;
    if (part.startsWith("%") && name !== "%") used.add(name);
  }
  return new RegExp(source, "iuy");
}

/** Return the moment that `text` says in a format; null if it does not fit. */
export function momentBy(pattern: RegExp, text: string): Moment | null {
  const plain = plainDigits(text);
  pattern.lastIndex = 0;
  const found = pattern.exec(plain);
  if (found?.[0].length !== plain.length) return null;
  const held: Readonly<{ [name: string]: string | undefined }> = found.groups ?? {};
  const day = dayIn(held);
  const offset = offsetIn(held["z"]);
  const second = Number(held["S"] ?? 0);
  if (day === null || offset === "wrong" || second > 59) return null;
  const micro = Number((held["f"] ?? "").padEnd(FRACTION_DIGITS, "0"));
  return momentOf(day, [hourIn(held), Number(held["M"] ?? 0), second], micro, offset);
}

function dayIn(held: Readonly<{ [name: string]: string | undefined }>): Day | null {
  const { y, Y, m, b, B, d, j } = held;
  let year = Y === undefined ? 1900 : Number(Y);
  if (Y === undefined && y !== undefined) year = Number(y) + (Number(y) <= PIVOT ? 2000 : 1900);
  if (j !== undefined) return daysAfter(dayOf(year, 1, 1), Number(j) - 1);
  const named = (b ?? B)?.slice(0, 3).toLowerCase();
  const month = named === undefined ? Number(m ?? 1) : MONTHS.indexOf(named) + 1;
  return dayOf(year, month, Number(d ?? 1));
}

function hourIn({ H, I, p }: Readonly<{ [name: string]: string | undefined }>): number {
  if (I === undefined) return Number(H ?? 0);
  return (Number(I) % 12) + (p?.toLowerCase() === "pm" ? 12 : 0);
}

function offsetIn(text: string | undefined): number | null | "wrong" {
  if (text === undefined) return null;
  if (text === "Z") return 0;
  const found = /^([+-])(\d\d)(:?)(\d\d)(?:(:?)(\d\d)(?:\.(\d+))?)?$/u.exec(text);
  if (found === null) return "wrong";
  const [, sign, hours, first, minutes, second = first, seconds = "0", fraction = ""] = found;
  if (first !== second) return "wrong";
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * MICRO;
  const whole = size + Number(fraction.padEnd(FRACTION_DIGITS, "0"));
  return whole < MOST_OFFSET_MICRO ? (sign === "-" ? -whole : whole) : "wrong";
}

/** Return the moment that `text` says in ISO 8601, as widely as Python 3.11 takes it; null if it says none. */
export function isoMoment(text: string): Moment | null {
  const split = splitOf(text);
  const day = split === null ? null : isoDay(text.slice(0, split));
  if (split === null || day === null) return null;
  const rest = Array.from(text.slice(split)).slice(1).join(""); // any one sign stands between
  if (text.length === split) return momentOf(day, [0, 0, 0], 0, null);
  const found = /^([^+\-Z]*)(?:(Z)|([+-])(.*))?$/su.exec(rest);
  const time = found === null ? null : isoTime(found[1] ?? "");
  if (time === null) return null;
  if (found?.[2] === "Z") return momentOf(day, time.parts, time.micro, 0);
  if (found?.[3] === undefined) return momentOf(day, time.parts, time.micro, null);
  const offset = isoTime(found[4] ?? "", true);
  if (offset === null) return null;
  const [hours, minutes, seconds] = offset.parts;
  const whole = (hours * 3600 + minutes * 60 + seconds) * MICRO;
  const size = whole === 0 ? 0 : whole + offset.micro; // less than a second alone is no offset in Python
  if (size >= MOST_OFFSET_MICRO) return null;
  return momentOf(day, time.parts, time.micro, found[3] === "-" ? -size : size);
}

/** Return where the day ends, as Python finds it; null for a text that is too short. */
function splitOf(text: string): number | null {
  if (text.length < 7) return null;
  if (text.length === 7) return 7;
  if (text[4] === "-") {
    if (text[5] !== "W") return 10;
    if (text[8] !== "-") return 8;
    if (text.length === 9) return null;
    return /\d/u.test(text[10] ?? "") ? 8 : 10;
  }
  if (text[4] !== "W") return 8;
  const digits = /^\d*/u.exec(text.slice(7))?.[0].length ?? 0;
  const end = 7 + digits;
  if (end < 9) return end;
  return end % 2 === 0 ? 7 : 8;
}

function isoDay(text: string): Day | null {
  const week = /^(\d{4})(?:-W(\d\d)(?:-(\d))?|W(\d\d)(\d)?)$/u.exec(text);
  if (week !== null) return weekDay(Number(week[1]), Number(week[2] ?? week[4]), Number(week[3] ?? week[5] ?? 1));
  const found = /^(\d{4})(?:-(\d\d)-(\d\d)|(\d\d)(\d\d))$/u.exec(text);
  return found === null ? null : dayOf(Number(found[1]), Number(found[2] ?? found[4]), Number(found[3] ?? found[5]));
}

function weekDay(year: number, week: number, day: number): Day | null {
  const fourth = dayOf(year, 1, 4); // always in the first week
  if (fourth === null || week < 1 || day < 1 || day > 7) return null;
  const weekday = (new Date(wallOf(fourth)).getUTCDay() + 6) % 7;
  const found = daysAfter(fourth, (week - 1) * 7 + day - 1 - weekday);
  const thursday = daysAfter(fourth, (week - 1) * 7 + 3 - weekday);
  return thursday?.year === year ? found : null;
}

function isoTime(
  text: string,
  exact = false,
): { readonly parts: readonly [number, number, number]; readonly micro: number } | null {
  const found = /^(\d\d)(?:(:?)(\d\d)(?:\2(\d\d))?)?(?:[.,](\d+))?$/u.exec(text);
  if (found === null) return null;
  const parts = [Number(found[1]), Number(found[3] ?? 0), Number(found[4] ?? 0)] as const;
  const micro = Number((found[5] ?? "").slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, "0"));
  if (!exact && (parts[0] > 23 || parts[1] > 59 || parts[2] > 59)) return null;
  return { parts, micro };
}

function momentOf(
  day: Day,
  [hour, minute, second]: readonly [number, number, number],
  micro: number,
  offsetMicro: number | null,
): Moment {
  return { day, seconds: wallOf(day) / 1000 + hour * 3600 + minute * 60 + second, micro, offsetMicro };
}

/** Return unix milliseconds of a moment; `zone`: where it was, if it does not say. Throws as `wallToMs`. */
export function momentMs({ seconds, micro, offsetMicro }: Moment, zone: string): number {
  const utc = offsetMicro === null ? wallToMs(seconds * 1000, zone) * 1000 : seconds * MICRO - offsetMicro;
  return rounded(((utc + micro) / MICRO) * 1000, 0) + 0;
}

function daysAfter(day: Day | null, days: number): Day | null {
  if (day === null) return null;
  const date = new Date(wallOf(day) + days * DAY_MS);
  return dayOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
}
