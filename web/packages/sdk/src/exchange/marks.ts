/**
 * Small pieces of the page: lists, pairs, and the drawing of moods over time. Twin of `mindhaven.sdk.exports.html_marks`.
 *
 * Guarantees: everything is escaped; the drawing has words for those who cannot see it, and no colour that judges. No I/O.
 */

import { counted, fixed, general } from "@mindhaven/kinds/numerals";

import type { Json } from "../canonical.ts";
import { isText, jsonText, type Exported } from "./model.ts";
import { between, dayText, localTime, type Local } from "./moments.ts";
import { escaped } from "./texts.ts";

const WIDTH = 720;
const HEIGHT = 190;
const [LEFT, RIGHT, TOP, BOTTOM] = [92, 712, 14, 158];
/** From the edge of the field to the first and the last dot: their own size. */
const MARGIN = 6;
/** Dots drawn: beyond this they only cover each other, so every n-th is drawn and the caption says so. */
const MOST_DOTS = 3000;
/** Fewer make no line over time. */
const LEAST_DOTS = 3;
const SECOND_MS = 1000;
const LEVELS = [
  [1, "pleasant"],
  [0, "in between"],
  [-1, "unpleasant"],
] as const;

/** Return a list of words as small labels; nothing for anything else. */
export function tags(words: Json | undefined): string {
  if (!Array.isArray(words) || words.length === 0) return "";
  return `<ul class="tags">${words.map((word) => `<li>${escaped(plain(word as Json))}</li>`).join("")}</ul>\n`;
}

/** Return free text with its line breaks kept; nothing if there is none. */
export function note(text: Json | undefined): string {
  return isText(text) ? `<p class="note">${escaped(text)}</p>\n` : "";
}

/** Return names and values as a list of terms; nothing if there are none. */
export function pairs(rows: readonly (readonly [string, Json | undefined])[]): string {
  const told = rows.flatMap(([name, value]) => {
    if (value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)) return [];
    return [`<dt>${escaped(name)}</dt><dd>${escaped(plain(value))}</dd>`];
  });
  return told.length === 0 ? "" : `<dl>${told.join("")}</dl>\n`;
}

function plain(value: Json): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value + 0) : general(value);
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value.join(", ");
  return jsonText(value);
}

/** Return moods over time as a drawing with a caption; nothing for fewer than three. */
export function moodChart(items: readonly Exported[]): string {
  const points = items.flatMap(({ record }) => {
    const valence = record.body["valence"];
    return typeof valence === "number" ? [{ moment: localTime(record), valence }] : [];
  });
  const [first, last] = [points.at(0)?.moment, points.at(-1)?.moment];
  if (points.length < LEAST_DOTS || first === undefined || last === undefined) return "";
  const step = Math.ceil(points.length / MOST_DOTS);
  const span = Math.max(between(first, last) / SECOND_MS, 1);
  const x = (moment: Local) => along(between(first, moment) / SECOND_MS, span);
  const dots = points
    .filter((_, place) => place % step === 0)
    .map(({ moment, valence }) => `<circle cx="${x(moment)}" cy="${fixed(heightOf(valence), 1)}" r="3.2"/>`);
  const lines = LEVELS.map(([level, word]) => {
    const y = fixed(heightOf(level), 1);
    return (
      `<line x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/>` +
      `<text x="0" y="${fixed(heightOf(level) + 4, 1)}">${word}</text>`
    );
  });
  const middle = { ...first, wall: first.wall + (span / 2) * SECOND_MS };
  const days = ([[first, "start"], [middle, "middle"], [last, "end"]] as const).map(
    ([moment, anchor]) =>
      `<text x="${x(moment)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${dayText(moment.wall)}</text>`,
  );
  const told = `${counted(points.length)} moods from ${dayText(first.wall)} to ${dayText(last.wall)}`;
  const thinned = step === 1 ? "" : ` One dot in ${step} is drawn.`;
  return (
    `<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${told}; each one is listed below.">` +
    `${lines.join("")}${dots.join("")}${days.join("")}</svg>` +
    `<figcaption>${told}; a dot is one entry.${thinned}</figcaption></figure>\n`
  );
}

function along(seconds: number, span: number): string {
  return fixed(LEFT + MARGIN + ((RIGHT - LEFT - 2 * MARGIN) * seconds) / span, 1);
}

function heightOf(valence: number): number {
  return BOTTOM - ((BOTTOM - TOP) * (Math.min(Math.max(valence, -1), 1) + 1)) / 2;
}
