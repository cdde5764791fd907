/** Times of day as they are chosen and shown, against cases worked out by hand. */

import { expect, test, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });

const { chosen, keyBytes, withOneMore } = await import("../src/areas/reminders/times.ts");
const { timeHere } = await import("../src/areas/seen/values.ts");

test("each time once, in order; what is empty or half typed is left out", () => {
  expect(chosen(["20:00", "", "08:30", "20:00", "8:3", "24:00", "08:30:00"])).toEqual(["08:30", "20:00"]);
  expect(chosen([])).toEqual([]);
});

test("one more is an hour later, over midnight too, and eight are the most", () => {
  expect(withOneMore([])).toEqual(["09:00"]);
  expect(withOneMore(["09:15"])).toEqual(["09:15", "10:15"]);
  expect(withOneMore(["22:00", "23:30", "08:00"])).toEqual(["22:00", "23:30", "08:00", "00:30"]);
  const eight = Array.from({ length: 8 }, (_, at) => `0${String(at)}:00`);
  expect(withOneMore(eight)).toEqual(eight);
  expect(withOneMore(eight.slice(1))).toHaveLength(8);
});

test("a key in base64url is read as browsers want it", () => {
  expect([...keyBytes("BP_-")]).toEqual([4, 255, 254]);
});

test.each([
  [480, 0, "08:00"],
  [420, -60, "08:00"],
  [1410, -60, "00:30"],
  [30, 300, "19:30"],
  [0, -345, "05:45"],
])("the minute %i of UTC is shown as the time here", (minute, offset, time) => {
  expect(timeHere(minute, offset)).toBe(time);
});
