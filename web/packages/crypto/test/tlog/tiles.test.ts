import { describe, expect, test } from "vitest";

import { concat, IntegrityError, InvalidInputError, tlog } from "../../src/index.ts";
import { chance } from "../chance.ts";
import { entryAt, leavesOf, path, rootOf, subproof } from "./rfc6962.ts";

/** Enough for a third level: 256 tiles of leaves, and a little more. */
const SIZE = 65_600;
const LEAVES = leavesOf(SIZE);
const random = chance(2562);

/** The tiles of the log of `size`, made by the definition: each hash is the root over the leaves that it stands for. */
function tilesOf(size: number): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (let level = 0; 256 ** level <= size; level++) {
    const span = 256 ** level;
    const hashes = Array.from({ length: Math.floor(size / span) }, (_, at) =>
      rootOf(LEAVES.slice(at * span, (at + 1) * span)),
    );
    for (let at = 0; at < hashes.length; at += 256) {
      found.set(tlog.tilePath({ level, number: at / 256 }), concat(...hashes.slice(at, at + 256)));
    }
  }
  return found;
}

function below(limit: number): number {
  return Math.floor(random() * limit);
}

/** Only the tiles that a proof names, at the width that they have in a log of `size`. */
function fetched(proof: tlog.Proof, tiles: ReadonlyMap<string, Uint8Array>, size: number): tlog.Tiles {
  return new Map(
    proof.tiles.map((tile) => {
      const data = tiles.get(tlog.tilePath(tile)) ?? new Uint8Array(0);
      return [tlog.tilePath(tile), data.subarray(0, tlog.widthAt(tile, size) * tlog.HASH_BYTES)];
    }),
  );
}

const WHOLE = tilesOf(SIZE);

describe("proofs from tiles are those of RFC 6962", () => {
  test.each([1, 2, 7, 255, 256, 257, 511, 512, 700])("size %d", (size) => {
    const leaves = LEAVES.slice(0, size);
    for (const index of new Set([0, size - 1, below(size), below(size)])) {
      const proof = tlog.inclusion(index, size);
      expect(proof.hashes(fetched(proof, WHOLE, size))).toEqual(path(index, leaves));
    }
    for (const before of new Set([1, size, 1 + below(size), 1 + below(size)])) {
      const proof = tlog.consistency(before, size);
      expect(proof.hashes(fetched(proof, WHOLE, size))).toEqual(subproof(before, leaves));
    }
    const root = tlog.root(size);
    expect(root.value(fetched(root, WHOLE, size))).toEqual(rootOf(leaves));
  });

  test("three levels high", () => {
    const root = rootOf(LEAVES);
    const whole = tlog.root(SIZE);
    expect(whole.value(fetched(whole, WHOLE, SIZE))).toEqual(root);
    for (const index of [0, 255, 256, 65_535, 65_536, SIZE - 1, below(SIZE)]) {
      const proof = tlog.inclusion(index, SIZE);
      const leaf = LEAVES[index] ?? new Uint8Array(0);
      tlog.verifyInclusion(leaf, index, SIZE, proof.hashes(fetched(proof, WHOLE, SIZE)), root);
      expect(Math.max(...proof.tiles.map((tile) => tile.level))).toBeGreaterThan(0);
    }
    const proof = tlog.consistency(65_536, SIZE);
    const before = { size: 65_536, root: rootOf(LEAVES.slice(0, 65_536)) };
    tlog.verifyConsistency(before, { size: SIZE, root }, proof.hashes(fetched(proof, WHOLE, SIZE)));
  });

  test("an empty log has the empty root, and nothing to prove", () => {
    expect(tlog.root(0).tiles).toEqual([]);
    expect(tlog.root(0).value(new Map())).toEqual(rootOf([]));
    expect(tlog.consistency(0, 9).tiles).toEqual([]);
  });
});

describe("what is missing or out of range is refused", () => {
  test("a tile that is not there, or too short", () => {
    const proof = tlog.inclusion(3, 300);
    expect(() => proof.hashes(new Map())).toThrow(expect.objectContaining({ reason: "tile-missing" }));
    const cut = new Map([...WHOLE].map(([name, data]) => [name, data.subarray(0, 31)]));
    expect(() => proof.hashes(cut)).toThrow(IntegrityError);
  });

  test.each([
    [-1, 4],
    [4, 4],
    [0, 0],
  ])("entry %d of %d", (index, size) => {
    expect(() => tlog.inclusion(index, size)).toThrow(expect.objectContaining({ reason: "proof-range" }));
  });

  test.each([
    [-1, 4],
    [5, 4],
  ])("a log from %d to %d", (before, now) => {
    expect(() => tlog.consistency(before, now)).toThrow(InvalidInputError);
  });
});

test("paths are those of C2SP tlog-tiles", () => {
  expect(tlog.tilePath({ level: 0, number: 1_234_067 })).toBe("tile/0/x001/x234/067");
  expect(tlog.tilePath({ level: 2, number: 0 }, 7)).toBe("tile/2/000.p/7");
  expect(tlog.bundlePath(999, 255)).toBe("tile/entries/999.p/255");
  expect(tlog.bundlePath(1000)).toBe("tile/entries/x001/000");
});

test("a tile is as wide as its log is long", () => {
  const widths = (level: number, number: number): number[] =>
    [0, 255, 256, 300, 65_536, 2 ** 40].map((size) => tlog.widthAt({ level, number }, size));
  expect(widths(0, 0)).toEqual([0, 255, 256, 256, 256, 256]);
  expect(widths(0, 1)).toEqual([0, 0, 0, 44, 256, 256]);
  expect(widths(1, 0)).toEqual([0, 0, 1, 1, 256, 256]);
  expect(widths(4, 0)).toEqual([0, 0, 0, 0, 0, 256]);
  expect(widths(5, 0)).toEqual([0, 0, 0, 0, 0, 1]);
});

test("a bundle gives its entries, and says when it was cut", () => {
  const entries = [entryAt(1), new Uint8Array(0), new Uint8Array(300).fill(7)];
  const bundle = concat(
    ...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]),
  );
  expect(tlog.readBundle(bundle, { width: 3 })).toEqual(entries);
  expect(tlog.readBundle(bundle, { width: 2 })).toEqual(entries.slice(0, 2));
  for (const [data, width] of [
    [bundle, 4],
    [bundle.subarray(0, -1), 3],
    [bundle.subarray(0, 1), 1],
  ] as const) {
    expect(() => tlog.readBundle(data, { width })).toThrow(expect.objectContaining({ reason: "bundle-cut" }));
  }
});
