/** The forms of rows at rest: items and waiting writes. No I/O. */

import { collection, decode, encode, fromHex, shape, type chain } from "@mindhaven/crypto";

/**
 * One item as this device has it. `value` is the encoded content if it opened, `[envelope, salt]` if its key is not
 * here, `[reason]` if it does not open, null if the server has not given it or it was erased.
 */
export interface LocalItem {
  readonly item: Uint8Array;
  readonly state: chain.ItemState;
  readonly seq: number;
  readonly value: Uint8Array | null;
  readonly given: boolean;
  /** The salt that `value` came with: with it this device can give the record back to a server that lost it. */
  readonly salt: Uint8Array | null;
}

/** Fields of an item's row as devices kept it that knew no salt yet. */
const WITHOUT_SALT = 8;

/** Return what rests of an item. */
export function encodeItem(one: LocalItem): Uint8Array {
  const { revision, epoch, author, month, erased } = one.state;
  return encode([revision, epoch, author, month, erased, one.seq, one.value, one.given, one.salt]);
}

/** Return the item of that id (hex) that `encodeItem` gave. */
export function decodeItem(item: string, row: Uint8Array): LocalItem {
  const kept = shape.items(decode(row), "An item's row", { most: WITHOUT_SALT + 1 });
  const whole = kept.length === WITHOUT_SALT ? [...kept, null] : kept;
  const [revision, epoch, author, month, erased, seq, value, given, salt] = shape.fields(
    whole,
    WITHOUT_SALT + 1,
    "An item's row",
  );
  return {
    item: fromHex(item),
    state: {
      revision: shape.number(revision, "A revision"),
      epoch: shape.number(epoch, "An epoch"),
      author: shape.raw(author, "An author"),
      month: shape.number(month, "A month"),
      erased: erased === true,
    },
    seq: shape.number(seq, "A seq"),
    value: value === null ? null : shape.raw(value, "A value"),
    given: given === true,
    salt: salt === null ? null : shape.raw(salt, "A salt"),
  };
}

/**
 * One waiting write: a new item (`base` 0), a next revision (it follows `base`), or (content null) an erasure.
 * `place` is the name of one's own collection, or the id of any; `month` is yyyymm, 0 for timeless kinds.
 */
export interface Write {
  readonly place: string | Uint8Array;
  readonly item: Uint8Array;
  readonly base: number;
  readonly month: number;
  readonly content: Uint8Array | null;
  /** The parts of its attachments, which its commit names. */
  readonly blobs: readonly Uint8Array[];
}

/** Return what rests of a waiting write. */
export function encodeWrite(write: Write): Uint8Array {
  return encode([write.place, write.item, write.base, write.month, write.content, [...write.blobs]]);
}

/** Return the write that `encodeWrite` gave. */
export function decodeWrite(row: Uint8Array): Write {
  const [place, item, base, month, content, blobs] = shape.fields(decode(row), 6, "A waiting write");
  return {
    place: typeof place === "string" ? place : shape.raw(place, "A place"),
    item: shape.raw(item, "An item"),
    base: shape.number(base, "A base"),
    month: shape.number(month, "A month"),
    content: content === null ? null : shape.raw(content, "A content"),
    blobs: collection.blobsOf(blobs),
  };
}

/**
 * What one item's waiting writes come to: their numbers in the queue, and the write to send (null: nothing).
 *
 * `sent`: contents of earlier ones that were sent and never answered: the newest may have to follow one of them.
 */
export interface Step {
  readonly numbers: number[];
  readonly sent: Uint8Array[];
  write: Write | null;
}

/**
 * Return one step for each item: edits that never left this device are one edit for everybody else, and what was
 * written and erased here never leaves, unless it was sent before (`tried`): then it may stand at the server.
 */
export function coalesced(waiting: readonly (readonly [number, Write])[], tried: ReadonlySet<number>): Step[] {
  const steps = new Map<string, Step>();
  for (const [number, write] of waiting) {
    const key = write.item.join();
    const step = steps.get(key);
    if (step === undefined) {
      steps.set(key, { numbers: [number], sent: [], write });
      continue;
    }
    const base = step.write?.base ?? 0;
    const before = step.write?.content ?? null;
    if (before !== null && tried.has(step.numbers.at(-1) ?? 0)) step.sent.push(before);
    step.numbers.push(number);
    const left = base > 0 || step.numbers.some((one) => tried.has(one));
    step.write = write.content === null && !left ? null : { ...write, base };
  }
  return [...steps.values()];
}
