/**
 * The commit: one signed change of a collection. Implements spec/collection.md steps 1-6 (the rules: `chain/`).
 *
 * A body has one meaning; an unknown change is told apart from a broken chain. Works through WebCrypto; no other I/O.
 */

import { decode, encode, labelledHash } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import * as shape from "../shape.ts";
import { type Change, changeOf, changeValue, hashOf } from "./change.ts";
import { Signed, SUITE, ZERO32 } from "./encoding.ts";
import type { Wrap } from "./epoch.ts";
import type { Identity } from "./identity.ts";
import { dayOf, ownerOf, type Settings } from "./member.ts";

export * from "./change.ts";
export * from "./member.ts";

export const TYPE = "commit";
/** Changes of one commit: ten batches of the usual size; bounds the work of one verification. */
export const MAX_CHANGES = 1000;

/** What a commit says; `day` is days since 1970 UTC, `keyId` the author's generation. */
export interface CommitFields {
  readonly collection: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly author: Uint8Array;
  readonly keyId: number;
  readonly day: number;
  readonly changes: readonly Change[];
}

/** `[suite, collection, seq, prev_hash, author uid + key id, day, [change, ...]]`. */
export class Commit implements CommitFields {
  readonly collection: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly author: Uint8Array;
  readonly keyId: number;
  readonly day: number;
  readonly changes: readonly Change[];

  constructor(fields: CommitFields) {
    this.collection = fields.collection;
    this.seq = fields.seq;
    this.prev = fields.prev;
    this.author = fields.author;
    this.keyId = fields.keyId;
    this.day = fields.day;
    this.changes = fields.changes;
  }

  /**
   * Return the commit that `body` encodes.
   *
   * Raises `InvalidInputError` for a malformed one, `IntegrityError` (suite) for another suite, and `ClientTooOldError`
   * for a change of an unknown kind.
   */
  static decode(body: Uint8Array): Commit {
    const [suite, collection, seq, prev, author, day, changes] = shape.fields(decode(body), 7, "A commit");
    if (shape.number(suite, "A suite") !== SUITE) {
      throw new IntegrityError("This commit is of a suite that this client does not accept.", { code: "suite" });
    }
    const [uid, keyId] = shape.fields(author, 2, "A commit's author");
    const parsed = shape.items(changes, "The changes", { most: MAX_CHANGES }).map(changeOf);
    if (parsed.length === 0) throw new InvalidInputError("A commit changes nothing.", { code: "commit-empty" });
    return new Commit({
      collection: hashOf(collection, "A collection id"),
      seq: shape.number(seq, "A seq"),
      prev: hashOf(prev, "A prev hash"),
      author: shape.raw(uid, "An author", { length: 32 }),
      keyId: shape.number(keyId, "A key id", { least: 1 }),
      day: dayOf(day, "A day"),
      changes: parsed,
    });
  }

  /** Return the body bytes of this commit. */
  encode(): Uint8Array {
    return encode([
      SUITE,
      this.collection,
      this.seq,
      this.prev,
      [this.author, this.keyId],
      this.day,
      this.changes.map(changeValue),
    ]);
  }

  /** Every wrap of this commit, in order. */
  get wraps(): readonly Wrap[] {
    return this.changes.flatMap((change) => {
      if (change.kind === "open") return change.wraps;
      return change.kind === "members" ? change.wraps.flatMap((past) => past.wraps) : [];
    });
  }

  /** Whether this commit only puts or erases, and so carries one signature: step 5. */
  get fast(): boolean {
    return this.changes.every((change) => change.kind === "put" || change.kind === "erase");
  }

  /** Return this commit signed: one signature if it only puts or erases, two otherwise. */
  async sign(identity: Identity): Promise<Signed> {
    const body = this.encode();
    const { signer } = identity;
    return new Signed(body, await (this.fast ? signer.signFast(TYPE, body) : signer.sign(TYPE, body)));
  }
}

/** What a new collection begins with; `nonce` is 32 fresh random bytes. */
export interface Beginning {
  readonly author: Uint8Array;
  readonly identity: Identity;
  readonly nonce: Uint8Array;
  readonly day: number;
  readonly settings: Settings;
  /** What follows the owner's `members` change in the same commit. */
  readonly changes?: readonly Change[];
}

/** Return the id and the signed first commit of a new collection: step 4. */
export async function genesis(beginning: Beginning): Promise<{ readonly id: Uint8Array; readonly signed: Signed }> {
  const { author, identity, nonce, day, settings, changes = [] } = beginning;
  const first: CommitFields = {
    collection: ZERO32,
    seq: 0,
    prev: nonce,
    author,
    keyId: identity.generation,
    day,
    changes: [{ kind: "members", members: [ownerOf(author)], settings, consent: null, wraps: [] }, ...changes],
  };
  const id = genesisId(first);
  return { id, signed: await new Commit({ ...first, collection: id }).sign(identity) };
}

/** Return the id that a genesis commit should carry. */
export function genesisId(commit: CommitFields): Uint8Array {
  return labelledHash("collection-id", new Commit({ ...commit, seq: 0, collection: ZERO32 }).encode());
}
