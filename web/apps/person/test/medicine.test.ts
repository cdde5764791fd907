/** When a reminder shows, what is told apart, what is kept: against cases worked out by hand. */

import { expect, test, vi } from "vitest";

import type { EntryShown } from "../src/engine/shown.ts";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });

const { MEDICINE } = await import("../src/kinds.ts");
const { answersOf, bodyOf, earlierOf, fromDraft, hasStopped, isDue, schedulesOf, writtenOf } = await import(
  "../src/areas/medicine/medicine.ts"
);
const { groupsOf, ownOf, bodyOf: historyBody, writtenOf: historyOf } = await import("../src/areas/history/history.ts");
const { aboutADay } = await import("../src/parts/timeless.ts");

function entry(kind: string, createdAt: number, body: EntryShown["body"], mine = true): EntryShown {
  const item = `${kind}${String(createdAt)}`;
  return { item, part: "", kind, createdAt, zone: "UTC", body, mine, waits: false, error: null, conflict: false, files: [] };
}

const REMINDER = { at: "08:00", since: "2026-02-27" };

test.each([
  ["before its time", "2026-02-27", "07:59", null, false],
  ["at its time, on the first day", "2026-02-27", "08:00", null, true],
  ["answered today", "2026-02-28", "09:00", "2026-02-28", false],
  ["answered yesterday", "2026-03-01", "09:00", "2026-02-28", true],
  ["the third day without an answer since it was turned on", "2026-03-01", "09:00", null, true],
  ["the fourth", "2026-03-02", "09:00", null, false],
  ["an answer of before it was turned on counts for nothing", "2026-03-01", "09:00", "2026-01-01", true],
  ["the third day after an answer, over the end of a month", "2026-03-03", "09:00", "2026-02-28", true],
  ["the fourth", "2026-03-04", "09:00", "2026-02-28", false],
])("%s", (_what, day, time, answered, due) => {
  expect(isDue(REMINDER, answered, { day, time })).toBe(due);
});

test("it has stopped once three whole days went by, and not on the third", () => {
  expect(hasStopped(REMINDER, null, { day: "2026-03-01", time: "23:59" })).toBe(false);
  expect(hasStopped(REMINDER, null, { day: "2026-03-02", time: "00:00" })).toBe(true);
  expect(hasStopped(REMINDER, "2026-03-02", { day: "2026-03-02", time: "00:00" })).toBe(false);
});

test("what is taken and that it was taken are told apart, by name, one's own only", () => {
  const plan = entry(MEDICINE, 1, { name: "Zolpidem", schedule: "at night" });
  const other = entry(MEDICINE, 2, { name: "Amlodipine" });
  const taken = [entry(MEDICINE, 3, { name: " zolpidem ", taken: true }), entry(MEDICINE, 4, { name: "ZOLPIDEM", taken: false })];
  const gone = [entry(MEDICINE, 5, { name: "Lithium", taken: true }), entry(MEDICINE, 6, { name: "lithium", taken: true })];
  const theirs = entry(MEDICINE, 7, { name: "Theirs" }, false);
  const all = [plan, other, ...taken, ...gone, theirs];
  expect(schedulesOf(all)).toEqual([other, plan]);
  expect(answersOf(all, "Zolpidem")).toEqual([taken[1], taken[0]]);
  expect(earlierOf(all)).toEqual([gone[1]]);
  expect(all.map(aboutADay)).toEqual([false, false, true, true, true, true, false]);
});

test("what is typed goes into its fields, empty ones go, and what else was there stays", () => {
  const before = { name: "A", dose: "1", note: "kept", source: { app: "x", key: "y" } };
  expect(bodyOf({ name: " B ", dose: "", schedule: "daily" }, before)).toEqual({ name: "B", schedule: "daily", note: "kept", source: before.source });
  expect(writtenOf(null)).toEqual({ name: "", dose: "", schedule: "" });
  expect(fromDraft("{")).toBeNull();
  expect(fromDraft('{"name":"A","dose":3}')).toEqual({ name: "A", dose: "", schedule: "" });
});

test("a history stands by category: offered ones first, own ones by name, none last", () => {
  const of = (title: string, at: number, category?: string): EntryShown =>
    entry("mindhaven/history", at, { title, ...(category === undefined ? {} : { category }) });
  const all = [of("e", 1), of("z", 2, "work"), of("f", 3, "family"), of("d", 4, "diagnosis"), of("a", 5, "allergy")];
  expect(groupsOf(all).map((one) => one.category)).toEqual(["diagnosis", "family", "allergy", "work", ""]);
  expect(ownOf(all)).toEqual(["allergy", "work"]);
  const typed = { ...historyOf(null), title: " t ", since: "2019" };
  expect(historyBody(typed, { title: "old", until: "2020", extra: 1 })).toEqual({ title: "t", since: "2019", extra: 1 });
});
