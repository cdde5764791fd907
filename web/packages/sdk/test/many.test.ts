/** Many entries at once: whole or not at all, at rest before it says so, with the rows that belong to them. */

import { SealKey, hex } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { LocalStore, MemoryRows, Mindhaven, type Record } from "../src/index.ts";

const platform = { origin: "https://nobody.example", fetch: () => Promise.reject(new TypeError("no network")), now: () => 0 };

function mood(number: number): Record {
  return { kind: "mindhaven/mood", version: 1, createdAt: 1_767_225_600_000 + number, zone: "UTC", body: { valence: 0 } };
}

async function opened(rows: MemoryRows, key: SealKey): Promise<Mindhaven> {
  return Mindhaven.open(await LocalStore.open(rows, key), platform);
}

test("many are added and erased, in their order, with the rows beside them", async () => {
  const [rows, key] = [new MemoryRows(), SealKey.fresh()];
  const client = await opened(rows, key);
  const first = client.entries.add(mood(0));
  const added = await client.entries.addAll([mood(1), mood(2), mood(3)], (out, items) => {
    out.put("beside", new Uint8Array([items.length]));
  });
  const again = await opened(rows, key); // only what rests
  expect(again.entries.all().map((one) => hex(one.item))).toEqual([first, ...added].map(hex));
  expect(again.store.get("beside")).toEqual(new Uint8Array([3]));
  expect(again.store.queued().map(([number]) => number)).toEqual([1, 2, 3, 4]);
  const some = again.entries.all().filter((one) => hex(one.item) !== hex(first));
  await again.entries.eraseAll(some, (out) => {
    out.remove("beside");
  });
  const last = await opened(rows, key);
  expect(last.entries.all().map((one) => hex(one.item))).toEqual([hex(first)]);
  expect(last.store.get("beside")).toBeNull();
});

test("if one of them can't be, or does not rest, none is there", async () => {
  const [rows, key] = [new MemoryRows(), SealKey.fresh()];
  const client = await opened(rows, key);
  const wrong = { ...mood(2), kind: "No kind" };
  await expect(client.entries.addAll([mood(1), wrong])).rejects.toMatchObject({ reason: "record-kind-name" });
  rows.write = () => Promise.reject(new Error("full"));
  await expect(client.entries.addAll([mood(1), mood(2)])).rejects.toThrow("full");
  expect(client.entries.all()).toEqual([]);
  expect(client.store.queued()).toEqual([]);
});
