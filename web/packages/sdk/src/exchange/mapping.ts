/**
 * Reads any table by a column map that the person writes. Twin of `mindhaven.sdk.imports.csv_map`, whose docstring and
 * docs/reference/imports.md say how a map is written.
 *
 * Guarantees: a wrong map is refused with the pair that is wrong, before anything is read. No I/O.
 */

import { InvalidInputError } from "@mindhaven/crypto";
import { kindNamed, type Field } from "@mindhaven/kinds/fields";
import { rounded } from "@mindhaven/kinds/numerals";

import type { Json } from "../canonical.ts";
import { isoMoment, momentBy, momentMs, patternOf } from "./dates.ts";
import { Keys, UTC, imported, previewOf, problem, unsplit, wrongHeader, type Importer, type Rows } from "./imported.ts";
import { headerOf, readTable, type Row } from "./lines.ts";
import { localMs, type Clock } from "./moments.ts";
import { clock, day, number, parts, prose } from "./reading.ts";
import { BLANK, beginning, plainDigits, quoted, stripped } from "./texts.ts";

/** One pair of the map: `kind` and `field` are null for the three targets of time. */
export interface Column {
  readonly name: string;
  readonly target: string;
  readonly kind: string | null;
  readonly field: Field | null;
  readonly how: string;
  /** What reads its days or moments, if it has a format. */
  readonly pattern: RegExp | null;
}

const NAME = "csv-map";
const TITLE = "table";
const PAIR = new RegExp(
  `[${BLANK}]*(?:"([^"]+)"|([^",=]+?))[${BLANK}]*=[${BLANK}]*([a-z_./-]+(?:\\.[a-z_]+)?)` +
    `(?::((?:[^,"]|"[^"]*")+))?[${BLANK}]*(?:,|$)`,
  "uy",
);
const RANGE = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)$/u;
const YES = new Set(["yes", "true", "1", "y", "x"]);
const NO = new Set(["no", "false", "0", "n"]);
const SIMPLE = new Set(["text", "texts", "number", "integer", "flag"]);
const TIMES = new Set(["created_at", "date", "time"]);
const NOON: Clock = { hour: 12, minute: 0 };
/** Characters of a map that a refusal shows. */
const SHOWN = 40;

type Cells = ReadonlyMap<string, string>;

/**
 * Return the column names of a table, in small letters, and the cells of its first row: what a map is made from.
 *
 * Throws `InvalidInputError` (import-not-text, import-line-length) for what is no table.
 */
export function headOf(file: Uint8Array): { readonly names: readonly string[]; readonly example: readonly string[] } {
  const rows = readTable(file);
  const names = headerOf(rows);
  const first = rows.next();
  return { names, example: first.done === true ? [] : first.value.cells };
}

/** Return the columns of the map `text`; throws `InvalidInputError` (`import-map`) naming the wrong pair. */
export function parseMap(text: string): Column[] {
  const columns: Column[] = [];
  const end = text.length - (new RegExp(`[${BLANK}]+$`, "u").exec(text)?.[0].length ?? 0);
  for (let place = 0; place < end; ) {
    PAIR.lastIndex = place;
    const found = PAIR.exec(text);
    if (found === null) throw wrong(stripped(beginning(text.slice(place), SHOWN)), "is not COLUMN=TARGET");
    const how = stripped(found[4] ?? "").replace(/^"+|"+$/gu, "");
    columns.push(columnOf(stripped(found[1] ?? found[2] ?? ""), found[3] ?? "", how));
    place = PAIR.lastIndex;
  }
  checkWhole(columns, text);
  return columns;
}

function checkWhole(columns: readonly Column[], text: string): void {
  const targets = columns.map((column) => column.target);
  const counts = targets.map((target) => targets.filter((one) => one === target).length);
  const most = Math.max(0, ...counts);
  if (most > 1) throw wrong(targets[counts.indexOf(most)] ?? "", "is filled twice");
  const shown = beginning(text, SHOWN);
  if (!targets.includes("created_at") && !targets.includes("date")) throw wrong(shown, "says no created_at and no date");
  const kinds = new Set(columns.flatMap((column) => (column.kind === null ? [] : [column.kind])));
  if (kinds.size === 0) throw wrong(shown, "fills no field of a record");
  for (const kind of kinds) {
    const filled = columns.filter((column) => column.kind === kind).map((column) => column.field?.name);
    const needed = kindNamed(kind)?.fields.filter((field) => field.required === true) ?? [];
    const lacking = needed.map((field) => field.name).filter((name) => !filled.includes(name));
    if (lacking.length > 0) throw wrong(kind, `also needs a column for ${lacking.join(", ")}`);
  }
}

