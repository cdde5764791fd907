/** What is said of a part with two histories: of whatever goes and whatever stays, and never nothing. */

import { expect, test, vi } from "vitest";

import type { SplitShown } from "../src/engine/histories.ts";
import type { EntryShown } from "../src/engine/shown.ts";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });

const { linesOf } = await import("../src/areas/histories/lines.ts");

const NOTHING: SplitShown = { id: "1", part: "mood", owner: null, can: "rejoin", again: [], others: 0, shut: 0, erased: 0 };
const ENTRY = { item: "1" } as EntryShown;

test("a part of which no entry is missing says what differs", () => {
  expect(linesOf(NOTHING)).toEqual([expect.stringContaining("No entry is missing")]);
  expect(linesOf({ ...NOTHING, again: [ENTRY] })).toEqual([]);
  expect(linesOf({ ...NOTHING, part: null, erased: 3 })).toEqual([expect.stringContaining("another one than this device")]);
});

test("whatever leaves this device, or comes back, is counted", () => {
  const lines = linesOf({ ...NOTHING, again: [ENTRY], others: 2, shut: 3, erased: 4 });
  expect(lines.map((line) => /: (\d)\./.exec(line)?.[1])).toEqual(["4", "2", "3"]);
});

test("where somebody else decides, only that is said", () => {
  const lines = linesOf({ ...NOTHING, owner: "Ben", can: "wait", others: 2 });
  expect(lines).toEqual([expect.stringMatching(/^Ben chooses/)]);
});
