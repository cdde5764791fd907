/** Work on many things, some at a time: order, how many at once, and what a failure stops. */

import { expect, test } from "vitest";

import { mapSome } from "../src/index.ts";

test("results come in the order of what they are of, never more than that many at once", async () => {
  let [now, most] = [0, 0];
  const given = await mapSome(
    [5, 1, 4, 2, 3],
    async (one, number) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, one));
      now -= 1;
      return [one, number];
    },
    2,
  );
  expect(given).toEqual([[5, 0], [1, 1], [4, 2], [2, 3], [3, 4]]);
  expect(most).toBe(2);
  expect(await mapSome([], () => Promise.reject(new Error("of nothing")))).toEqual([]);
});

test("the first failure is thrown, and nothing new is begun", async () => {
  const begun: number[] = [];
  const act = async (one: number): Promise<void> => {
    begun.push(one);
    await Promise.resolve();
    if (one === 1) throw new Error("one");
  };
  await expect(mapSome([0, 1, 2, 3, 4, 5, 6, 7], act, 2)).rejects.toThrow("one");
  const before = begun.length;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(begun).toHaveLength(before);
  expect(begun).not.toContain(7);
});
