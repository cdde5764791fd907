/** One link of an account chain. Implements spec/account.md step 2. No I/O. */

import { decode, encode } from "../encoding.ts";
import * as shape from "../shape.ts";
import { type VerifyKeys, verifyKeys } from "../sign.ts";
import { PUBLIC_KEY_BYTES } from "../wrap.ts";
import type { IdentityKeys } from "./identity.ts";

/** Statements in one account chain: a change of keys every day for 27 years. */
export const MAX_CHAIN = 10_000;

/** What a statement says: `[uid, seq, prev, generation, authority keys, identity keys, slot list hash]`. */
export interface StatementFields {
  readonly uid: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly generation: number;
  readonly authority: VerifyKeys;
  readonly identity: IdentityKeys;
  readonly slotsHash: Uint8Array;
}

/** One link of an account chain. */
export class Statement implements StatementFields {
  readonly uid: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly generation: number;
  readonly authority: VerifyKeys;
  readonly identity: IdentityKeys;
  readonly slotsHash: Uint8Array;

  constructor(fields: StatementFields) {
    this.uid = fields.uid;
    this.seq = fields.seq;
    this.prev = fields.prev;
    this.generation = fields.generation;
    this.authority = fields.authority;
    this.identity = fields.identity;
    this.slotsHash = fields.slotsHash;
  }

  /** Return the statement that `body` encodes; raise `InvalidInputError` for any other shape. */
  static decode(body: Uint8Array): Statement {
    const [uid, seq, prev, generation, authorityKeys, identityKeys, slotsHash] = shape.fields(
      decode(body),
      7,
      "A statement",
    );
    const [ed25519, mldsa65] = shape.fields(authorityKeys, 2, "A statement's authority keys");
    const [xwing, identityEd25519, identityMldsa65] = shape.fields(identityKeys, 3, "A statement's identity keys");
    return new Statement({
      uid: shape.raw(uid, "A statement's uid", { length: 32 }),
      seq: shape.number(seq, "A statement's seq", { most: MAX_CHAIN }),
      prev: shape.raw(prev, "A statement's prev", { length: 32 }),
      generation: shape.number(generation, "A statement's generation", { least: 1, most: MAX_CHAIN + 1 }),
      authority: verifyKeys(shape.raw(ed25519, "A key"), shape.raw(mldsa65, "A key")),
      identity: {
        xwing: shape.raw(xwing, "A key", { length: PUBLIC_KEY_BYTES }),
        signing: verifyKeys(shape.raw(identityEd25519, "A key"), shape.raw(identityMldsa65, "A key")),
      },
      slotsHash: shape.raw(slotsHash, "A slot list hash", { length: 32 }),
    });
  }

  /** Return the body bytes of this statement. */
  encode(): Uint8Array {
    const { signing } = this.identity;
    return encode([
      this.uid,
      this.seq,
      this.prev,
      this.generation,
      [this.authority.ed25519, this.authority.mldsa65],
      [this.identity.xwing, signing.ed25519, signing.mldsa65],
      this.slotsHash,
    ]);
  }
}