function columnOf(name: string, target: string, how: string): Column {
  const lower = name.toLowerCase();
  if (TIMES.has(target)) {
    const pattern = patternOf(how);
    if (pattern === null) throw wrong(`${target}:${how}`, "is no format of a date");
    return { name: lower, target, kind: null, field: null, how, pattern: how === "" ? null : pattern };
  }
  const dot = target.lastIndexOf(".");
  const short = dot < 0 ? "" : target.slice(0, dot);
  const kind = short.includes("/") ? short : `mindhaven/${short}`;
  const field = kindNamed(kind)?.fields.find((one) => one.name === target.slice(dot + 1)) ?? null;
  if (field === null || !SIMPLE.has(field.type)) throw wrong(target, "is no field that a column can fill");
  const ends = endsOf(how);
  if (field.type === "number" && how !== "" && ends === null) throw wrong(`${target}:${how}`, "needs a range such as 1..10");
  if (ends !== null && (ends[0] === ends[1] || field.low === undefined || field.high === undefined)) {
    throw wrong(`${target}:${how}`, "cannot be stretched to this field");
  }
  return { name: lower, target, kind, field, how, pattern: null };
}

/** Return the worst and the best number of a range such as 1..10. */
function endsOf(how: string): readonly [number, number] | null {
  const found = RANGE.exec(plainDigits(how));
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

function wrong(pair: string, why: string): InvalidInputError {
  return new InvalidInputError(`In the column map, ${quoted(pair)} ${why}.`, {
    code: "import-map",
    hint: "For example: Date=date, Feeling=mood.valence:1..10, Note=mood.note",
  });
}

/** The importer; see the module. It recognises nothing by itself: it is chosen by giving a map. */
export const csvMap: Importer = {
  name: NAME,
  title: TITLE,
  detects() {
    return false; // only a person can say what the columns of an unknown table mean
  },
  preview(file, options = {}) {
    return previewOf(NAME, this.read(file, options));
  },
  read(file, options = {}) {
    const columns = parseMap(options.columns ?? "");
    const rows = readTable(file);
    const header = headerOf(rows);
    if (!columns.every((column) => header.includes(column.name))) {
      const names = columns.map((column) => column.name);
      throw wrongHeader("table with the columns of your map", header, names);
    }
    return rowsOf(rows, header, columns, options.zone ?? UTC);
  },
};

function* rowsOf(rows: Generator<Row, void, undefined>, header: readonly string[], columns: Column[], zone: string): Rows {
  const keys = new Keys(NAME);
  for (const { line, cells, fault } of rows) {
    const faulty = unsplit(line, fault, cells.length, header.length);
    if (faulty !== null) {
      yield faulty;
      continue;
    }
    const named = new Map(header.map((name, place) => [name, cells[place] ?? ""]));
    const createdAt = momentOf(named, columns, zone);
    if (createdAt === null) yield problem(line, "created_at", "This date or time cannot be read.");
    else yield* recordsOf(line, named, columns, createdAt, zone, keys);
  }
}

function* recordsOf(line: number, cells: Cells, columns: readonly Column[], createdAt: number, zone: string, keys: Keys): Rows {
  const bodies = new Map<string, { [name: string]: Json }>();
  for (const { name, target, kind, field, how } of columns) {
    const written = stripped(cells.get(name) ?? "");
    if (kind === null || field === null || written === "") continue;
    const value = valueOf(written, field, how);
    if (value === null) {
      yield problem(line, name, `This cell is no value for ${target}.`);
      return;
    }
    const body = bodies.get(kind) ?? {};
    bodies.set(kind, body);
    body[field.name] = value;
    if (target === "mood.valence") body["raw"] = { scale: how || "valence", value: number(written) };
  }
  // The cells as they are written, the moment among them: another zone must find the same row.
  const identity = columns.map((column) => cells.get(column.name) ?? "");
  for (const [kind, body] of bodies) {
    yield imported(NAME, keys.key(kind, ...identity), line, { kind, version: 1, createdAt, zone, body });
  }
}

function valueOf(written: string, field: Field, how: string): Json {
  if (field.type === "text") return prose(written);
  if (field.type === "texts") return parts(written, how || "|");
  if (field.type === "flag") {
    const lower = written.toLowerCase();
    return YES.has(lower) ? true : NO.has(lower) ? false : null;
  }
  const value = number(written);
  if (value === null || (field.type === "integer" && !Number.isInteger(value))) return null;
  const ends = endsOf(how);
  const { low, high } = field;
  if (ends === null || low === undefined || high === undefined) return value;
  const [worst, best] = ends;
  const share = (value - worst) / (best - worst);
  return share >= 0 && share <= 1 ? rounded(low + share * (high - low), 4) + 0 : null;
}

function momentOf(cells: Cells, columns: readonly Column[], zone: string): number | null {
  const byTarget = new Map(columns.map((column) => [column.target, column]));
  const held = (column: Column | undefined) => cells.get(column?.name ?? "") ?? "";
  const whole = byTarget.get("created_at");
  if (whole !== undefined) {
    const text = stripped(held(whole));
    const moment = whole.pattern === null ? isoMoment(text) : momentBy(whole.pattern, text);
    return moment === null ? null : momentMs(moment, zone);
  }
  const on = byTarget.get("date");
  const text = stripped(held(on));
  const pattern = on?.pattern ?? null;
  const when = pattern === null ? day(text) : (momentBy(pattern, text)?.day ?? null);
  const time = byTarget.get("time");
  const at = time === undefined ? NOON : clock(held(time));
  return when === null || at === null ? null : localMs(when, at, zone);
}
