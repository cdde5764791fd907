/**
 * Reads the CSV export of Daylio: moods with activities, own scales and notes. Twin of
 * `mindhaven.sdk.imports.daylio_csv`.
 *
 * Guarantees: every column layout of docs/reference/imports.md, found by name; 12- and 24-hour times; default moods in the
 * languages of Python's `daylio_moods.toml`; own mood names are asked for. Mood 1..5 becomes valence -1, -.5, 0, .5, 1 and
 * the word stays in `raw`. Does not: know a time zone (the file has none; `Options.zone` says it). No I/O.
 */

import { InvalidInputError } from "@mindhaven/crypto";

import type { Json, JsonObject } from "../canonical.ts";
import {
  Keys,
  NO_NUMBER,
  NeedsMoodNames,
  UTC,
  imported,
  previewOf,
  problem,
  unsplit,
  wrongHeader,
  type Importer,
  type Options,
  type Read,
  type Rows,
} from "./imported.ts";
import { headerOf, readTable, type Row } from "./lines.ts";
import { localMs, type Day } from "./moments.ts";
import { MONTHS, clock, day, dayOf, isoClock, isoDay, number, parts, prose } from "./reading.ts";
import tables from "./tables.json" with { type: "json" };
import { BLANK, folded, plainDigits, stripped } from "./texts.ts";

const NAME = "daylio-csv";
const TITLE = "Daylio CSV export";
const KNOWN: readonly string[] = tables.daylioColumns;
const DEFAULTS = Object.entries(tables.daylioMoods).map(([name, level]) => [folded(name), level] as const);
/** Five faces to -1..1. */
const VALENCE = new Map([
  [1, -1],
  [2, -0.5],
  [3, 0],
  [4, 0.5],
  [5, 1],
]);
const DAY_MONTH = new RegExp(`^(?:(\\d{1,2})[${BLANK}]+([A-Za-z]{3,9})|([A-Za-z]{3,9})[${BLANK}]+(\\d{1,2}))$`, "u");
const WRITTEN = ["activities", "scales", "note_title", "note"];

type Cells = ReadonlyMap<string, string>;
type Levels = ReadonlyMap<string, number>;

/** Return every known mood name, folded, to 1..5; the person's own win. Throws `InvalidInputError` (import-mood-level). */
export function moodLevels(moods: Options["moods"] = {}): Levels {
  const own = Object.entries(moods).map(([name, level]) => [folded(stripped(name)), level] as const);
  if (own.some(([, level]) => !VALENCE.has(level))) {
    const message = "A mood is mapped to a whole number from 1 to 5.";
    throw new InvalidInputError(message, { code: "import-mood-level" });
  }
  return new Map([...DEFAULTS, ...own]);
}

/** The importer; see the module. */
export const daylioCsv: Importer = {
  name: NAME,
  title: TITLE,
  detects(first) {
    const columns = new Set(stripped(first.toLowerCase().replaceAll('"', "")).split(/[,;\t]/u));
    return ["time", "mood", "activities"].every((name) => columns.has(name)) && (columns.has("full_date") || columns.has("year"));
  },
  preview(file, options = {}) {
    return previewOf(NAME, rowsOf(file, options), unknownMoods(file, options));
  },
  read(file, options = {}) {
    const unknown = unknownMoods(file, options);
    if (unknown.length > 0) throw new NeedsMoodNames(unknown);
    return rowsOf(file, options);
  },
};

function tableOf(file: Uint8Array): { header: string[]; rows: Generator<Row, void, undefined> } {
  const rows = readTable(file);
  const header = headerOf(rows);
  const held = new Set(header);
  const dated = held.has("full_date") || (held.has("year") && held.has("date"));
  const whole = dated && held.has("time") && held.has("mood") && header.every((name) => KNOWN.includes(name));
  if (!whole) throw wrongHeader(TITLE, header, KNOWN);
  return { header, rows };
}

function unknownMoods(file: Uint8Array, options: Options): string[] {
  const levels = moodLevels(options.moods);
  const { header, rows } = tableOf(file);
  const place = header.indexOf("mood");
  const names = new Set<string>();
  for (const { cells } of rows) if (cells.length === header.length) names.add(stripped(cells[place] ?? ""));
  return [...names].filter((name) => name !== "" && !levels.has(folded(name)));
}

function* rowsOf(file: Uint8Array, options: Options): Rows {
  const levels = moodLevels(options.moods);
  const { header, rows } = tableOf(file);
  const keys = new Keys(NAME);
  for (const { line, cells, fault } of rows) {
    const named = new Map(header.map((name, place) => [name, cells[place] ?? ""]));
    yield unsplit(line, fault, cells.length, header.length) ?? entry(line, named, levels, keys, options.zone ?? UTC);
  }
}

function entry(line: number, cells: Cells, levels: Levels, keys: Keys, zone: string): Read {
  const held = (name: string) => cells.get(name) ?? "";
  const when = dayOfCells(cells);
  if (when === null) return problem(line, "full_date", "This date cannot be read.");
  const at = clock(held("time"));
  if (at === null) return problem(line, "time", "This time cannot be read.");
  const mood = stripped(held("mood"));
  const level = levels.get(folded(mood));
  if (level === undefined) {
    if (mood === "") return problem(line, "mood", "This row has no mood.");
    return problem(line, "mood", "This mood name has no number yet.", NO_NUMBER);
  }
  const body: { [name: string]: Json } = {
    valence: VALENCE.get(level) ?? 0,
    raw: { scale: "daylio-5", value: level, name: mood },
  };
  const [activities, scales] = [parts(held("activities")), parts(held("scales")).map(scaleOf)];
  if (activities.length > 0) body["activities"] = activities;
  if (scales.length > 0) body["scales"] = scales;
  const [title, note] = [prose(held("note_title")), prose(held("note"))];
  if (title !== "") body["title"] = title;
  if (note !== "") body["note"] = note;
  const key = keys.key(isoDay(when), isoClock(at), mood, ...WRITTEN.map(held));
  return imported(NAME, key, line, { kind: "mindhaven/mood", version: 1, createdAt: localMs(when, at, zone), zone, body });
}

function dayOfCells(cells: Cells): Day | null {
  const full = cells.get("full_date");
  if (full !== undefined) return day(full);
  const found = DAY_MONTH.exec(plainDigits(stripped(cells.get("date") ?? "")));
  const year = plainDigits(stripped(cells.get("year") ?? ""));
  if (found === null || !/^\d{4}$/u.test(year)) return null;
  const month = MONTHS.indexOf((found[2] ?? found[3] ?? "").slice(0, 3).toLowerCase());
  return month < 0 ? null : dayOf(Number(year), month + 1, Number(found[1] ?? found[4]));
}

function scaleOf(part: string): JsonObject {
  const plain = part.replaceAll("\u00a0", " ");
  const place = plain.lastIndexOf(":");
  const name = place < 0 ? "" : plain.slice(0, place);
  const written = plain.slice(place + 1);
  if (name === "") return { name: stripped(written) };
  const value = number(written);
  return value === null ? { name: stripped(name), amount: stripped(written) } : { name: stripped(name), value };
}
