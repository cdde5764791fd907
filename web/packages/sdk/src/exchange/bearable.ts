/**
 * Reads the CSV export of Bearable: one row is one reading (a mood, a symptom, a night, a dose ...). Twin of
 * `mindhaven.sdk.imports.bearable_csv`.
 *
 * Guarantees: the columns of docs/reference/imports.md, found by name; a category without a kind of its own is kept as a
 * factor, so nothing is lost. Does not: guess the scale of the file: the file does not say whether its moods end at 5 or
 * 10, so the highest mood in it decides (above 5: 0..10, else 0..5) and the number stays in `raw`. No I/O.
 */

import { rounded } from "@mindhaven/kinds/numerals";

import type { Json } from "../canonical.ts";
import {
  Keys,
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
import { dayAfter, localMs, type Clock, type Day } from "./moments.ts";
import { MONTHS, clock, day, dayOf, isoDay, number, prose } from "./reading.ts";
import tables from "./tables.json" with { type: "json" };
import { BLANK, plainDigits, stripped } from "./texts.ts";

const NAME = "bearable-csv";
const TITLE = "Bearable CSV export";
const KNOWN: readonly string[] = tables.bearableColumns;
const NEEDED = ["category", "rating/amount"];
/** The middle of Bearable's named parts of the day: pre 0-6, am 6-12, mid 12-18, pm 18-24. */
const PARTS_OF_DAY = new Map<string, number>(Object.entries(tables.partsOfDay));
const NOON: Clock = { hour: 12, minute: 0 };
/** When a night ends of which only the length is known. */
const MORNING: Clock = { hour: 8, minute: 0 };
const MINUTE_MS = 60_000;
const ORDINAL = new RegExp(`^(\\d{1,2})(?:st|nd|rd|th)?[${BLANK}]+([A-Za-z]{3,9})\\.?[${BLANK}]+(\\d{4})$`, "u");
const SPAN = new RegExp(`Asleep[${BLANK}]+(\\d{1,2}:\\d{2})[${BLANK}]*(?:-|–|to)[${BLANK}]*(\\d{1,2}:\\d{2})`, "iu");
const HOURS = /^(\d{1,2}):(\d{2})$/u;

type Cells = ReadonlyMap<string, string>;
interface Draft {
  readonly kind: string;
  readonly body: { [name: string]: Json };
}

/** The importer; see the module. */
export const bearableCsv: Importer = {
  name: NAME,
  title: TITLE,
  detects(first) {
    const columns = new Set(stripped(first.toLowerCase().replaceAll('"', "")).split(/[,;\t]/u).map(stripped));
    return [...NEEDED, "time of day"].every((name) => columns.has(name));
  },
  preview(file, options = {}) {
    return previewOf(NAME, this.read(file, options));
  },
  read(file, options = {}) {
    return rowsOf(file, options, highestMood(file));
  },
};

function tableOf(file: Uint8Array): { header: string[]; rows: Generator<Row, void, undefined> } {
  const rows = readTable(file);
  const header = headerOf(rows);
  const held = new Set(header);
  const dated = held.has("date") || held.has("date formatted");
  const whole = dated && NEEDED.every((name) => held.has(name)) && header.every((name) => KNOWN.includes(name));
  if (!whole) throw wrongHeader(TITLE, header, KNOWN);
  return { header, rows };
}

function highestMood(file: Uint8Array): number {
  const { header, rows } = tableOf(file);
  const [at, what] = [header.indexOf("rating/amount"), header.indexOf("category")];
  let highest: number | null = null;
  for (const { cells } of rows) {
    if (cells.length !== header.length || stripped(cells[what] ?? "").toLowerCase() !== "mood") continue;
    const rating = number(cells[at] ?? "");
    if (rating !== null && (highest === null || rating > highest)) highest = rating;
  }
  return highest ?? 0;
}

function* rowsOf(file: Uint8Array, options: Options, highest: number): Rows {
  const { header, rows } = tableOf(file);
  const keys = new Keys(NAME);
  const top = highest > 5 ? 10 : 5;
  for (const { line, cells, fault } of rows) {
    const named = new Map(header.map((name, place) => [name, cells[place] ?? ""]));
    yield unsplit(line, fault, cells.length, header.length) ?? reading(line, named, top, keys, options.zone ?? UTC);
  }
}

function reading(line: number, cells: Cells, top: number, keys: Keys, zone: string): Read {
  const held = (name: string) => cells.get(name) ?? "";
  const when = day(held("date formatted")) ?? ordinalDay(held("date"));
  if (when === null) return problem(line, "date", "This date cannot be read.");
  const part = stripped(held("time of day"));
  const byClock = part === "" ? NOON : clock(part);
  const at = byClock ?? { hour: PARTS_OF_DAY.get(part.toLowerCase()) ?? NOON.hour, minute: 0 };
  const [category, detail] = [stripped(held("category")), prose(held("detail"))];
  const [amount, note] = [stripped(held("rating/amount")), prose(held("notes"))];
  if (category === "") return problem(line, "category", "This row has no category.");
  const draft = draftOf(category.toLowerCase(), category, amount, detail, top);
  if (draft === null) return problem(line, "rating/amount", "This rating is not a number of the scale.");
  const { kind, body } = draft;
  let createdAt = localMs(when, at, zone);
  if (kind === "mindhaven/sleep") {
    const night = nightOf(when, detail, amount, zone);
    if (night === null) return problem(line, "rating/amount", "This length of sleep cannot be read.");
    [body["start"], body["end"]] = night;
    createdAt = night[1];
  } else if ((kind === "mindhaven/symptom" || kind === "mindhaven/factor") && part !== "" && byClock === null) {
    body["part_of_day"] = part;
  }
  if (note !== "") body["note"] = note;
  const key = keys.key(isoDay(when), part, category, amount, detail, note);
  return imported(NAME, key, line, { kind, version: 1, createdAt, zone, body });
}

function draftOf(folded: string, category: string, amount: string, detail: string, top: number): Draft | null {
  const value = number(amount);
  if (folded === "mood") {
    if (value === null || value < 0 || value > top) return null;
    const raw = { scale: `bearable-0-${top}`, value };
    const labels = detail.split(/[|,]/u).map(stripped).filter((word) => word !== "");
    const body = { valence: rounded((2 * value) / top - 1, 4), raw };
    return { kind: "mindhaven/mood", body: labels.length > 0 ? { ...body, labels } : body };
  }
  if (folded === "sleep") return { kind: "mindhaven/sleep", body: {} };
  const name = detail || category;
  if (folded === "meds/supplements") {
    return { kind: "mindhaven/medication", body: amount === "" ? { name } : { name, dose: amount, taken: true } };
  }
  const body: Draft["body"] = { name, category, scale: `bearable ${folded}` };
  if (value !== null) body["value"] = value;
  else if (amount !== "") body["amount"] = amount;
  return { kind: folded === "symptom" ? "mindhaven/symptom" : "mindhaven/factor", body };
}

function ordinalDay(text: string): Day | null {
  const found = ORDINAL.exec(plainDigits(stripped(text)));
  const month = found === null ? -1 : MONTHS.indexOf((found[2] ?? "").slice(0, 3).toLowerCase());
  if (found === null || month < 0) return day(text);
  return dayOf(Number(found[3]), month + 1, Number(found[1]));
}

/** Return start and end of a night that ended on `when`, by its clock times or, without, by its length till 8. */
function nightOf(when: Day, detail: string, amount: string, zone: string): [start: number, end: number] | null {
  const span = SPAN.exec(plainDigits(detail));
  const [asleep, awake] = span === null ? [null, null] : [clock(span[1] ?? ""), clock(span[2] ?? "")];
  if (asleep !== null && awake !== null && isoDay(when) !== "0001-01-01") {
    const before = minutes(asleep) >= minutes(awake);
    return [localMs(before ? dayAfter(when, -1) : when, asleep, zone), localMs(when, awake, zone)];
  }
  const length = HOURS.exec(plainDigits(amount));
  if (length === null) return null;
  const end = localMs(when, MORNING, zone);
  return [end - (Number(length[1]) * 60 + Number(length[2])) * MINUTE_MS, end];
}

function minutes({ hour, minute }: Clock): number {
  return hour * 60 + minute;
}
