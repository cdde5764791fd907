/** The timing of a breath and of a line, against cases worked out by hand. */

import { expect, test } from "vitest";

import { breathAt, clockText, fullAt, leftAt, lineSeconds, MINUTES, noted, overAt, stepsAt } from "../src/areas/calm/timing.ts";

test.each([
  [0, "in", 1],
  [0.99, "in", 1],
  [3.99, "in", 4],
  [4, "out", 1],
  [9.99, "out", 6],
  [10, "in", 1],
  [47.5, "out", 4],
] as const)("after %f seconds one breathes %s, at %i", (seconds, phase, count) => {
  expect(breathAt(seconds)).toEqual({ phase, count, of: phase === "in" ? 4 : 6 });
});

test("lungs are empty at the beginning, full after four seconds, empty again after ten, and never jump", () => {
  expect([0, 2, 4, 7, 10].map((at) => Math.round(fullAt(at) * 1000))).toEqual([0, 500, 1000, 500, 0]);
  for (let at = 0; at < 600; at++) expect(Math.abs(fullAt((at + 1) / 10) - fullAt(at / 10))).toBeLessThan(0.05);
});

test("steps fill with each count in and empty with each count out", () => {
  expect([0, 1, 2, 3].map((at) => stepsAt(breathAt(at)))).toEqual([1, 2, 3, 4]);
  expect([4, 5, 8, 9].map((at) => stepsAt(breathAt(at)))).toEqual([5, 4, 1, 0]);
});

test("whole breaths go into each length, and what is left changes once a breath", () => {
  for (const minutes of MINUTES) expect((minutes * 60) % 10).toBe(0);
  expect([0, 9.9, 10, 59.9, 70].map((at) => leftAt(at, 1))).toEqual([60, 60, 50, 10, 0]);
  expect([overAt(59.99, 1), overAt(60, 1)]).toEqual([false, true]);
  expect([clockText(60), clockText(150), clockText(5)]).toEqual(["1:00", "2:30", "0:05"]);
});

test("a longer line stays longer", () => {
  expect(lineSeconds("Feel your feet.")).toBe(8.5);
  expect(lineSeconds(" two  words ")).toBe(8);
});

test("minutes are noted to a tenth, from half a minute on", () => {
  expect([noted(29.9), noted(30), noted(60), noted(100)]).toEqual([null, 0.5, 1, 1.7]);
});
