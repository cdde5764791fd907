/**
 * Signed values: `[body, [signature, ...]]` and the hashes that chains link by. Implements spec/encoding.md.
 *
 * What is signed and hashed are the received bytes, never a re-encoding of what they decode to. No I/O.
 */

import { decode, encode, labelledHash } from "../encoding.ts";
import * as shape from "../shape.ts";

export { SUITE } from "../wrap.ts";
export const ZERO32: Uint8Array = new Uint8Array(32);
/** A statement carries four: two of the authority before it, two of the identity it names. */
export const MAX_SIGNATURES = 4;
export const MAX_SIGNATURE_BYTES = 3309;

/** A body as received, and its signatures in order. */
export class Signed {
  readonly body: Uint8Array;
  readonly signatures: readonly Uint8Array[];

  constructor(body: Uint8Array, signatures: readonly Uint8Array[]) {
    this.body = body;
    this.signatures = signatures;
  }

  /** Return what `data` encodes; raise `InvalidInputError` for any other shape. */
  static decode(data: Uint8Array): Signed {
    return Signed.of(decode(data));
  }

  /** Return the signed value that an already decoded list holds. */
  static of(value: unknown): Signed {
    const [body, signatures] = shape.fields(value, 2, "A signed value");
    return new Signed(
      shape.raw(body, "A signed body"),
      shape
        .items(signatures, "The signatures", { most: MAX_SIGNATURES })
        .map((signature) => shape.raw(signature, "A signature", { most: MAX_SIGNATURE_BYTES })),
    );
  }

  /** Return CBOR [body, [signature, ...]]. */
  encode(): Uint8Array {
    return encode([this.body, this.signatures]);
  }

  /** Return the labelled SHA-256 of the body bytes, signatures excluded (32 bytes). */
  hash(kind: string): Uint8Array {
    return labelledHash(`${kind}-hash`, this.body);
  }
}
