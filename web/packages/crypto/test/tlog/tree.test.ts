import { describe, expect, test } from "vitest";

import { IntegrityError, tlog } from "../../src/index.ts";
import { chance } from "../chance.ts";
import { leaf, leavesOf, path, rootOf, subproof } from "./rfc6962.ts";

const LEAVES = leavesOf(70);
const ROOTS = Array.from({ length: LEAVES.length + 1 }, (_, size) => rootOf(LEAVES.slice(0, size)));
const random = chance(1962);

function below(limit: number): number {
  return Math.floor(random() * limit);
}

function rootAt(size: number): Uint8Array {
  const root = ROOTS[size];
  if (root === undefined) throw new Error(`no root of size ${size}`);
  return root;
}

function leafAt(index: number): Uint8Array {
  const found = LEAVES[index];
  if (found === undefined) throw new Error(`no leaf at ${index}`);
  return found;
}

/** The same hash but for one bit. */
function flipped(hash: Uint8Array): Uint8Array {
  const [at, bit] = [below(hash.length), 1 << below(8)];
  return hash.map((byte, place) => (place === at ? byte ^ bit : byte));
}

function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof IntegrityError) return error.reason;
    throw error;
  }
  return "accepted";
}

const head = (size: number): tlog.TreeHead => ({ size, root: rootAt(size) });

test("hashes are those of RFC 6962", () => {
  const entry = Uint8Array.of(1, 2, 3);
  expect(tlog.leafHash(entry)).toEqual(leaf(entry));
  expect(tlog.nodeHash(leafAt(0), leafAt(1))).toEqual(rootAt(2));
  expect(tlog.EMPTY_ROOT).toEqual(rootAt(0));
});

test("an edge that grows leaf by leaf has the root of every size", () => {
  const edge = new tlog.Edge();
  for (const [at, one] of LEAVES.entries()) {
    expect(edge.root()).toEqual(rootAt(at));
    edge.add(one);
    expect(edge.size).toBe(at + 1);
  }
  const half = new tlog.Edge();
  half.extend(LEAVES.slice(0, 37));
  const again = new tlog.Edge(37, half.roots);
  again.extend(LEAVES.slice(37));
  expect(again.root()).toEqual(rootAt(70));
  expect(half.root()).toEqual(rootAt(37));
  expect(reasonOf(() => new tlog.Edge(36, half.roots))).toBe("tree-edge");
});

describe("inclusion", () => {
  test("every entry of every small tree is where it is, and nowhere else", () => {
    for (let size = 1; size <= 40; size++) {
      for (let index = 0; index < size; index++) {
        const proof = path(index, LEAVES.slice(0, size));
        tlog.verifyInclusion(leafAt(index), index, size, proof, rootAt(size));
        const elsewhere = (index + 1 + below(size)) % size;
        if (elsewhere !== index) {
          expect(reasonOf(() => {
            tlog.verifyInclusion(leafAt(index), elsewhere, size, proof, rootAt(size));
          })).toMatch(/^proof-(length|mismatch)$/);
        }
      }
    }
  });

  test("a proof with a hash changed, missing or too many is refused", () => {
    for (let round = 0; round < 300; round++) {
      const size = 2 + below(69);
      const index = below(size);
      const proof = path(index, LEAVES.slice(0, size));
      const at = below(proof.length);
      const refused = (one: readonly Uint8Array[]): string =>
        reasonOf(() => {
          tlog.verifyInclusion(leafAt(index), index, size, one, rootAt(size));
        });
      expect(refused(proof)).toBe("accepted");
      expect(refused(proof.with(at, flipped(proof[at] ?? rootAt(1))))).toBe("proof-mismatch");
      expect(refused(proof.slice(0, -1))).toBe("proof-length");
      expect(refused([...proof, rootAt(1)])).toBe("proof-length");
    }
  });

  test.each([
    [-1, 5],
    [5, 5],
    [0, 0],
    [Number.NaN, 5],
    [0, tlog.MAX_SIZE + 1],
  ])("entry %d of a tree of %d is none", (index, size) => {
    expect(reasonOf(() => tlog.rootFromInclusion(leafAt(0), index, size, []))).toBe("proof-range");
  });

  test("a tree beyond 32 bits has proofs of its height", () => {
    const proof = Array.from({ length: 53 }, () => rootAt(1));
    expect(reasonOf(() => tlog.rootFromInclusion(leafAt(0), 2 ** 40, tlog.MAX_SIZE, proof))).toBe("accepted");
    expect(reasonOf(() => tlog.rootFromInclusion(leafAt(0), 2 ** 40, tlog.MAX_SIZE, proof.slice(1)))).toBe(
      "proof-length",
    );
  });
});

describe("consistency", () => {
  test("every small tree extends every smaller one", () => {
    for (let now = 0; now <= 40; now++) {
      for (let before = 0; before <= now; before++) {
        const proof = before === 0 ? [] : subproof(before, LEAVES.slice(0, now));
        tlog.verifyConsistency(head(before), head(now), proof);
      }
    }
  });

  test("a proof with a hash changed, missing or too many, or of another root, is refused", () => {
    for (let round = 0; round < 300; round++) {
      const now = 2 + below(69);
      const before = 1 + below(now - 1);
      const proof = subproof(before, LEAVES.slice(0, now));
      const at = below(proof.length);
      const refused = (old: tlog.TreeHead, fresh: tlog.TreeHead, one: readonly Uint8Array[]): string =>
        reasonOf(() => {
          tlog.verifyConsistency(old, fresh, one);
        });
      expect(refused(head(before), head(now), proof)).toBe("accepted");
      expect(refused(head(before), head(now), proof.with(at, flipped(proof[at] ?? rootAt(1))))).toBe("log-rewritten");
      expect(refused({ size: before, root: flipped(rootAt(before)) }, head(now), proof)).toBe("log-rewritten");
      expect(refused(head(before), { size: now, root: flipped(rootAt(now)) }, proof)).toBe("log-rewritten");
      expect(refused(head(before), head(now), proof.slice(0, -1))).toBe("proof-length");
      expect(refused(head(before), head(now), [...proof, rootAt(1)])).toBe("proof-length");
      expect(refused(head(now), head(before), proof)).toBe("log-shrunk");
    }
  });
});
