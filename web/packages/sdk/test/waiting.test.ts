/** Files that wait under a lock: what opens them rests under it alone, moves with it, and joins the locked entry. */

import { base64, fromBase64 } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import type { OpenedLock } from "../src/locks.ts";
import type { Shelf } from "../src/unplaced.ts";
import { device, person, type Device } from "./support/world.ts";

const WORDS = "four herons and a kettle";
const ROW = "under-the-lock";

function file(name: string): File {
  return new File([`what ${name} says`], name, { type: "text/plain", lastModified: 1_700_000_000_000 });
}

/** A list that rests on this device as its lock seals it. */
function underLock({ client: { store } }: Device, lock: OpenedLock): Shelf {
  return {
    get: async () => {
      const kept = store.get(ROW);
      const list = kept === null ? null : await lock.unseal(new TextDecoder().decode(kept));
      return list === null ? null : fromBase64(list);
    },
    put: async (list) => {
      store.put(ROW, new TextEncoder().encode(list === null ? "" : await lock.seal(base64(list))));
      await store.saved();
    },
  };
}

function holds(of: Device, bytes: Uint8Array): boolean {
  return of.client.store.under("").some(([, row]) => Buffer.from(row).includes(Buffer.from(bytes)));
}

const text = async (blob: Blob): Promise<string> => new TextDecoder().decode(await blob.arrayBuffer());

test("a file for a locked entry opens with the lock alone, also while it waits, and joins the entry", async () => {
  const ana = await person();
  await ana.client.sync();
  const lock = await (await ana.client.locks()).create(WORDS);
  const waiting = await ana.client.unplaced(underLock(ana, lock));
  const one = await waiting.attach("journal", file("one.txt"), "new");
  const [reference] = await waiting.references([one.id]);
  if (reference === undefined) throw new Error("it does not wait");
  expect(holds(ana, reference.key.bytes)).toBe(false);
  expect(await (await ana.client.unplaced()).shown("new")).toEqual([]);

  // The page was closed: whoever opens the device has nothing of it before the lock is opened.
  const again = await device(ana.rows, ana.key);
  expect(holds(again, reference.key.bytes)).toBe(false);
  const opened = await (await again.client.locks()).open(WORDS);
  const still = await again.client.unplaced(underLock(again, opened));
  expect(await still.shown("new")).toEqual([one]);
  expect(await text(await still.read(one.id))).toBe("what one.txt says");

  const record = { kind: "mindhaven/journal", version: 1, createdAt: Date.now(), zone: "UTC", body: { text: "mine" } };
  await opened.add(record, await still.references([one.id]));
  await still.drop([one.id]);
  expect((await again.client.sync()).held).toEqual([]);
  const [entry] = await opened.entries();
  if (entry === undefined) throw new Error("nothing is locked");
  expect(await text(await (await again.client.files()).read(entry))).toBe("what one.txt says");
  expect(holds(again, reference.key.bytes)).toBe(false);
  expect(await still.shown("new")).toEqual([]);
});

test("a file under a lock whose sending broke off leaves nothing that opens it, and is sent anew", async () => {
  const ana = await person();
  await ana.client.sync();
  const lock = await (await ana.client.locks()).create(WORDS);
  const waiting = await ana.client.unplaced(underLock(ana, lock));
  ana.wire.before = (_method, path) => {
    if (path.includes("/blobs/")) throw new TypeError("no network");
  };
  await expect(waiting.attach("journal", file("one.txt"), "new")).rejects.toMatchObject({ reason: "offline" });
  expect(ana.client.store.under("upload/")).toEqual([]);
  ana.wire.before = null;
  const one = await waiting.attach("journal", file("one.txt"), "new");
  expect(await text(await waiting.read(one.id))).toBe("what one.txt says");
});

test("what waits moves into a lock and out of it, and two at once leave neither out", async () => {
  const ana = await person();
  await ana.client.sync();
  const outside = await ana.client.unplaced();
  const both = await Promise.all(["one.txt", "two.txt"].map((name) => outside.attach("journal", file(name), "draft")));
  const names = async (of: typeof outside, about: string): Promise<string[]> =>
    (await of.shown(about)).map((one) => one.name).sort();
  expect(await names(outside, "draft")).toEqual(both.map((one) => one.name).sort());
  const lock = await (await ana.client.locks()).create(WORDS);
  const inside = await ana.client.unplaced(underLock(ana, lock));
  const references = await outside.references(both.map((one) => one.id));
  await outside.move("draft", inside, "locked");
  expect([await names(outside, "draft"), await names(inside, "locked")]).toEqual([[], ["one.txt", "two.txt"]]);
  expect(references.some((one) => holds(ana, one.key.bytes))).toBe(false);
  await inside.move("locked", outside, "draft");
  expect([await names(outside, "draft"), await names(inside, "locked")]).toEqual([["one.txt", "two.txt"], []]);
});
