/** RFC 6962 section 2.1 as it is written: recursive, slow, on Node's own hash; the measure of everything else. */

import { createHash } from "node:crypto";

type Entries = readonly Uint8Array[];

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
}

export function leaf(entry: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(0), entry);
}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(1), left, right);
}

function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

/** MTH over leaves' hashes. */
export function rootOf(leaves: Entries): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  const k = split(leaves.length);
  return node(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** PATH(index, leaves). */
export function path(index: number, leaves: Entries): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return index < k ? [...path(index, left), rootOf(right)] : [...path(index - k, right), rootOf(left)];
}

/** SUBPROOF(before, leaves, whole). */
export function subproof(before: number, leaves: Entries, whole = true): Uint8Array[] {
  if (before === leaves.length) return whole ? [] : [rootOf(leaves)];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return before <= k
    ? [...subproof(before, left, whole), rootOf(right)]
    : [...subproof(before - k, right, false), rootOf(left)];
}

/** `count` leaves' hashes, all different. */
export function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => leaf(entryAt(at)));
}

/** The entry at `index` of those leaves. */
export function entryAt(index: number): Uint8Array {
  return new Uint8Array(Buffer.from(`entry ${index}`));
}
