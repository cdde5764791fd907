/**
 * The Merkle tree of RFC 6962 over SHA-256: hashes, a growing tree's edge, and the checks of both proofs.
 *
 * A proof that is longer or shorter than its tree needs is refused; so is one that leads to another root.
 * Does not: know how leaves are stored (`tiles`) or who vouches for a root (`checkpoint`). No I/O.
 * Source: RFC 6962 section 2.1 for the tree, RFC 9162 sections 2.1.3.2 and 2.1.4.2 for the checks.
 */

import { concat, equal } from "../bytes.ts";
import { sha256 } from "../derive.ts";
import { IntegrityError } from "../errors.ts";

export const HASH_BYTES = 32;
/** Leaves of the largest tree that is read: up to here a number says exactly which. */
export const MAX_SIZE = Number.MAX_SAFE_INTEGER;
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Return the hash of a leaf: SHA-256 of 00 and the entry. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(concat(LEAF, entry));
}

/** Return the hash of a node: SHA-256 of 01, left, right. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(NODE, left, right));
}

/** Return the root over the roots of perfect subtrees, largest first. */
export function joined(roots: readonly Uint8Array[]): Uint8Array {
  return roots.reduceRight((root, left) => nodeHash(left, root));
}

/** The right edge of a tree: the roots of its perfect subtrees, largest first. Memory: one hash a level. */
export class Edge {
  readonly #roots: Uint8Array[];
  #size: number;

  constructor(size = 0, roots: readonly Uint8Array[] = []) {
    if (roots.length !== ones(size)) {
      throw new IntegrityError("An edge has one root for each bit of its size.", { code: "tree-edge" });
    }
    this.#size = size;
    this.#roots = [...roots];
  }

  /** How many leaves the tree has. */
  get size(): number {
    return this.#size;
  }

  /** The roots of the perfect subtrees, largest first. */
  get roots(): readonly Uint8Array[] {
    return [...this.#roots];
  }

  /** Append one leaf by its hash (32 bytes). */
  add(leaf: Uint8Array): void {
    let root = leaf;
    for (let size = this.#size; isOdd(size); size = half(size)) {
      root = nodeHash(this.#roots.pop() ?? EMPTY_ROOT, root);
    }
    this.#roots.push(root);
    this.#size += 1;
  }

  /** Append leaves by their hashes. */
  extend(leaves: Iterable<Uint8Array>): void {
    for (const leaf of leaves) this.add(leaf);
  }

  /** Return the root of the whole tree. */
  root(): Uint8Array {
    return this.#roots.length === 0 ? EMPTY_ROOT : joined(this.#roots);
  }
}

/**
 * Return the root that `proof` leads to from a leaf's hash; raise `IntegrityError` if its length can't be right.
 *
 * RFC 9162 section 2.1.3.2, `proof` from leaf to root.
 */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array {
  if (!(index >= 0 && index < size && size <= MAX_SIZE)) {
    throw new IntegrityError("A proof is about an entry that its tree does not have.", { code: "proof-range" });
  }
  const climb = new Climb(index, size - 1);
  let root = leaf;
  for (const part of proof) {
    if (climb.done) throw new IntegrityError("A proof is longer than its tree is high.", { code: "proof-length" });
    root = climb.step() ? nodeHash(part, root) : nodeHash(root, part);
  }
  if (!climb.done) throw new IntegrityError("A proof is shorter than its tree is high.", { code: "proof-length" });
  return root;
}

/** Raise `IntegrityError` (proof-range, proof-length, proof-mismatch) unless the leaf stands at `index`. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  if (!equal(rootFromInclusion(leaf, index, size, proof), root)) {
    throw new IntegrityError("A proof leads to another root: the entry is not in this log.", {
      code: "proof-mismatch",
    });
  }
}

/** A log's size and root, as a checkpoint says them. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Raise `IntegrityError` unless the tree of `now` extends the one of `before`: RFC 9162 section 2.1.4.2.
 *
 * Codes: log-shrunk, proof-length, log-rewritten.
 */
export function verifyConsistency(before: TreeHead, now: TreeHead, proof: readonly Uint8Array[]): void {
  if (!(before.size >= 0 && before.size <= now.size && now.size <= MAX_SIZE)) {
    throw new IntegrityError("A log is smaller than it was.", { code: "log-shrunk" });
  }
  if (before.size === 0 || before.size === now.size) {
    if (proof.length > 0) throw longer();
    if (!equal(before.root, before.size === now.size ? now.root : EMPTY_ROOT)) throw rewritten();
    return;
  }
  // A perfect tree is its own first part, and the proof leaves it out.
  const [start, ...parts] = ones(before.size) === 1 ? [before.root, ...proof] : proof;
  if (start === undefined) throw shorter();
  const climb = new Climb(before.size - 1, now.size - 1);
  climb.skip();
  let [first, second] = [start, start];
  for (const part of parts) {
    if (climb.done) throw longer();
    if (climb.step()) [first, second] = [nodeHash(part, first), nodeHash(part, second)];
    else second = nodeHash(second, part);
  }
  if (!climb.done) throw shorter();
  if (!equal(first, before.root) || !equal(second, now.root)) throw rewritten();
}

/** The way from a node up to the root: `fn` and `sn` of RFC 9162, which both checks walk alike. */
class Climb {
  #node: number;
  #last: number;

  constructor(node: number, last: number) {
    this.#node = node;
    this.#last = last;
  }

  /** Whether this is the root. */
  get done(): boolean {
    return this.#last === 0;
  }

  /** Go up while the node is a right child. */
  skip(): void {
    while (isOdd(this.#node)) this.#up();
  }

  /** Go up by one part of a proof; return whether that part stands to the left. */
  step(): boolean {
    const left = isOdd(this.#node) || this.#node === this.#last;
    if (left) while (!isOdd(this.#node) && this.#node !== 0) this.#up();
    this.#up();
    return left;
  }

  #up(): void {
    this.#node = half(this.#node);
    this.#last = half(this.#last);
  }
}

// Division, since shifts in JavaScript end at 32 bits and logs do not.
function half(value: number): number {
  return Math.floor(value / 2);
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function ones(value: number): number {
  let count = 0;
  for (let left = value; left > 0; left = half(left)) if (isOdd(left)) count += 1;
  return count;
}

const longer = (): IntegrityError =>
  new IntegrityError("A proof is longer than its trees need.", { code: "proof-length" });
const shorter = (): IntegrityError =>
  new IntegrityError("A proof is shorter than its trees need.", { code: "proof-length" });
const rewritten = (): IntegrityError =>
  new IntegrityError(
    "The log is not a continuation of the one that was seen before: something in it was changed or removed.",
    { code: "log-rewritten" },
  );
