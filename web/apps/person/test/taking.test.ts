/** What can be taken: parts with what does not open, when journals are asked about, files, names that tell nothing. */

import { expect, test } from "vitest";

import type { EntryShown } from "../src/engine/shown.ts";
import { asksOfJournal, attachedTo, fileName, partsOf } from "../src/areas/take/taking.ts";

function entry(item: string, part: string, more: Partial<EntryShown> = {}): EntryShown {
  const kind = `mindhaven/${part}`;
  const rest = { waits: false, error: null, conflict: false, files: [] };
  return { item, part, kind, createdAt: 5, zone: "UTC", body: {}, mine: true, ...rest, ...more };
}

const SHUT = { kind: null, body: null, error: "no-key" };

test("parts are counted, the largest first, and what does not open is told apart", () => {
  const found = partsOf([entry("1", "plan"), entry("2", "mood"), entry("3", "mood", SHUT), entry("4", "journal", SHUT)]);
  expect(found).toEqual([
    { part: "mood", open: 1, shut: 1 },
    { part: "journal", open: 0, shut: 1 },
    { part: "plan", open: 1, shut: 0 },
  ]);
  expect(partsOf([])).toEqual([]);
});

test("journals are asked about only where FHIR is made and a chosen part has some", () => {
  const all = [entry("1", "mood"), entry("2", "journal")];
  expect((["page", "tables", "fhir", "all"] as const).map((form) => asksOfJournal(form, all, []))).toEqual([false, false, true, true]);
  expect(asksOfJournal("fhir", all, ["journal"])).toBe(false);
  expect(asksOfJournal("fhir", [entry("1", "mood")], [])).toBe(false);
});

test("each file of each entry is listed with its number", () => {
  const files = [
    { name: "a.png", type: "image/png", size: 3 },
    { name: "b.pdf", type: "application/pdf", size: 4 },
  ];
  expect(attachedTo([entry("1", "mood"), entry("2", "journal", { files })])).toEqual([
    { item: "2", number: 0, name: "a.png", at: 5, size: 3 },
    { item: "2", number: 1, name: "b.pdf", at: 5, size: 4 },
  ]);
});

test("the name of a file says nothing of what is in it, and no two forms have one name", () => {
  const names = (["page", "tables", "fhir", "all"] as const).map((form) => fileName(form, "2026-03-09"));
  expect(names).toEqual(["records-2026-03-09.html", "records-2026-03-09-tables.zip", "records-2026-03-09.fhir.json", "records-2026-03-09.zip"]);
});
