/** The local store: what rests together, what rests by itself, and that nothing rests unsealed. */

import { SealKey, encode, hex, utf8 } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { decodeItem, encodeItem } from "../src/rows.ts";
import { LocalStore, MemoryRows } from "../src/store.ts";

const text = (value: Uint8Array | null): string | null => (value === null ? null : new TextDecoder().decode(value));

test("a batch that fails leaves everything as it was, in memory and at rest", async () => {
  const rows = new MemoryRows();
  const key = SealKey.fresh();
  const store = await LocalStore.open(rows, key);
  store.put("kept", utf8("before"));
  await store.saved();
  const failing = store.batch(async (batch) => {
    batch.put("kept", utf8("after"));
    batch.put("new", utf8("new"));
    await Promise.resolve();
    throw new Error("the page was a lie");
  });
  await expect(failing).rejects.toThrow("the page was a lie");
  expect([text(store.get("kept")), store.get("new")]).toEqual(["before", null]);
  const again = await LocalStore.open(rows, key);
  expect([text(again.get("kept")), again.get("new")]).toEqual(["before", null]);
});

test("what a person writes while a page is verified rests, whatever becomes of the page", async () => {
  const rows = new MemoryRows();
  const key = SealKey.fresh();
  const store = await LocalStore.open(rows, key);
  let lie: () => void = () => undefined;
  const page = store.batch(async (batch) => {
    batch.put("of the page", utf8("x"));
    await new Promise<void>((_resolve, reject) => {
      lie = () => {
        reject(new Error("the page was a lie"));
      };
    });
  });
  const number = store.enqueue(utf8("an entry"));
  await store.saved(); // the person is told "saved" here
  expect(rows.rows.has(`queue/${String(number)}`)).toBe(true);
  lie();
  await expect(page).rejects.toThrow();
  expect(store.queued().map(([, value]) => text(value))).toEqual(["an entry"]);
  expect((await LocalStore.open(rows, key)).queued().map(([, value]) => text(value))).toEqual(["an entry"]);
});

test("a change that could not rest is told, and keeps no later one from resting", async () => {
  const rows = new MemoryRows();
  const store = await LocalStore.open(rows, SealKey.fresh());
  const write = rows.write.bind(rows);
  rows.write = () => Promise.reject(new Error("no room"));
  store.put("first", utf8("1"));
  await expect(store.saved()).rejects.toThrow("no room");
  rows.write = write;
  store.put("second", utf8("2"));
  await store.saved();
  expect([...rows.rows.keys()]).toEqual(["second"]);
});

test("an item's row of before this device kept salts is read, and the next one has its salt", () => {
  const item = new Uint8Array(16).fill(1);
  const [author, salt, value] = [new Uint8Array(32).fill(2), new Uint8Array(32).fill(3), utf8("x")];
  const state = { revision: 4, epoch: 5, author, month: 202611, erased: false };
  // What a device wrote then: revision, epoch, author, month, erased, seq, value, given.
  const before = encode([4, 5, author, 202611, false, 6, value, true]);
  const read = decodeItem(hex(item), before);
  expect(read).toEqual({ item, state, seq: 6, value, given: true, salt: null });
  expect(decodeItem(hex(item), encodeItem({ ...read, salt }))).toEqual({ ...read, salt });
  for (const fields of [7, 10]) {
    const odd = encode(Array.from({ length: fields }, () => 0));
    expect(() => decodeItem(hex(item), odd)).toThrow(expect.objectContaining({ reason: "shape" }));
  }
});

test("rows rest sealed, each in its place, and open under their own key only", async () => {
  const rows = new MemoryRows();
  const key = SealKey.fresh();
  const store = await LocalStore.open(rows, key);
  store.put("one", utf8("a secret of mine"));
  store.put("two", utf8("another"));
  await store.saved();
  for (const row of rows.rows.values()) expect(text(row)).not.toContain("secret");
  await expect(LocalStore.open(rows, SealKey.fresh())).rejects.toMatchObject({ reason: "commitment-mismatch" });
  const [one, two] = [rows.rows.get("one"), rows.rows.get("two")];
  if (one === undefined || two === undefined) throw new Error("both rest");
  rows.rows.set("one", two).set("two", one);
  await expect(LocalStore.open(rows, key)).rejects.toMatchObject({ reason: "commitment-mismatch" });
});
