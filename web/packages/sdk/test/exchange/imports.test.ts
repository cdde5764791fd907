/**
 * Imports of the browser, held to the cases of vectors/imports as Python is. That both read strange and hostile files alike
 * is held by tests/interop/test_browser_exchange.py.
 */

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { MindhavenError, utf8 } from "@mindhaven/crypto";
import { describe, expect, test } from "vitest";

import type { JsonObject } from "../../src/canonical.ts";
import { NeedsMoodNames, compareWith, detect, importerNamed, isImported, type Options } from "../../src/exchange/index.ts";
import { MAX_FIELD_CHARS, MAX_LINE_CHARS } from "../../src/exchange/lines.ts";

const VECTORS = fileURLToPath(new URL("../../../../../vectors/imports/", import.meta.url));
const HEADER = "full_date,date,weekday,time,mood,activities,scales,note_title,note\n";
const ROW = "2026-03-01,Mar 1,Sunday,10:30,rad,walk,,,fine\n";

interface Case {
  readonly file: string;
  readonly options: Options;
  readonly records: readonly { kind: string; created_at: number; zone: string; body: JsonObject }[];
  readonly problems: readonly (readonly [number, string])[];
}

const CASES = ["daylio-csv", "bearable-csv", "csv-map"].flatMap((importer) =>
  readdirSync(VECTORS + importer)
    .filter((name) => name.endsWith(".expect.json"))
    .map((name) => [importer, name] as const),
);

function reason(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof MindhavenError) return error.reason;
    throw error;
  }
  return "nothing was refused";
}

test.each(CASES)("%s/%s", (name, file) => {
  const expected = JSON.parse(readFileSync(`${VECTORS}${name}/${file}`, "utf-8")) as Case;
  const data = new Uint8Array(readFileSync(`${VECTORS}${name}/${expected.file}`));
  const importer = importerNamed(name);
  if (name !== "csv-map") expect(detect(data)).toBe(importer);
  const rows = [...importer.read(data, expected.options)];
  const made = rows.filter(isImported);
  const found = made.map(({ record: { kind, createdAt, zone, body }, key }) => {
    const { source, ...rest } = body;
    expect(source).toEqual({ app: name, key });
    return { kind, created_at: createdAt, zone, body: rest };
  });
  expect(found).toHaveLength(expected.records.length);
  expect(found).toEqual(expect.arrayContaining([...expected.records]));
  expect(rows.flatMap((row) => (isImported(row) ? [] : [[row.line, row.field]]))).toEqual(expected.problems);
  expect(new Set(made.map((row) => row.key)).size).toBe(made.length);
  const preview = importer.preview(data, expected.options);
  expect([...preview.byKind.values()].reduce((sum, count) => sum + count, 0)).toBe(made.length);
  expect(preview.problemCount).toBe(expected.problems.length);
});

describe("a Daylio table", () => {
  test("asks for mood names and never guesses them", () => {
    const file = utf8(`${HEADER}${ROW.replace("rad", "fine")}${ROW.replace("rad", "Meh")}`);
    expect(importerNamed("daylio-csv").preview(file).unknownMoods).toEqual(["fine"]);
    expect(() => [...importerNamed("daylio-csv").read(file)]).toThrow(NeedsMoodNames);
    expect([...importerNamed("daylio-csv").read(file, { moods: { FINE: 2 } })].filter(isImported)).toHaveLength(2);
    expect(reason(() => importerNamed("daylio-csv").read(file, { moods: { fine: 6 } }))).toBe("import-mood-level");
  });

  test.each([
    ["no text", Uint8Array.from([...utf8(HEADER), 0xff]), "import-not-text"],
    ["an endless line", utf8(HEADER + "x".repeat(MAX_LINE_CHARS)), "import-line-length"],
    ["other columns", utf8("a,b\n1,2\n"), "import-header"],
    ["nothing", new Uint8Array(), "import-header"],
  ])("is refused: %s", (_, file, code) => {
    expect(reason(() => [...importerNamed("daylio-csv").read(file)])).toBe(code);
  });

  test("tells rows that can't be split by their lines, and the rest go on", () => {
    const giant = ROW.replace("fine", "x".repeat(MAX_FIELD_CHARS + 1));
    const file = utf8(`${HEADER}${giant}${ROW}a,b\n${ROW.replace("fine", '"a"b')}${ROW}${ROW.replace("fine", '"open')}`);
    const rows = [...importerNamed("daylio-csv").read(file)];
    const told = rows.map((row) => (isImported(row) ? "taken" : `${row.line}: ${row.message.split(": ").at(-1) ?? ""}`));
    expect(told).toEqual([
      "2: a cell is too long.",
      "taken",
      "4: it has 2 cells, not 9.",
      "5: a quotation mark is out of place.",
      "taken",
      "7: a quotation mark is out of place.",
    ]);
  });
});

test("reading again under the right zone corrects what was not changed by hand", () => {
  const file = utf8(HEADER + ROW + ROW.replace("10:30", "11:30") + ROW.replace("10:30", "12:30"));
  const importer = importerNamed("daylio-csv");
  const [first, second] = [...importer.read(file, { zone: "UTC" })].filter(isImported).map((row) => row.record);
  if (first === undefined || second === undefined) throw new Error("two rows were written");
  const kept = [first, { ...second, body: { ...second.body, note: "changed by hand" } }];
  const found = compareWith(importer, file, { zone: "Europe/Berlin" }, kept);
  expect([found.fresh, found.here, found.edited]).toEqual([1, 0, 1]);
  expect([...found.corrections].map(([place, record]) => [place, record.createdAt])).toEqual([[0, first.createdAt - 3_600_000]]);
});

test("a file of no kind that is known is refused, whatever its name", () => {
  expect(reason(() => detect(utf8("Date,Feeling\n")))).toBe("import-header");
  expect(reason(() => importerNamed("excel"))).toBe("import-unknown");
});
