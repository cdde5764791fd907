/**
 * The snapshot: the owner's signed list of what lives in a collection. Implements spec/snapshot.md.
 *
 * A list has one meaning and one root; what a part holds is bound to it. No I/O.
 * Does not: prove that the list is true. The chain does, and whoever shows a snapshot verifies the chain behind it.
 */

import { ByteMap, type ReadonlyByteMap } from "../bytemap.ts";
import { compare, equal } from "../bytes.ts";
import { decode, encode, labelledHash, type Value } from "../encoding.ts";
import { IntegrityError } from "../errors.ts";
import * as shape from "../shape.ts";
import { ChainState, MAX_STATE_EPOCHS } from "./chain.ts";
import { blobsOf, type Commit, epochOf, hashOf, itemOf, memberOf, memberValue, settingsOf, settingsValue } from "./collection.ts";
import { SUITE } from "./encoding.ts";
import { MAX_REVISION } from "./envelope.ts";
import { checkMonth, type Epoch, MAX_MEMBERS } from "./epoch.ts";

/** Commits between two snapshots: a new device verifies at most so many before it shows records. */
export const EVERY_COMMITS = 4096;
/** Records of one part: about 600 KB, one request. */
export const PART_RECORDS = 4096;
/** Parts of one list: sixteen million records, more than a collection may hold. */
const MAX_PARTS = 4096;
/** Commits that hold wraps of one epoch: its `open`, and a grant or two for each member. */
const MAX_WRAP_PLACES = 10_000;

/** One live record: what the chain names of its newest revision, and the seq of the commit that put it. */
export interface Live {
  readonly item: Uint8Array;
  readonly revision: number;
  readonly epoch: number;
  readonly author: Uint8Array;
  readonly seq: number;
  readonly envelopeHash: Uint8Array;
  readonly saltHash: Uint8Array;
  readonly blobs: readonly Uint8Array[];
}

/** Return the CBOR value of a record. */
export function liveValue(live: Live): Value {
  const { item, revision, epoch, author, seq, envelopeHash, saltHash, blobs } = live;
  return [item, revision, epoch, author, seq, envelopeHash, saltHash, blobs];
}

/** Return the record that a decoded list holds. */
export function liveOf(value: unknown): Live {
  const [item, revision, epoch, author, seq, envelope, salt, blobs] = shape.fields(value, 8, "A live record");
  return {
    item: itemOf(item),
    revision: shape.number(revision, "A revision", { least: 1, most: MAX_REVISION }),
    epoch: epochOf(epoch),
    author: shape.raw(author, "An author", { length: 32 }),
    seq: shape.number(seq, "A seq"),
    envelopeHash: hashOf(envelope, "An envelope hash"),
    saltHash: hashOf(salt, "A salt hash"),
    blobs: blobsOf(blobs),
  };
}

/** Where each epoch's wraps are: seqs, rising. */
export type WrapPlaces = ReadonlyMap<number, readonly number[]>;

/** What a snapshot says of a collection. */
export interface ListFields {
  readonly state: ChainState;
  readonly wrapsAt: WrapPlaces;
  readonly records: number;
  readonly parts: readonly Uint8Array[];
}

/** What a snapshot says of a collection: the chain's state, where each epoch's wraps are, and the parts' hashes. */
export class LiveList implements ListFields {
  readonly state: ChainState;
  readonly wrapsAt: WrapPlaces;
  readonly records: number;
  readonly parts: readonly Uint8Array[];

  constructor(fields: ListFields) {
    this.state = fields.state;
    this.wrapsAt = fields.wrapsAt;
    this.records = fields.records;
    this.parts = fields.parts;
  }

  /**
   * Return the list whose root is `root`: steps 1-4.
   *
   * Raises `IntegrityError`: snapshot-differs, suite, snapshot-order, snapshot-part; `InvalidInputError` for a
   * malformed one.
   */
  static decode(data: Uint8Array, root: Uint8Array): LiveList {
    if (!equal(rootOf(data), root)) {
      throw new IntegrityError("The list is not the one that its owner signed.", { code: "snapshot-differs" });
    }
    const [suite, collection, seq, head, members, settings, epochs, known, signed, records, parts] = shape.fields(
      decode(data),
      11,
      "A snapshot's list",
    );
    if (shape.number(suite, "A suite") !== SUITE) {
      throw new IntegrityError("This snapshot is of a suite that this client does not accept.", { code: "suite" });
    }
    const found = shape.items(members, "The members", { most: MAX_MEMBERS }).map(memberOf);
    const listed = shape.items(epochs, "The epochs", { most: MAX_STATE_EPOCHS }).map(listedEpoch);
    checkRising(listed.map(({ epoch }) => epoch.number));
    const state = new ChainState({
      collection: hashOf(collection, "A collection id"),
      seq: shape.number(seq, "A seq"),
      head: hashOf(head, "A head"),
      members: new ByteMap(found.map((member) => [member.uid, member] as const)),
      settings: settingsOf(settings),
      epochs: new Map(listed.map(({ epoch }) => [epoch.number, epoch] as const)),
      knownKeys: keysOf(known),
      signedKeys: keysOf(signed),
    });
    const count = shape.number(records, "A number of records", { most: MAX_PARTS * PART_RECORDS });
    const hashes = shape.items(parts, "The parts", { most: MAX_PARTS }).map((one) => hashOf(one, "A part's hash"));
    if (hashes.length !== Math.ceil(count / PART_RECORDS)) {
      throw new IntegrityError("A list has another number of parts than its records fill.", { code: "snapshot-part" });
    }
    const wrapsAt = new Map(listed.map(({ epoch, places }) => [epoch.number, places] as const));
    return new LiveList({ state, wrapsAt, records: count, parts: hashes });
  }

