/**
 * Tiles of a log (C2SP tlog-tiles): where they lie, and proofs computed from them.
 *
 * A tile of level `l` holds up to 256 hashes of subtrees of 256^l leaves each; every narrower one is a prefix of it.
 * Bundles hold the entries themselves, each with its length.
 * A proof needs only tiles that `Proof.tiles` names, for the size it is about.
 * Does not: grow a log, which is the server's. No I/O.
 */

import { IntegrityError, InvalidInputError } from "../errors.ts";
import { EMPTY_ROOT, HASH_BYTES, joined, nodeHash } from "./tree.ts";

export const WIDTH = 256;
const HEIGHT = 8;

/** Where a tile lies: its level, and its number there. */
export interface Tile {
  readonly level: number;
  readonly number: number;
}

/** Tiles by their `tilePath`, at their widest known, each a multiple of 32 bytes. */
export type Tiles = ReadonlyMap<string, Uint8Array>;

/** Return a tile's path below a log's prefix; `width` 1 to 255 names a partial one. */
export function tilePath(tile: Tile, width = WIDTH): string {
  return `tile/${tile.level}/${digits(tile.number)}${partial(width)}`;
}

/** Return the path of a bundle of entries. */
export function bundlePath(number: number, width = WIDTH): string {
  return `tile/entries/${digits(number)}${partial(width)}`;
}

function digits(number: number): string {
  const groups = [threeOf(number)];
  for (let left = Math.floor(number / 1000); left > 0; left = Math.floor(left / 1000)) {
    groups.unshift(`x${threeOf(left)}`);
  }
  return groups.join("/");
}

function threeOf(number: number): string {
  return String(number % 1000).padStart(3, "0");
}

function partial(width: number): string {
  return width === WIDTH ? "" : `.p/${width}`;
}

/** Return how many hashes a tile has in a log of `size` entries, 0 to 256. */
export function widthAt(tile: Tile, size: number): number {
  const there = Math.floor(size / WIDTH ** tile.level) - tile.number * WIDTH;
  return Math.max(0, Math.min(WIDTH, there));
}

/** A perfect subtree: 2^height leaves, the number-th of its kind. */
class Perfect {
  readonly #height: number;
  readonly #number: number;

  constructor(height: number, number: number) {
    this.#height = height;
    this.#number = number;
  }

  get tile(): Tile {
    return { level: Math.floor(this.#height / HEIGHT), number: Math.floor((this.#number * this.#count) / WIDTH) };
  }

  hash(tiles: Tiles): Uint8Array {
    const first = (this.#number * this.#count) % WIDTH;
    const data = tiles.get(tilePath(this.tile));
    const end = (first + this.#count) * HASH_BYTES;
    if (data === undefined || data.length < end) {
      throw new IntegrityError("A tile of the log is missing or too short.", { code: "tile-missing" });
    }
    return fold(data.subarray(first * HASH_BYTES, end));
  }

  /** How many hashes of its tile it spans. */
  get #count(): number {
    return 2 ** (this.#height % HEIGHT);
  }
}

/** Return the root of the perfect subtree over a power of two of hashes. */
function fold(hashes: Uint8Array): Uint8Array {
  if (hashes.length === HASH_BYTES) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(fold(hashes.subarray(0, middle)), fold(hashes.subarray(middle)));
}

/** Return the perfect subtrees that make up leaves `low` up to `high`, where `low` is aligned for its range. */
function perfect(low: number, high: number): Perfect[] {
  const found: Perfect[] = [];
  for (let at = low; at < high; ) {
    const height = log2(high - at);
    found.push(new Perfect(height, at / 2 ** height));
    at += 2 ** height;
  }
  return found;
}

/** Return the exponent of the largest power of two that is not above `value` (1 or more). */
function log2(value: number): number {
  let exponent = 0;
  while (2 ** (exponent + 1) <= value) exponent += 1;
  return exponent;
}

/** Return the largest power of two below `size` (2 or more). */
function split(size: number): number {
  return 2 ** log2(size - 1);
}

/** A proof to be computed: fetch `tiles` (at the width of the tree's size), then ask for its `hashes`. */
export class Proof {
  readonly #parts: readonly (readonly Perfect[])[];

  constructor(parts: readonly (readonly Perfect[])[]) {
    this.#parts = parts;
  }

  /** The tiles that the proof needs, each once. */
  get tiles(): readonly Tile[] {
    const found = new Map(this.#parts.flat().map((one) => [tilePath(one.tile), one.tile]));
    return [...found.values()];
  }

  /** Return the proof's hashes; raise `IntegrityError` (tile-missing) if a tile is not there or too short. */
  hashes(tiles: Tiles): Uint8Array[] {
    return this.#parts.map((part) => joined(part.map((one) => one.hash(tiles))));
  }
}

/** A root to be computed: fetch `tiles`, then ask for its `value`. */
export class Root extends Proof {
  /** Return the root. */
  value(tiles: Tiles): Uint8Array {
    return this.hashes(tiles)[0] ?? EMPTY_ROOT;
  }
}

type Range = readonly [low: number, high: number];

function proofOf(steps: readonly Range[]): Proof {
  return new Proof(steps.toReversed().map(([low, high]) => perfect(low, high)));
}

/** Return the proof that entry `index` stands in the log of `size`, leaf to root: RFC 6962 section 2.1.1. */
export function inclusion(index: number, size: number): Proof {
  if (!(index >= 0 && index < size)) {
    throw new InvalidInputError("The log has no such entry.", { code: "proof-range" });
  }
  const steps: Range[] = [];
  let [low, high] = [0, size];
  while (high - low > 1) {
    const middle = low + split(high - low);
    if (index < middle) {
      steps.push([middle, high]);
      high = middle;
    } else {
      steps.push([low, middle]);
      low = middle;
    }
  }
  return proofOf(steps);
}

/** Return the proof that the log of `now` entries extends the one of `before`: RFC 6962 section 2.1.2. */
export function consistency(before: number, now: number): Proof {
  if (!(before >= 0 && before <= now)) {
    throw new InvalidInputError("A log does not shrink.", { code: "proof-range" });
  }
  if (before === 0 || before === now) return new Proof([]);
  const steps: Range[] = [];
  let [low, high, whole] = [0, now, true];
  while (before !== high) {
    const middle = low + split(high - low);
    if (before <= middle) {
      steps.push([middle, high]);
      high = middle;
    } else {
      steps.push([low, middle]);
      [low, whole] = [middle, false];
    }
  }
  if (!whole) steps.push([low, high]);
  return proofOf(steps);
}

/** Return how to compute the root of the log of `size` from its tiles. */
export function root(size: number): Root {
  return new Root(size === 0 ? [] : [perfect(0, size)]);
}

/** Return the first `width` entries of a bundle; raise `IntegrityError` (bundle-cut) if it has fewer. */
export function readBundle(data: Uint8Array, options: { readonly width: number }): Uint8Array[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < options.width) {
    const start = at + 2;
    const end = start <= data.length ? start + view.getUint16(at) : Infinity;
    if (end > data.length) throw new IntegrityError("A bundle of entries is cut short.", { code: "bundle-cut" });
    entries.push(data.subarray(start, end));
    at = end;
  }
  return entries;
}
