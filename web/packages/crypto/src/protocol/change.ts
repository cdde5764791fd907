/** The changes of a commit, as values and as bytes: spec/collection.md step 2. No I/O. */

import type { Value } from "../encoding.ts";
import { InvalidInputError, MindhavenError } from "../errors.ts";
import * as shape from "../shape.ts";
import { ITEM_ID_BYTES, MAX_REVISION } from "./envelope.ts";
import { checkMonth, MAX_MEMBERS, parseWraps, type Wrap, wrapValue } from "./epoch.ts";
import { type Member, memberOf, memberValue, type Settings, settingsOf, settingsValue } from "./member.ts";

/** A 4 GiB file in 4 MiB blobs, padding included. */
export const MAX_BLOBS_PER_ITEM = 1100;
export const MAX_EPOCHS = 100_000;

/** The collection uses something that this client does not know; it is not broken, the client is old. */
export class ClientTooOldError extends MindhavenError {
  static override readonly code: string = "client-too-old";
  override readonly name = "ClientTooOldError";
}

/** A new item, or the next revision of one. */
export interface Put {
  readonly kind: "put";
  readonly item: Uint8Array;
  readonly revision: number;
  readonly epoch: number;
  readonly envelopeHash: Uint8Array;
  readonly saltHash: Uint8Array;
  readonly blobs: readonly Uint8Array[];
}

/** The end of an item; its id is never used again. */
export interface Erase {
  readonly kind: "erase";
  readonly item: Uint8Array;
}

/** A new epoch of a month, wrapped to everyone entitled to it. */
export interface Open {
  readonly kind: "open";
  readonly epoch: number;
  readonly month: number;
  readonly commitment: Uint8Array;
  readonly wraps: readonly Wrap[];
}

/** Wraps of an epoch that was opened before. */
export interface PastWraps {
  readonly epoch: number;
  readonly wraps: readonly Wrap[];
}

/** The new list of members, with past epochs wrapped to those who gain them. */
export interface Members {
  readonly kind: "members";
  readonly members: readonly Member[];
  readonly settings: Settings;
  readonly consent: Uint8Array | null;
  readonly wraps: readonly PastWraps[];
}

/** The author's new generation, proven by its account chain. */
export interface Key {
  readonly kind: "key";
  readonly generation: number;
  readonly statement: Uint8Array;
}

/** The author leaves. */
export interface Leave {
  readonly kind: "leave";
}

/** Ownership passes to `uid`; the former owner stays as a writer. */
export interface Owner {
  readonly kind: "owner";
  readonly uid: Uint8Array;
}

/** The hash of the live list. */
export interface Snapshot {
  readonly kind: "snapshot";
  readonly root: Uint8Array;
}

