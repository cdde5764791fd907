import { expect, test } from "vitest";

import { ByteMap, ByteSet, randomBytes } from "../src/index.ts";

test("keys are the same when their bytes are", () => {
  const key = randomBytes(32);
  const map = new ByteMap([[key, 1]]);
  expect(map.get(key.slice())).toBe(1);
  expect(map.has(key.subarray(0, 31))).toBe(false);
  expect(map.get(Uint8Array.of(...key.subarray(0, 31), (key[31] ?? 0) ^ 1))).toBeUndefined();
  const set = new ByteSet([key, key.slice()]);
  expect([set.size, set.has(key.slice()), set.has(randomBytes(32))]).toEqual([1, true, false]);
});

test("every pair of bytes is told apart, whatever its value", () => {
  const map = new ByteMap<number>();
  for (let value = 0; value < 65_536; value++) map.set(Uint8Array.of(value >> 8, value & 255), value);
  expect(map.size).toBe(65_536);
  expect(map.get(Uint8Array.of(0xd8, 0x00))).toBe(0xd800);
  expect(map.has(new Uint8Array(0))).toBe(false);
});

test("order is that in which keys came first, and a copy is on its own", () => {
  const [a, b, c] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
  const map = new ByteMap([
    [b, "b"],
    [a, "a"],
  ]);
  const copy = new ByteMap(map).set(c, "c").set(b, "again");
  expect(copy.delete(a)).toBe(true);
  expect(copy.delete(a)).toBe(false);
  expect([...map]).toEqual([
    [b, "b"],
    [a, "a"],
  ]);
  expect([...copy]).toEqual([
    [b, "again"],
    [c, "c"],
  ]);
  expect([[...copy.keys()], [...copy.values()]]).toEqual([
    [b, c],
    ["again", "c"],
  ]);
});
