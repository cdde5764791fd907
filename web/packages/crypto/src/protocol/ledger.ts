/**
 * The logs of a server: their entries, and what a reader checks. Implements spec/ledger.md.
 *
 * An entry says nothing to whom does not know what it is about: tags are hashes of random ids.
 * Does not: read or write a log (`tlog/` has the forms). No I/O.
 */

import { ByteMap, ByteSet, type ReadonlyByteMap, type ReadonlyByteSet } from "../bytemap.ts";
import { concat, equal } from "../bytes.ts";
import { decode, labelledHash } from "../encoding.ts";
import { IntegrityError } from "../errors.ts";
import * as shape from "../shape.ts";
import { commitment, NO_PREVIOUS } from "./event.ts";

export const AUDIT = "audit";
export const KEYS = "keys";
export const HEADS = "heads";
export const LOGS = [AUDIT, KEYS, HEADS] as const;
export const ENTRY_BYTES = 64;
export const AUDIT_ENTRY_BYTES = 32;
/** The public size of `audit` is a multiple of this: an hour in which one person wrote looks like any quiet hour. */
export const COVER_MULTIPLE = 64;
const MAX_FIELDS = 32;

/** Return a log's origin, which is its key's name too: step 1. */
export function origin(place: string, log: string): string {
  return `${place}/log/${log}`;
}

/** Return the tag of an account's statements: step 3. */
export function keysTag(uid: Uint8Array): Uint8Array {
  return labelledHash("keys-tag", uid);
}

/** Return the entry of a statement, given its hash: step 3. */
export function keysEntry(uid: Uint8Array, statement: Uint8Array): Uint8Array {
  return concat(keysTag(uid), statement);
}

/** Return the tag of a collection's head on a day (days since 1970 UTC): step 4. */
export function headsTag(collection: Uint8Array, day: number): Uint8Array {
  const days = new Uint8Array(8);
  new DataView(days.buffer).setBigUint64(0, BigInt(day));
  return labelledHash("heads-tag", collection, days);
}

/** Return what `heads` says of a commit's hash: step 4. */
export function headHash(head: Uint8Array): Uint8Array {
  return labelledHash("heads-head", head);
}

/** Return the entry of a collection's head on a day: step 4. */
export function headsEntry(collection: Uint8Array, day: number, head: Uint8Array): Uint8Array {
  return concat(headsTag(collection, day), headHash(head));
}

/** Return an entry's tag and what stands under it; raise `IntegrityError` (ledger-entry): step 5. */
export function split(entry: Uint8Array): readonly [tag: Uint8Array, rest: Uint8Array] {
  if (entry.length !== ENTRY_BYTES) {
    throw new IntegrityError("An entry of a log has another length than its form has.", { code: "ledger-entry" });
  }
  return [entry.subarray(0, 32), entry.subarray(32)];
}

// -- a person's own events

/** An event as its body tells it; `at` is an hour (seconds since 1970 UTC), `fields` in the type's order. */
export interface Told {
  readonly name: string;
  readonly version: number;
  readonly subject: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly at: number;
  readonly fields: readonly unknown[];
}

/** Read an event's body; raise `InvalidInputError` (shape and what encodings raise). */
export function decodeTold(body: Uint8Array): Told {
  const [name, version, subject, seq, prev, at, fields] = shape.fields(decode(body), 7, "An event");
  return {
    name: shape.text(name, "An event's name"),
    version: shape.number(version, "An event's version", { least: 1 }),
    subject: shape.raw(subject, "An event's subject", { length: 32 }),
    seq: shape.number(seq, "An event's seq"),
    prev: shape.raw(prev, "An event's prev", { length: 32 }),
    at: shape.number(at, "An event's time"),
    fields: shape.items(fields, "An event's fields", { most: MAX_FIELDS }),
  };
}

/** One own event as the server gives it: its commitment, with salt and body unless they were erased. */
export interface Opening {
  readonly seq: number;
  readonly commitment: Uint8Array;
  readonly salt: Uint8Array | null;
  readonly body: Uint8Array | null;
}

/** How far a person's chain of events was checked: the next seq, and the commitment before it. */
export class Place {
  readonly subject: Uint8Array;
  readonly nextSeq: number;
  readonly prev: Uint8Array;

  constructor(subject: Uint8Array, nextSeq = 0, prev: Uint8Array = NO_PREVIOUS) {
    this.subject = subject;
    this.nextSeq = nextSeq;
    this.prev = prev;
  }

  /** Return the place after `opening` and what it tells (undefined: erased); raise `IntegrityError`: step 7. */
  follow(opening: Opening): readonly [Place, Told | undefined] {
    if (opening.seq !== this.nextSeq) throw gap();
    const after = new Place(this.subject, this.nextSeq + 1, opening.commitment);
    if (opening.body === null || opening.salt === null) return [after, undefined];
    const told = decodeTold(opening.body);
    if (!equal(told.subject, this.subject)) {
      throw new IntegrityError("An entry of the access record is about somebody else.", { code: "activity-subject" });
    }
    if (told.seq !== this.nextSeq || !equal(told.prev, this.prev)) throw gap();
    if (!equal(commitment(opening.salt, opening.body), opening.commitment)) {
      throw new IntegrityError("An entry of the access record is not the one that was recorded.", {
        code: "activity-commitment",
      });
    }
    return [after, told];
  }
}

function gap(): IntegrityError {
  return new IntegrityError("Something is missing in the record of who touched your data.", { code: "activity-gap" });
}

// -- statements and heads

/**
 * Return how many of an account's statements the log has; raise `IntegrityError`: step 9.
 *
 * `known` are the hashes of the chain's statements in their order, `logged` what stands under the account's tag.
 */
export function checkStatements(known: readonly Uint8Array[], logged: Iterable<Uint8Array>): number {
  const places = new ByteMap(known.map((statement, seq) => [statement, seq] as const));
  let count = 0;
  for (const statement of logged) {
    const seq = places.get(statement) ?? -1;
    if (seq < 0) {
      throw new IntegrityError("The log of keys names a statement of this account that was not shown.", {
        code: "statement-hidden",
        hint: "Do not share anything with this person before you compared safety words.",
      });
    }
    if (seq < count) {
      throw new IntegrityError("The log of keys names a statement twice, or out of order.", {
        code: "statement-double",
      });
    }
    count = seq + 1;
  }
  return count;
}

/**
 * Return the tags that the log has; raise `IntegrityError`: step 10.
 *
 * `wanted` gives, for each tag of own collections, the hashes (`headHash`) of the commits that this device verified;
 * `logged` are entries of the log as `split` gives them, of any collection.
 */
export function checkHeads(
  wanted: ReadonlyByteMap<ReadonlyByteSet>,
  logged: Iterable<readonly [tag: Uint8Array, head: Uint8Array]>,
): ByteSet {
  const found = new ByteSet();
  for (const [tag, head] of logged) {
    const heads = wanted.get(tag);
    if (heads === undefined) continue;
    if (found.has(tag)) {
      throw new IntegrityError("The log of heads has two heads of one collection and day.", { code: "head-double" });
    }
    if (!heads.has(head)) {
      throw new IntegrityError(
        "The server shows others another history of a collection than it shows this device.",
        { code: "head-unknown" },
      );
    }
    found.add(tag);
  }
  return found;
}
