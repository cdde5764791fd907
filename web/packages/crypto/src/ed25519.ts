/**
 * Verification of Ed25519 in JavaScript, by the very rule of OpenSSL and BoringSSL.
 *
 * RFC 8032 leaves it open whether a small cofactor counts, and libraries differ; noble multiplies it away. Who signs with
 * a key made for that could then show one history to some devices and none to others, so all follow one rule here:
 * R is, byte by byte, the encoding of [s]B - [k]A, and s is below the group's order.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";

import { concat, equal, hex } from "./bytes.ts";

const R_BYTES = 32;
const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;

function littleEndian(data: Uint8Array): bigint {
  return BigInt(`0x${hex(data.toReversed())}`);
}

/** Return whether `signature` (64 bytes) is that of `key` (32 bytes) over `message`; throws for what is no point. */
export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const commitment = signature.subarray(0, R_BYTES);
  const s = littleEndian(signature.subarray(R_BYTES));
  if (s >= ORDER) return false;
  // `true`: a coordinate of p or more is taken modulo p, as those libraries do.
  const point = Point.fromBytes(key, true);
  const k = littleEndian(sha512(concat(commitment, key, message))) % ORDER;
  const expected = Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k));
  return equal(expected.toBytes(), commitment);
}
