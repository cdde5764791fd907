/**
 * Epochs: whose key a month's records are sealed under, and who is entitled to it. Implements spec/epoch.md.
 *
 * One rule re-keys. A record is sealed only in an epoch of its month whose holders are exactly the members entitled to
 * that month on that day, each with the newest key known; otherwise a new epoch is opened first.
 * Does not: take back what a former holder has read. Works through WebCrypto; no other I/O.
 */

import { ByteMap, ByteSet, type ReadonlyByteMap } from "../bytemap.ts";
import { checkEqual, derive } from "../derive.ts";
import { encode, type Value } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import { EpochKey } from "../secrets.ts";
import * as shape from "../shape.ts";
import { ENC_BYTES, wrap, wrapInfo, type Wrapped } from "../wrap.ts";
import type { Identity } from "./identity.ts";

/** The month of collections whose records are about no month: a safety plan, the index. */
export const TIMELESS = 0;
const FIRST_MONTH = 190_001;
const LAST_MONTH = 999_912;
/** Members of one collection: a care team many times over; bounds the wraps of one epoch. */
export const MAX_MEMBERS = 64;
const EPOCH_CIPHERTEXT_BYTES = 48;

/** Return `month` if it is 0 or yyyymm with a real month; raise `InvalidInputError` (month) otherwise. */
export function checkMonth(month: number): number {
  const ofYear = month % 100;
  if (month !== TIMELESS && !(month >= FIRST_MONTH && month <= LAST_MONTH && ofYear >= 1 && ofYear <= 12)) {
    throw new InvalidInputError("A month is written yyyymm, or 0 for none.", { code: "month" });
  }
  return month;
}

/** An epoch key wrapped to one member's key: `[uid, key id, enc, ciphertext]`. */
export interface Wrap {
  readonly uid: Uint8Array;
  readonly keyId: number;
  readonly wrapped: Wrapped;
}

/** Return the CBOR value of a wrap. */
export function wrapValue(entry: Wrap): Value {
  return [entry.uid, entry.keyId, entry.wrapped.enc, entry.wrapped.ciphertext];
}

/** Return the wrap that a decoded list holds. */
export function wrapOf(value: unknown): Wrap {
  const [uid, keyId, enc, ciphertext] = shape.fields(value, 4, "A wrap");
  return {
    uid: shape.raw(uid, "A wrap's uid", { length: 32 }),
    keyId: shape.number(keyId, "A wrap's key id", { least: 1 }),
    wrapped: {
      enc: shape.raw(enc, "A wrap's enc", { length: ENC_BYTES }),
      ciphertext: shape.raw(ciphertext, "A wrap's ciphertext", { length: EPOCH_CIPHERTEXT_BYTES }),
    },
  };
}

/** Return a list of wraps with distinct recipients; raise `InvalidInputError` (shape, wrap-double) otherwise. */
export function parseWraps(value: unknown): readonly Wrap[] {
  const wraps = shape.items(value, "The wraps", { most: MAX_MEMBERS }).map(wrapOf);
  if (new ByteSet(wraps.map((entry) => entry.uid)).size !== wraps.length) {
    throw new InvalidInputError("An epoch is wrapped to one member twice.", { code: "wrap-double" });
  }
  return wraps;
}

/** What the chain says of an epoch: its month, the commitment of its key, its holders with their key ids. */
export interface Epoch {
  readonly number: number;
  readonly month: number;
  readonly commitment: Uint8Array;
  readonly author: Uint8Array;
  readonly holders: ReadonlyByteMap<number>;
}

/** Return `epoch` with the recipients of `wraps` among its holders. */
export function withWraps(epoch: Epoch, wraps: Iterable<Wrap>): Epoch {
  const holders = new ByteMap(epoch.holders);
  for (const { uid, keyId } of wraps) holders.set(uid, Math.max(keyId, holders.get(uid) ?? 0));
  return { ...epoch, holders };
}

/** An epoch key's place: its collection, its number there, and its month. */
export interface EpochPlace {
  readonly collection: Uint8Array;
  readonly number: number;
  readonly month: number;
}

/** Return what `open` publishes of an epoch key (32 bytes): step 2. */
export function keyCommitment(key: EpochKey, place: EpochPlace): Uint8Array {
  return derive(key, "epoch-commitment", { context: encode([place.collection, place.number, place.month]) });
}

/** Step 4. */
function infoOf(
  place: EpochPlace,
  commitment: Uint8Array,
  sender: Uint8Array,
  recipient: { readonly uid: Uint8Array; readonly keyId: number },
): Uint8Array {
  const context = [place.collection, place.number, place.month, commitment];
  return wrapInfo("epoch-wrap", sender, recipient.uid, recipient.keyId, context);
}

/** To whom a key is wrapped: generation `keyId` of `uid`, whose X-Wing key (1216 bytes) is `xwing`. */
export interface Recipient {
  readonly uid: Uint8Array;
  readonly keyId: number;
  readonly xwing: Uint8Array;
}

/** Return `key` wrapped to `recipient` by `sender` (a uid): step 3. */
export async function wrapEpoch(
  key: EpochKey,
  place: EpochPlace,
  sender: Uint8Array,
  recipient: Recipient,
): Promise<Wrap> {
  const info = infoOf(place, keyCommitment(key, place), sender, recipient);
  return { uid: recipient.uid, keyId: recipient.keyId, wrapped: await wrap(recipient.xwing, key, info) };
}

/**
 * Return the epoch key that `entry` wraps to `identity`, checked against the chain's `commitment`: step 5.
 *
 * Raises `IntegrityError`: wrap-does-not-open, epoch-commitment. Both are the fault of the wrap's author `sender`.
 */
export async function openEpoch(
  entry: Wrap,
  place: EpochPlace,
  commitment: Uint8Array,
  sender: Uint8Array,
  identity: Identity,
): Promise<EpochKey> {
  const secret = await identity.unwrapper.unwrap(entry.wrapped, infoOf(place, commitment, sender, entry));
  if (secret.length !== 32) {
    throw new IntegrityError("A wrapped epoch key has the wrong length.", { code: "epoch-commitment" });
  }
  const key = new EpochKey(secret);
  checkEqual(
    keyCommitment(key, place),
    commitment,
    "A member handed out another key than the one it announced.",
    "epoch-commitment",
  );
  return key;
}
