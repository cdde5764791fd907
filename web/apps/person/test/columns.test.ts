/** A column map from what was chosen: each map is one that the importer reads, and what is lacking is named. */

import { expect, test } from "vitest";

import { importerNamed, isImported } from "@mindhaven/sdk/exchange";

import { canBeNamed, lackOf, mapOf, type Choice, type Meaning } from "../src/areas/import/columns.ts";

const utf8 = new TextEncoder();

function choice(meanings: readonly Meaning[], more: Partial<Choice> = {}): Choice {
  return { meanings, dayForm: "iso", worst: "1", best: "5", between: "|", ...more };
}

test("what is lacking is named, the day first", () => {
  expect(lackOf(choice([]))).toBe("day");
  expect(lackOf(choice(["mood", "none"]))).toBe("day");
  expect(lackOf(choice(["day", "none"]))).toBe("content");
  expect(lackOf(choice(["day", "note"]))).toBe("moodAlone");
  expect(lackOf(choice(["day", "title"]))).toBe("titleAlone");
  expect(lackOf(choice(["day", "mood", "mood"]))).toBe("twice");
  expect(lackOf(choice(["day", "moment", "mood"]))).toBe("twice");
  expect(lackOf(choice(["day", "mood"], { worst: "" }))).toBe("moodEnds");
  expect(lackOf(choice(["day", "mood"], { worst: "5", best: "5.0" }))).toBe("moodEnds");
  expect(lackOf(choice(["day", "mood"], { worst: "10", best: "1" }))).toBeNull();
  expect(lackOf(choice(["moment", "title", "text"]))).toBeNull();
});

test("a map is as the importer takes it", () => {
  const names = ["when, exactly", "feel=ing", "what", "x"];
  const found = mapOf(names, choice(["day", "mood", "activities", "none"], { dayForm: "dots", between: "," }));
  expect(found).toBe('"when, exactly"=date:%d.%m.%Y, "feel=ing"=mood.valence:1..5, "what"=mood.activities:","');
  expect(mapOf(["a", "b"], choice(["moment", "text"], { dayForm: "slashes" }))).toBe('"a"=created_at:%d/%m/%Y %H:%M, "b"=journal.text');
  expect(canBeNamed('a "b"')).toBe(false);
  expect(canBeNamed("")).toBe(false);
});

test("the importer reads a table with such a map", () => {
  const table = '"When, exactly",Feel=ing,What\n09.03.2026,5,"walk,sun"\n10.03.2026,1,\n';
  const columns = mapOf(["when, exactly", "feel=ing", "what"], choice(["day", "mood", "activities"], { dayForm: "dots", between: "," }));
  const rows = [...importerNamed("csv-map").read(utf8.encode(table), { columns, zone: "UTC" })];
  const bodies = rows.map((one) => (isImported(one) ? one.record.body : one.message));
  expect(bodies).toMatchObject([{ valence: 1, activities: ["walk", "sun"] }, { valence: -1 }]);
  const moments = rows.map((one) => (isImported(one) ? one.record.createdAt : 0));
  expect(moments).toEqual([Date.UTC(2026, 2, 9, 12), Date.UTC(2026, 2, 10, 12)]);
});