/** After a restore: the last common commit. */
export interface Rejoin {
  readonly kind: "rejoin";
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** Any change of a commit. */
export type Change = Put | Erase | Open | Members | Key | Leave | Owner | Snapshot | Rejoin;

/** Return the CBOR value of a change. */
export function changeValue(change: Change): Value {
  switch (change.kind) {
    case "put":
      return [1, change.item, change.revision, change.epoch, change.envelopeHash, change.saltHash, change.blobs];
    case "erase":
      return [2, change.item];
    case "open":
      return [3, change.epoch, change.month, change.commitment, change.wraps.map(wrapValue)];
    case "members":
      return [
        4,
        change.members.map(memberValue),
        settingsValue(change.settings),
        change.consent,
        change.wraps.map(({ epoch, wraps }) => [epoch, wraps.map(wrapValue)]),
      ];
    case "key":
      return [5, change.generation, change.statement];
    case "leave":
      return [6];
    case "owner":
      return [7, change.uid];
    case "snapshot":
      return [8, change.root];
    case "rejoin":
      return [9, change.seq, change.hash];
  }
}

/** Return the change that a decoded list holds; an unknown kind raises `ClientTooOldError`. */
export function changeOf(value: unknown): Change {
  const [code] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (typeof code !== "number" && typeof code !== "bigint") {
    throw new InvalidInputError("A change has the wrong shape.", { code: "shape" });
  }
  switch (code) {
    case 1:
      return putOf(value);
    case 2:
      return eraseOf(value);
    case 3:
      return openOf(value);
    case 4:
      return membersOf(value);
    case 5:
      return keyOf(value);
    case 6:
      shape.fields(value, 1, "A leave");
      return { kind: "leave" };
    case 7:
      return { kind: "owner", uid: shape.raw(shape.fields(value, 2, "An owner change")[1], "A uid", { length: 32 }) };
    case 8:
      return { kind: "snapshot", root: hashOf(shape.fields(value, 2, "A snapshot")[1], "A snapshot root") };
    case 9:
      return rejoinOf(value);
    default:
      throw new ClientTooOldError("This collection holds a change of a newer kind than this program knows.", {
        hint: "Update Mindhaven, then sync again. Nothing is lost.",
      });
  }
}

function putOf(value: unknown): Put {
  const [, item, revision, epoch, envelope, salt, blobs] = shape.fields(value, 7, "A put");
  return {
    kind: "put",
    item: itemOf(item),
    revision: shape.number(revision, "A revision", { least: 1, most: MAX_REVISION }),
    epoch: epochOf(epoch),
    envelopeHash: hashOf(envelope, "An envelope hash"),
    saltHash: hashOf(salt, "A salt hash"),
    blobs: blobsOf(blobs),
  };
}

function eraseOf(value: unknown): Erase {
  const [, item] = shape.fields(value, 2, "An erase");
  return { kind: "erase", item: itemOf(item) };
}

function openOf(value: unknown): Open {
  const [, epoch, month, commitment, wraps] = shape.fields(value, 5, "An open");
  return {
    kind: "open",
    epoch: epochOf(epoch),
    month: checkMonth(shape.number(month, "A month")),
    commitment: hashOf(commitment, "A commitment"),
    wraps: parseWraps(wraps),
  };
}

function membersOf(value: unknown): Members {
  const [, members, settings, consent, epochs] = shape.fields(value, 5, "A members change");
  const listed = shape.items(members, "The members", { most: MAX_MEMBERS }).map(memberOf);
  const pairs = shape
    .items(epochs, "Past epochs", { most: MAX_EPOCHS })
    .map((pair) => shape.fields(pair, 2, "Past wraps"));
  return {
    kind: "members",
    members: listed,
    settings: settingsOf(settings),
    consent: consent === null ? null : hashOf(consent, "A consent hash"),
    wraps: pairs.map(([number, wraps]) => ({ epoch: epochOf(number), wraps: parseWraps(wraps) })),
  };
}

function keyOf(value: unknown): Key {
  const [, generation, statement] = shape.fields(value, 3, "A key change");
  return {
    kind: "key",
    generation: shape.number(generation, "A generation", { least: 1 }),
    statement: hashOf(statement, "A statement hash"),
  };
}

function rejoinOf(value: unknown): Rejoin {
  const [, seq, hash] = shape.fields(value, 3, "A rejoin");
  return { kind: "rejoin", seq: shape.number(seq, "A seq"), hash: hashOf(hash, "A commit hash") };
}

/** Return the item id (16 bytes) that a decoded value is. */
export function itemOf(value: unknown): Uint8Array {
  return shape.raw(value, "An item id", { length: ITEM_ID_BYTES });
}

/** Return the number of an epoch that a decoded value is. */
export function epochOf(value: unknown): number {
  return shape.number(value, "An epoch", { least: 1, most: MAX_EPOCHS });
}

/** Return the hash (32 bytes) that a decoded value is. */
export function hashOf(value: unknown, what: string): Uint8Array {
  return shape.raw(value, what, { length: 32 });
}

/** Return the blob hashes that a decoded list holds. */
export function blobsOf(value: unknown): readonly Uint8Array[] {
  return shape.items(value, "The blobs", { most: MAX_BLOBS_PER_ITEM }).map((blob) => hashOf(blob, "A blob hash"));
}