  /** Return the list's bytes, of which `rootOf` gives the root: steps 1-3. */
  encode(): Uint8Array {
    const { state } = this;
    const epochs = [...state.epochs.values()].sort((one, other) => one.number - other.number);
    return encode([
      SUITE,
      state.collection,
      state.seq,
      state.head,
      [...state.members.values()].map(memberValue),
      settingsValue(state.settings),
      epochs.map((epoch) => [
        epoch.number,
        epoch.month,
        epoch.commitment,
        epoch.author,
        sortedPairs(epoch.holders),
        this.wrapsAt.get(epoch.number) ?? [],
      ]),
      sortedPairs(state.knownKeys),
      sortedPairs(state.signedKeys),
      this.records,
      this.parts,
    ]);
  }

  /**
   * Return the records of part `number` (from 0): step 4.
   *
   * Raises `IntegrityError` (snapshot-part) if it is not the listed part or names an epoch that is not listed.
   */
  part(number: number, data: Uint8Array): readonly Live[] {
    const listed = this.parts[number];
    if (listed === undefined || !equal(partHash(data), listed)) {
      throw new IntegrityError("A part of the list is not the one that its owner signed.", { code: "snapshot-part" });
    }
    const found = shape.items(decode(data), "A part", { most: PART_RECORDS }).map(liveOf);
    const wanted = Math.min(this.records - number * PART_RECORDS, PART_RECORDS);
    const ordered = found.every((one, at) => one.seq >= (found[at - 1]?.seq ?? 0));
    if (found.length !== wanted || !ordered || found.some((one) => !this.state.epochs.has(one.epoch))) {
      throw new IntegrityError("A part of the list is not as a snapshot's parts are.", { code: "snapshot-part" });
    }
    return found;
  }

  /** Check that this is the list of what stands before `commit`, which bears it: step 2 (snapshot-place). */
  checkPlace(commit: Commit): void {
    const [first] = commit.changes;
    const [change, ...others] = first?.kind === "key" ? commit.changes.slice(1) : commit.changes;
    const { collection, seq, head } = this.state;
    const follows = equal(commit.collection, collection) && commit.seq - 1 === seq && equal(commit.prev, head);
    if (change?.kind !== "snapshot" || others.length > 0 || !follows) {
      throw new IntegrityError("A snapshot is of another place than its commit's.", { code: "snapshot-place" });
    }
  }
}

/** Return the root (32 bytes) of a list's bytes: step 1. */
export function rootOf(data: Uint8Array): Uint8Array {
  return labelledHash("snapshot-root", data);
}

/** Return the hash (32 bytes) of a part's bytes: step 4. */
export function partHash(data: Uint8Array): Uint8Array {
  return labelledHash("snapshot-part", data);
}

/** Return the list of `state` and the bytes of its parts; `live` comes in the order of step 4. */
export function build(
  state: ChainState,
  wrapsAt: WrapPlaces,
  live: Iterable<Live>,
): { readonly list: LiveList; readonly parts: readonly Uint8Array[] } {
  const parts: Uint8Array[] = [];
  let records = 0;
  let waiting: Value[] = [];
  for (const one of live) {
    waiting.push(liveValue(one));
    records += 1;
    if (waiting.length === PART_RECORDS) {
      parts.push(encode(waiting));
      waiting = [];
    }
  }
  if (waiting.length > 0) parts.push(encode(waiting));
  const places = new Map(
    [...state.epochs.keys()].map((number) => [number, risingOnce(wrapsAt.get(number) ?? [])] as const),
  );
  return { list: new LiveList({ state, wrapsAt: places, records, parts: parts.map(partHash) }), parts };
}

function risingOnce(seqs: readonly number[]): readonly number[] {
  return [...new Set(seqs)].sort((one, other) => one - other);
}

function sortedPairs(byUid: ReadonlyByteMap<number>): Value {
  return [...byUid].sort(([one], [other]) => compare(one, other));
}

function outOfOrder(): IntegrityError {
  return new IntegrityError("A snapshot's list is out of order.", { code: "snapshot-order" });
}

function checkRising(values: readonly number[]): void {
  if (values.some((value, at) => at > 0 && value <= (values[at - 1] ?? value))) throw outOfOrder();
}

function keysOf(value: unknown): ByteMap<number> {
  const pairs = shape.items(value, "The keys", { most: MAX_STATE_EPOCHS }).map((one) => {
    const [uid, keyId] = shape.fields(one, 2, "A key");
    return [shape.raw(uid, "A uid", { length: 32 }), shape.number(keyId, "A key id", { least: 1 })] as const;
  });
  if (pairs.some(([uid], at) => compare(pairs[at - 1]?.[0] ?? new Uint8Array(0), uid) >= 0)) throw outOfOrder();
  return new ByteMap(pairs);
}

function listedEpoch(value: unknown): { readonly epoch: Epoch; readonly places: readonly number[] } {
  const [number, month, commitment, author, holders, seqs] = shape.fields(value, 6, "An epoch");
  const places = shape.items(seqs, "The places", { most: MAX_WRAP_PLACES }).map((one) => shape.number(one, "A seq"));
  checkRising(places);
  const epoch: Epoch = {
    number: epochOf(number),
    month: checkMonth(shape.number(month, "A month")),
    commitment: hashOf(commitment, "A commitment"),
    author: shape.raw(author, "An author", { length: 32 }),
    holders: keysOf(holders),
  };
  return { epoch, places };
}
