/**
 * Tables: one CSV file for each kind, in a zip. Twin of `mindhaven.sdk.exports.csv`.
 *
 * Guarantees: UTF-8 with a byte-order mark, commas, CRLF (what spreadsheets read); a text cell that a spreadsheet would
 * run as a formula is written with a leading apostrophe, and README.txt says so; kinds that nobody knows, newer versions
 * and what does not fit its kind are written with their whole body as JSON; no two columns of a file have one name.
 * Does not: use the clock (zip dates are fixed). No I/O.
 */

import { concat, hex, utf8 } from "@mindhaven/crypto";
import type { Field, Kind } from "@mindhaven/kinds/fields";

import type { Json } from "../canonical.ts";
import { bodyText, inOrder, isObject, jsonText, kindOf, type Exported } from "./model.ts";
import { localText } from "./moments.ts";
import tables from "./tables.json" with { type: "json" };
import { folded } from "./texts.ts";
import { zipOf, type Part } from "./zip.ts";

/** First signs that make a spreadsheet read a cell as a formula (OWASP, CSV injection), and the mark itself. */
const RISKY_START = /^[=+\-@\t\r']/u;
const QUOTED = /[",\r\n]/u;
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Return a zip with one CSV for each kind of `items`, and README.txt. */
export function writeCsvZip(items: Iterable<Exported>): Uint8Array {
  return zipOf(csvFiles(items));
}

/** Return the files of that zip. */
export function csvFiles(items: Iterable<Exported>): Part[] {
  const groups = new Map<string, { kind: Kind | null; name: string; rows: Exported[] }>();
  for (const item of inOrder(items)) {
    const kind = kindOf(item.record);
    const group = `${kind === null ? "whole" : "fields"} ${item.record.kind}`;
    const held = groups.get(group) ?? { kind, name: item.record.kind, rows: [] };
    held.rows.push(item);
    groups.set(group, held);
  }
  const used = new Set<string>();
  const files = [...groups.values()].map(({ kind, name, rows }) => ({ name: fileName(name, used), data: table(kind, rows) }));
  return [...files, { name: "README.txt", data: utf8(tables.tablesReadme) }];
}

/** Return `text` so that no spreadsheet runs it: an apostrophe before a risky start, or before an apostrophe. */
export function defused(text: string): string {
  return RISKY_START.test(text) ? `'${text}` : text;
}

/** Return the column names of a table: those of every file, then one for each field path, all distinct. */
export function headers(fields: readonly (readonly string[])[]): string[] {
  const made = [...tables.columns];
  const taken = new Set(made.map(folded));
  for (const path of fields) {
    let name = path.join(".");
    while (taken.has(folded(name))) name = `body.${name}`;
    taken.add(folded(name));
    made.push(name);
  }
  return made;
}

/** Return the path of every column that the fields of a kind have. */
export function columnsOf(fields: readonly Field[], above: readonly string[] = []): string[][] {
  return fields.flatMap((field) => {
    const path = [...above, field.name];
    return field.type === "object" ? columnsOf(field.fields ?? [], path) : [path];
  });
}

function fileName(kind: string, used: Set<string>): string {
  const short = kind.startsWith("mindhaven/") ? kind.slice("mindhaven/".length) : kind;
  const plain = short.toLowerCase().replace(/[^a-z0-9.-]/gu, "-").replace(/^\.+|\.+$/gu, "") || "kind";
  let name = `${plain}.csv`;
  for (let count = 2; used.has(name); count++) name = `${plain}-${count}.csv`;
  used.add(name);
  return name;
}

function table(kind: Kind | null, rows: readonly Exported[]): Uint8Array {
  const fields = kind === null ? [] : columnsOf(kind.fields);
  const head = kind === null ? [...tables.columns, "body"] : headers(fields);
  const lines = [head, ...rows.map((row) => cellsOf(row, kind, fields))];
  const text = lines.map((cells) => `${cells.map(delimited).join(",")}\r\n`).join("");
  return concat(BYTE_ORDER_MARK, utf8(text));
}

function cellsOf(row: Exported, kind: Kind | null, fields: readonly (readonly string[])[]): string[] {
  const { record } = row;
  const values: Json[] = [
    localText(record),
    record.zone,
    row.collectionName,
    hex(row.item),
    row.revision,
    hex(row.author),
    row.conflictOf === null ? "" : hex(row.conflictOf),
    record.version,
    row.authorName,
    row.owner?.name ?? "",
    ...(kind === null ? [bodyText(record.body)] : fields.map((path) => at(record.body, path))),
  ];
  return values.map(cell);
}

function at(body: Json, path: readonly string[]): Json {
  let value: Json = body;
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;
  return value;
}

function cell(value: Json): string {
  if (value === null) return "";
  if (typeof value === "boolean" || typeof value === "number") return jsonText(value); // no apostrophe before a minus
  if (typeof value === "string") return defused(value);
  const texts = Array.isArray(value) ? (value as readonly Json[]) : null;
  if (texts?.every((entry) => typeof entry === "string") === true) return defused(texts.join(" | "));
  return defused(jsonText(value));
}

function delimited(text: string): string {
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
