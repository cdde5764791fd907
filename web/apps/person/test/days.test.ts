/** Days, months and patterns, against cases worked out by hand. */

import { expect, test, vi } from "vitest";

import type { EntryShown as Shown } from "../src/engine/shown.ts";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });

const { daysOf, dayNumber, monthAfter, weeksOf } = await import("../src/areas/back/days.ts");
const { faceAt } = await import("../src/moods.ts");
const { halvesOf, patternsOf, sleepHours } = await import("../src/areas/back/patterns.ts");

const HOUR = 3_600_000;
/** 2026-03-01, noon UTC. */
const NOON = Date.UTC(2026, 2, 1, 12);

function entry(kind: string, createdAt: number, body: Shown["body"], zone = "UTC"): Shown {
  const item = `${kind}${String(createdAt)}`;
  return { item, part: "", kind, createdAt, zone, body, mine: true, waits: false, error: null, conflict: false, files: [] };
}

function mood(day: number, valence: number, activities: string[] = []): Shown {
  return entry("mindhaven/mood", NOON + day * 24 * HOUR, { valence, activities });
}

test("an entry belongs to the day on which it was where it was written", () => {
  const late = entry("mindhaven/mood", Date.UTC(2026, 2, 1, 23, 30), { valence: 1 }, "Europe/Berlin");
  const early = entry("mindhaven/mood", Date.UTC(2026, 2, 1, 3), { valence: -1 }, "America/New_York");
  expect([...daysOf([late, early]).keys()]).toEqual(["2026-03-02", "2026-02-28"]);
});

test("a day's mood is the mean of its moods, none without one; a plan is about no day", () => {
  const days = daysOf([mood(0, 1), mood(0, 0), entry("mindhaven/journal", NOON + 24 * HOUR, { text: "x" }), entry("mindhaven/plan", NOON, {})]);
  expect(days.get("2026-03-01")?.mood).toBe(0.5);
  expect(days.get("2026-03-02")?.mood).toBeNull();
  expect(days.size).toBe(2);
});

test.each([[-1, 0], [-0.76, 0], [-0.74, 1], [0, 2], [0.5, 3], [1, 4]])("a mood of %f is face %i", (value, face) => {
  expect(faceAt(value)).toBe(face);
});

test("March 2026 begins on a Sunday: the last cell of a week from Monday, the first of one from Sunday", () => {
  expect(weeksOf("2026-03", 1)[0]).toEqual([null, null, null, null, null, null, "2026-03-01"]);
  expect(weeksOf("2026-03", 7)[0]?.[0]).toBe("2026-03-01");
  expect(weeksOf("2026-03", 1)).toHaveLength(6);
  expect(weeksOf("2024-02", 1).flat().filter((day) => day !== null)).toHaveLength(29);
  expect(monthAfter("2026-01", -1)).toBe("2025-12");
  expect(dayNumber("1970-01-11")).toBe(10);
});

test("no pattern is told before 14 days with a mood", () => {
  const thirteen = Array.from({ length: 13 }, (_one, day) => mood(day, day < 6 ? 1 : -1, day < 6 ? ["walk"] : []));
  expect(patternsOf(daysOf(thirteen).values())).toBeNull();
  expect(patternsOf(daysOf([...thirteen, mood(13, -1)]).values())).toHaveLength(1);
});

test("no pattern is told of a group under 5 days, nor of a difference that nobody feels", () => {
  const four = Array.from({ length: 20 }, (_one, day) => mood(day, day < 4 ? 1 : -1, day < 4 ? ["walk"] : []));
  expect(patternsOf(daysOf(four).values())).toEqual([]);
  const alike = Array.from({ length: 20 }, (_one, day) => mood(day, day < 10 ? 0.1 : 0, day < 10 ? ["walk"] : []));
  expect(patternsOf(daysOf(alike).values())).toEqual([]);
});

test("a pattern has a direction and counts the days that bear it out", () => {
  // 6 days with walks: 0.5 five times, -0.5 once: mean 1/3. 10 days without: all 0. Five of six are above 0.
  const walks = [0.5, 0.5, 0.5, 0.5, 0.5, -0.5].map((value, day) => mood(day, value, ["walk"]));
  const others = Array.from({ length: 10 }, (_one, day) => mood(day + 6, 0));
  expect(patternsOf(daysOf([...walks, ...others]).values())).toEqual([{ what: "tag", name: "walk", higher: true, days: 5, of: 6 }]);
  const turned = [...walks, ...others].map((one) => ({ ...one, body: { ...one.body, valence: -Number(one.body?.["valence"]) } }));
  expect(patternsOf(daysOf(turned).values())).toEqual([{ what: "tag", name: "walk", higher: false, days: 5, of: 6 }]);
});

test("sleep is compared at seven hours, by the longest of a day", () => {
  const night = (day: number, hours: number): Shown => {
    const end = NOON + day * 24 * HOUR - HOUR;
    return entry("mindhaven/sleep", end, { start: end - hours * HOUR, end });
  };
  expect(sleepHours(night(0, 7.5))).toBe(7.5);
  expect(sleepHours(entry("mindhaven/sleep", NOON, { start: NOON, end: NOON }))).toBeNull();
  const days = Array.from({ length: 14 }, (_one, day) => [mood(day, day < 7 ? 0.5 : -0.5), night(day, day < 7 ? 7 : 6.9)]).flat();
  expect(patternsOf(daysOf(days).values())).toEqual([{ what: "sleep", name: "", higher: true, days: 7, of: 7 }]);
});

test("the halves of a time are compared from 14 days with a mood and 5 in each, and small differences are none", () => {
  const first = dayNumber("2026-03-01");
  const halves = (before: number, after: number, by: number): string | null => {
    const days = [...Array(before).keys()].map((day) => mood(day, 0));
    const later = [...Array(after).keys()].map((day) => mood(30 + day, by));
    return halvesOf([...daysOf([...days, ...later]).values()], first + 30);
  };
  expect(halves(7, 6, 1)).toBeNull();
  expect(halves(10, 4, 1)).toBeNull();
  expect(halves(4, 10, 1)).toBeNull();
  expect(halves(9, 5, 1)).toBe("higher");
  expect(halves(5, 9, -1)).toBe("lower");
  expect(halves(7, 7, 0.12)).toBe("same");
  expect(halves(7, 7, 0.125)).toBe("higher");
});
