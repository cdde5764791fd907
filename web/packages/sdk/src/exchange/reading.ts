/**
 * Days, times, numbers and notes as apps write them. Twin of `mindhaven.sdk.imports.text`.
 *
 * Guarantees: what a cell says, or null; never a guess of a date order or a time zone. No I/O.
 */

import { wallOf, type Clock, type Day } from "./moments.ts";
import entities from "./entities.json" with { type: "json" };
import { BLANK, plainDigits, stripped } from "./texts.ts";

export const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/u;
const TIME = new RegExp(`^(\\d{1,2})[:.](\\d{2})(?::\\d{2})?(?:[${BLANK}]*([ap])\\.?[${BLANK}]?m\\.?)?$`, "iu");
const NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/u;
/** Where a word of Python's ends: no letter, number or underscore of any script follows. */
const WORD_END = "(?![\\p{L}\\p{N}_])";
const BREAK = new RegExp(`<br[${BLANK}]*/?>|</(?:p|div|li|h[1-6])[${BLANK}]*>`, "giu");
const ITEM = new RegExp(`<li${WORD_END}[^<>]{0,200}>`, "giu");
const TAG = new RegExp(`</?(?:b|i|u|s|p|div|ul|ol|li|em|strong|span|font|h[1-6])${WORD_END}[^<>]{0,200}>`, "giu");
/** More digits than Python reads as a number: no sign has such a one, so the text stays as it is. */
const ENDLESS = /&#[0-9]{4301}/u;
const REFERENCE = /&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu;
const NAMED = new Map<string, string>(Object.entries(entities.named));
const REPLACED = new Map<string, string>(Object.entries(entities.replaced));
const DROPPED = new Set<number>(entities.dropped);
const LAST_SIGN = 0x10ffff;
const NO_SIGN = "\ufffd";

/** Return the day that numbers say; null for one that there is not. */
export function dayOf(year: number, month: number, day: number): Day | null {
  const found = { year, month, day };
  return Number.isNaN(wallOf(found)) ? null : found;
}

/** Return a day as 2026-03-09. */
export function isoDay({ year, month, day }: Day): string {
  return [String(year).padStart(4, "0"), twoDigits(month), twoDigits(day)].join("-");
}

/** Return a time as 20:35. */
export function isoClock({ hour, minute }: Clock): string {
  return `${twoDigits(hour)}:${twoDigits(minute)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Return the day that `text` writes as YYYY-MM-DD. */
export function day(text: string): Day | null {
  const found = DAY.exec(stripped(text));
  return found === null ? null : dayOf(Number(found[1]), Number(found[2]), Number(found[3]));
}

/** Return the time that `text` writes in 24 hours (`21:35`, `21.35`) or 12 (`9:35 pm`). */
export function clock(text: string): Clock | null {
  const found = TIME.exec(plainDigits(stripped(text.replace(/[\u202f\u00a0]/gu, " "))));
  if (found === null) return null;
  const half = found[3]?.toLowerCase();
  let hour = Number(found[1]);
  const minute = Number(found[2]);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === "p" ? 12 : 0);
  }
  return hour < 24 && minute < 60 ? { hour, minute } : null;
}

/** Return the finite number that `text` writes, with a point or one comma before the decimals. */
export function number(text: string): number | null {
  let plain = stripped(text).replaceAll("\u00a0", "");
  if (plain.split(",").length === 2 && !plain.includes(".")) plain = plain.replace(",", ".");
  plain = plainDigits(plain);
  return NUMBER.test(plain) ? Number(plain) + 0 : null;
}

/** Return a note as plain text: line breaks for `<br>` and blocks, known formatting tags off, entities read. */
export function prose(text: string): string {
  let plain = text;
  if (plain.includes("<")) plain = plain.replace(BREAK, "\n").replace(ITEM, "• ").replace(TAG, "");
  if (plain.includes("&") && !ENDLESS.test(plain)) plain = plain.replace(REFERENCE, (_, name: string) => sign(name));
  return stripped(plain);
}

/** Return the non-empty parts of a list cell, each once, in order. */
export function parts(text: string, separator = "|"): string[] {
  return [...new Set(text.split(separator).map(stripped).filter((part) => part !== ""))];
}

/** Return what an HTML reference means, as the standard reads it; itself if nothing. */
function sign(name: string): string {
  if (name.startsWith("#")) return numbered(name.replace(/;$/u, ""));
  const known = NAMED.get(name);
  if (known !== undefined) return known;
  const letters = Array.from(name);
  for (let length = letters.length - 1; length > 1; length--) {
    const shorter = NAMED.get(letters.slice(0, length).join(""));
    if (shorter !== undefined) return shorter + letters.slice(length).join("");
  }
  return `&${name}`;
}

function numbered(name: string): string {
  const code = /^#[xX]/u.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  const replaced = REPLACED.get(String(code));
  if (replaced !== undefined) return replaced;
  if ((code >= 0xd800 && code <= 0xdfff) || code > LAST_SIGN) return NO_SIGN;
  return DROPPED.has(code) ? "" : String.fromCodePoint(code);
}
