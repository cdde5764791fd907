/** What others ask for: only what stands, and never words that may not be shown. */

import { expect, test } from "vitest";

import { asksIn } from "../src/areas/checkups/notes.ts";
import type { ContactShown, EntryShown } from "../src/engine/shown.ts";
import { REQUEST } from "../src/kinds.ts";

const BEN = { uid: "bb", name: "Ben" } as ContactShown;
/** 2026-11-29 */
const TODAY = 20_786;

function note(item: string, body: EntryShown["body"], createdAt = 1, kind = REQUEST): EntryShown {
  return { item, body, createdAt, kind, part: "asked/1", zone: "UTC", mine: false, waits: false, error: null, conflict: false, files: [] };
}

function shown(notes: readonly EntryShown[], settled: readonly string[] = []): [string, string, number | null][] {
  return asksIn(BEN, notes, settled, TODAY).map((one) => [one.item, one.instrument.id, one.readsFrom]);
}

test("the newest note of each sheet stands, whatever order they came in", () => {
  const notes = [note("2", { instrument: "phq9" }, 2), note("1", { instrument: "phq9" }, 1), note("3", { instrument: "gad7" }, 1)];
  expect(shown(notes)).toEqual([["3", "gad7", null], ["2", "phq9", null]]);
});

test("what was settled is not asked again, also not by an older note of the same sheet", () => {
  const notes = [note("1", { instrument: "phq9" }, 1), note("2", { instrument: "phq9" }, 2)];
  expect(shown(notes, ["2"])).toEqual([]);
  expect(shown(notes, ["1"])).toEqual([["2", "phq9", null]]);
});

test("a last day counts whole, and a passed one ends it", () => {
  expect(shown([note("1", { instrument: "phq8", until: "2026-11-29" })])).toHaveLength(1);
  expect(shown([note("1", { instrument: "phq8", until: "2026-11-28" })])).toEqual([]);
});

test("a day of reading is told only while it lies ahead, and only if it is a day", () => {
  expect(shown([note("1", { instrument: "phq8", reads_from: "2026-11-30" })])).toEqual([["1", "phq8", TODAY + 1]]);
  for (const reads of ["2026-11-29", "2026-13-45", "soon", "+99999-01-01", 5, null]) {
    expect(shown([note("1", { instrument: "phq8", reads_from: reads })]), String(reads)).toEqual([["1", "phq8", null]]);
  }
});

test("what is no note, names no sheet of ours, or does not open asks nothing", () => {
  const notes = [
    note("1", { instrument: "mmpi" }),
    note("2", { instrument: 9 }),
    note("3", {}),
    note("4", null),
    note("5", { instrument: "phq9" }, 1, "mindhaven/checkup"),
  ];
  expect(shown(notes)).toEqual([]);
});
