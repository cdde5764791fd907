import { expect, test } from "vitest";

import { ByteMap, chain, collection, type epoch, snapshot } from "../../src/index.ts";
import { reasonOf } from "../tlog/signing.ts";

const OWNER = new Uint8Array(32).fill(1);
const HASH = new Uint8Array(32).fill(2);
const EPOCH: epoch.Epoch = { number: 1, month: 0, commitment: HASH, author: OWNER, holders: new ByteMap([[OWNER, 1]]) };
const STATE = new chain.ChainState({
  collection: HASH,
  seq: 9000,
  head: HASH,
  members: new ByteMap([[OWNER, collection.ownerOf(OWNER)]]),
  settings: collection.DEFAULT_SETTINGS,
  epochs: new Map([[1, EPOCH]]),
  knownKeys: new ByteMap([[OWNER, 1]]),
  signedKeys: new ByteMap([[OWNER, 1]]),
});

/** `count` live records, two of each commit. */
function records(count: number): snapshot.Live[] {
  return Array.from({ length: count }, (_, at) => ({
    item: Uint8Array.of(...new Uint8Array(14), at >> 8, at & 255),
    revision: 1,
    epoch: 1,
    author: OWNER,
    seq: 2 + (at >> 1),
    envelopeHash: HASH,
    saltHash: HASH,
    blobs: [],
  }));
}

function read(list: snapshot.LiveList): snapshot.LiveList {
  const data = list.encode();
  return snapshot.LiveList.decode(data, snapshot.rootOf(data));
}

test.each([
  [0, []],
  [1, [1]],
  [4095, [4095]],
  [4096, [4096]],
  [4097, [4096, 1]],
  [8192, [4096, 4096]],
])("%d records are in parts of %j", (count, sizes) => {
  const live = records(count);
  const { list, parts } = snapshot.build(STATE, new Map([[1, [7, 1, 7]]]), live);
  const again = read(list);
  expect(again.wrapsAt.get(1)).toEqual([1, 7]);
  expect(again.records).toBe(count);
  const found = parts.map((part, at) => again.part(at, part));
  expect(found.map((part) => part.length)).toEqual(sizes);
  expect(found.flat()).toEqual(live);
});

test("a part is the one of its number, in its order", async () => {
  const live = records(4097);
  const places = new Map([[1, [1]]]);
  const { list, parts } = snapshot.build(STATE, places, live);
  const [first, second] = parts;
  if (first === undefined || second === undefined) throw new Error("4097 records fill two parts");
  expect(await reasonOf(() => read(list).part(0, second))).toBe("snapshot-part");
  expect(await reasonOf(() => read(list).part(2, second))).toBe("snapshot-part");
  const disordered = snapshot.build(STATE, places, live.toReversed());
  expect(await reasonOf(() => read(disordered.list).part(0, disordered.parts[0] ?? first))).toBe("snapshot-part");
  const strange = snapshot.build(STATE, places, records(3).map((one) => ({ ...one, epoch: 2 })));
  expect(await reasonOf(() => read(strange.list).part(0, strange.parts[0] ?? first))).toBe("snapshot-part");
});
