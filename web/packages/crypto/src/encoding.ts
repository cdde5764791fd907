/**
 * Deterministic CBOR and labelled hashes: the one encoding of everything that is signed, sealed or hashed.
 *
 * Implements spec/encoding.md, steps 1-9. `decode` accepts exactly the bytes that `encode` would produce, so one value
 * has one encoding. It does not interpret what it decodes; shapes are checked by `protocol/`. No I/O.
 */

import { sha256 as hasher } from "@noble/hashes/sha2.js";

import { utf8 } from "./bytes.ts";
import { MAX_ENCODED_BYTES, Reader, tooLarge, type Value, Writer } from "./cbor.ts";
import { InvalidInputError } from "./errors.ts";

export { MAX_DEPTH, MAX_ENCODED_BYTES, type Value } from "./cbor.ts";

const LABELS = new Map<string, Uint8Array>();

/** Return the one encoding of `value`; raise `InvalidInputError` if it holds what the format does not. */
export function encode(value: Value): Uint8Array {
  const writer = new Writer();
  writer.write(value);
  const encoded = writer.finish();
  if (encoded.length > MAX_ENCODED_BYTES) throw tooLarge();
  return encoded;
}

/**
 * Return the value that `data` encodes; raise `InvalidInputError` unless it is the one encoding of it.
 *
 * Integers beyond 2^53 come as `bigint`, byte strings as copies.
 */
export function decode(data: Uint8Array): unknown {
  if (!(data instanceof Uint8Array)) {
    throw new InvalidInputError("This is not a byte string.", { code: "encoding-malformed" });
  }
  if (data.length > MAX_ENCODED_BYTES) throw tooLarge();
  const reader = new Reader(data);
  const value = reader.read();
  if (!reader.canonical) {
    throw new InvalidInputError("These bytes are not the one encoding of their value.", {
      code: "encoding-not-canonical",
    });
  }
  return value;
}

/** Return the domain-separation label of `kind`: `mindhaven/<kind>/v1` followed by one zero byte. */
export function label(kind: string): Uint8Array {
  let found = LABELS.get(kind);
  if (found === undefined) {
    found = utf8(`mindhaven/${kind}/v1\0`);
    LABELS.set(kind, found);
  }
  return found;
}

/** Return SHA-256 over the label of `kind` and `parts`, in order (32 bytes). */
export function labelledHash(kind: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const digest = hasher.create().update(label(kind));
  for (const part of parts) digest.update(part);
  return digest.digest();
}
