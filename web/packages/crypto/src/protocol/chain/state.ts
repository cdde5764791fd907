/** A collection's state at its head, as its chain leads to it, and what a judgement must know beside it. No I/O. */

import { ByteMap, type ReadonlyByteMap } from "../../bytemap.ts";
import { decode, encode } from "../../encoding.ts";
import { IntegrityError } from "../../errors.ts";
import * as shape from "../../shape.ts";
import { epochOf, hashOf } from "../change.ts";
import type { Epoch } from "../epoch.ts";
import {
  isEntitled,
  type Member,
  memberOf,
  memberValue,
  OWNER,
  type Settings,
  settingsOf,
  settingsValue,
} from "../member.ts";

export const MAX_STATE_EPOCHS = 100_000;
const MAX_STATE_KEYS = 1_000_000;

/** A commit that the chain's rules refuse; `reason` names the rule of spec/chain.md. */
export class RuleError extends IntegrityError {
  static override readonly code: string = "chain-rule";
}

/** A commit that does not follow the head: rollback, fork, drop or reorder. */
export class HeadError extends IntegrityError {
  static override readonly code: string = "chain-head";
}

/** What the chain says of an item: its newest revision, that revision's epoch, its author and month, its end. */
export interface ItemState {
  readonly revision: number;
  readonly epoch: number;
  readonly author: Uint8Array;
  readonly month: number;
  readonly erased: boolean;
}

/** What a judgement must know beside the state; who judges reads it from a store beforehand, so nothing here waits. */
export interface Facts {
  /** Return what the chain says of `item` before this commit, or undefined if its id was never used. */
  item(item: Uint8Array): ItemState | undefined;
  /** Return the epochs in which a live item's newest revision is sealed. */
  liveEpochs(): Iterable<number>;
  /** Return whether the verified account chain of `uid` states that generation. */
  keyStated(uid: Uint8Array, keyId: number): boolean;
  /** Return the hash of this collection's commit at `seq`, or undefined if it has none there (yet). */
  commitHash(seq: number): Uint8Array | undefined;
}

/** Who is a member, and the newest key id known of each: what entitlement is judged by. */
export interface Membership {
  readonly members: ReadonlyByteMap<Member>;
  readonly knownKeys: ReadonlyByteMap<number>;
}

/** Return the members entitled to `month` on `day`, with the newest key id known of each (0: none yet). */
export function entitled(membership: Membership, month: number, day: number): ByteMap<number> {
  const found = new ByteMap<number>();
  for (const [uid, member] of membership.members) {
    if (isEntitled(member, month, day)) found.set(uid, membership.knownKeys.get(uid) ?? 0);
  }
  return found;
}

/** Return whether an epoch's holders are exactly those entitled to its month on `day`, each with its newest key. */
export function mayHoldOn(membership: Membership, epoch: Epoch, day: number): boolean {
  const wanted = entitled(membership, epoch.month, day);
  if (wanted.size !== epoch.holders.size) return false;
  for (const [uid, keyId] of wanted) if (epoch.holders.get(uid) !== keyId) return false;
  return true;
}

/** What a state is made of. */
export interface ChainFields extends Membership {
  readonly collection: Uint8Array;
  readonly seq: number;
  readonly head: Uint8Array;
  readonly settings: Settings;
  readonly epochs: ReadonlyMap<number, Epoch>;
  readonly signedKeys: ReadonlyByteMap<number>;
}

/**
 * A collection at its head: members in force, settings, epochs, and the newest key id known of each member.
 *
 * Epochs stand by their number, rising: a later one is only ever opened after all others.
 */
export class ChainState implements ChainFields {
  readonly collection: Uint8Array;
  readonly seq: number;
  readonly head: Uint8Array;
  readonly members: ReadonlyByteMap<Member>;
  readonly settings: Settings;
  readonly epochs: ReadonlyMap<number, Epoch>;
  readonly knownKeys: ReadonlyByteMap<number>;
  readonly signedKeys: ReadonlyByteMap<number>;

  constructor(fields: ChainFields) {
    this.collection = fields.collection;
    this.seq = fields.seq;
    this.head = fields.head;
    this.members = fields.members;
    this.settings = fields.settings;
    this.epochs = fields.epochs;
    this.knownKeys = fields.knownKeys;
    this.signedKeys = fields.signedKeys;
  }

  /** Return the state that `encode` gave. */
  static decode(data: Uint8Array): ChainState {
    const [collection, seq, head, members, settings, epochs, known, signed] = shape.fields(
      decode(data),
      8,
      "A state",
    );
    const parsed = shape.items(members, "The members", { most: MAX_STATE_KEYS }).map(memberOf);
    const opened = shape.items(epochs, "The epochs", { most: MAX_STATE_EPOCHS }).map(storedEpoch);
    return new ChainState({
      collection: hashOf(collection, "A collection id"),
      seq: shape.number(seq, "A seq"),
      head: hashOf(head, "A head"),
      members: new ByteMap(parsed.map((member) => [member.uid, member] as const)),
      settings: settingsOf(settings),
      epochs: new Map(opened.map((epoch) => [epoch.number, epoch] as const)),
      knownKeys: storedKeys(known),
      signedKeys: storedKeys(signed),
    });
  }

  /** Return this state as CBOR, for a store of one's own; it is never sent. */
  encode(): Uint8Array {
    return encode([
      this.collection,
      this.seq,
      this.head,
      [...this.members.values()].map(memberValue),
      settingsValue(this.settings),
      [...this.epochs.values()].map((epoch) => [
        epoch.number,
        epoch.month,
        epoch.commitment,
        epoch.author,
        [...epoch.holders],
      ]),
      [...this.knownKeys],
      [...this.signedKeys],
    ]);
  }

  /** The uid of the one owner. */
  get owner(): Uint8Array {
    for (const member of this.members.values()) if (member.role === OWNER) return member.uid;
    throw new RuleError("A collection has exactly one owner, who stays.", { code: "members-owner" });
  }

  /** Return the members entitled to `month` on `day`, with the newest key id known of each (0: none yet). */
  entitled(month: number, day: number): ReadonlyByteMap<number> {
    return entitled(this, month, day);
  }

  /** Return the newest epoch of `month` that may seal on `day`: the one re-keying rule of spec/epoch.md step 7. */
  fittingEpoch(month: number, day: number): Epoch | undefined {
    return [...this.epochs.values()].findLast((epoch) => epoch.month === month && mayHoldOn(this, epoch, day));
  }
}

function storedEpoch(value: unknown): Epoch {
  const [number, month, commitment, author, holders] = shape.fields(value, 5, "An epoch");
  return {
    number: epochOf(number),
    month: shape.number(month, "A month"),
    commitment: hashOf(commitment, "A commitment"),
    author: shape.raw(author, "An author", { length: 32 }),
    holders: storedKeys(holders),
  };
}

function storedKeys(value: unknown): ByteMap<number> {
  const found = new ByteMap<number>();
  for (const pair of shape.items(value, "The keys", { most: MAX_STATE_KEYS })) {
    const [uid, keyId] = shape.fields(pair, 2, "A key");
    found.set(shape.raw(uid, "A uid", { length: 32 }), shape.number(keyId, "A key id"));
  }
  return found;
}
