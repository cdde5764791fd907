/**
 * Which entries an import added, so that it can be taken back; as the command line notes it. I/O: the sealed local store.
 *
 * Guarantees: the notes stay on this device, sealed, and rest together with what they are about.
 */

import { concat, decode, encode, equal, hex, shape } from "@mindhaven/crypto";
import type { LocalStore, Record, Writer } from "@mindhaven/sdk";
import { digestOf } from "@mindhaven/sdk/exchange";

/** One import: its number on this device, when (unix milliseconds), by which importer, from which file, in how many notes. */
export interface Batch {
  readonly number: number;
  readonly at: number;
  readonly importer: string;
  readonly file: string;
  readonly notes: number;
}

const HEADS = "imports";
/** Far more imports than anybody makes. */
const MAX_BATCHES = 10_000;
const FIELDS = 5;
/** Of an item's id, then of the digest of what it was. */
const ITEM_BYTES = 16;
const NOTE_BYTES = 32;

function nameOf(number: number, note: number): string {
  return `${HEADS}/${String(number)}/${String(note)}`;
}

/** Return the imports that can be taken back, the oldest first. */
export function batchesOf(store: LocalStore): Batch[] {
  const row = store.get(HEADS);
  if (row === null) return [];
  return shape.items(decode(row), "Imports", { most: MAX_BATCHES }).map((one) => {
    const [number, at, importer, file, notes] = shape.fields(one, FIELDS, "An import");
    return {
      number: shape.number(number, "A number"),
      at: shape.number(at, "A moment"),
      importer: shape.text(importer, "An importer"),
      file: shape.text(file, "A file"),
      notes: shape.number(notes, "A count"),
    };
  });
}

function putHeads(out: Writer, batches: readonly Batch[]): void {
  out.put(HEADS, encode(batches.map(({ number, at, importer, file, notes }) => [number, at, importer, file, notes])));
}

/** Return an import that begins; nothing is noted before it added something. */
export function batchBegun(store: LocalStore, about: Pick<Batch, "at" | "importer" | "file">): Batch {
  const number = Math.max(0, ...batchesOf(store).map((one) => one.number)) + 1;
  return { ...about, number, notes: 0 };
}

/** Note what an import added, together with it; return the import as it is now. */
export function noteAdded(
  out: Writer,
  store: LocalStore,
  batch: Batch,
  added: readonly (readonly [item: Uint8Array, record: Record])[],
): Batch {
  const now = { ...batch, notes: batch.notes + 1 };
  out.put(nameOf(batch.number, batch.notes), concat(...added.flatMap(([item, record]) => [item, digestOf(record)])));
  putHeads(out, [...batchesOf(store).filter((one) => one.number !== batch.number), now]);
  return now;
}

/** Return the items (hex) of an import, and the digest of each as it came in. */
export function notedIn(store: LocalStore, batch: Batch): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (let note = 0; note < batch.notes; note++) {
    const row = store.get(nameOf(batch.number, note)) ?? new Uint8Array();
    for (let at = 0; at + NOTE_BYTES <= row.length; at += NOTE_BYTES) {
      found.set(hex(row.subarray(at, at + ITEM_BYTES)), row.slice(at + ITEM_BYTES, at + NOTE_BYTES));
    }
  }
  return found;
}

/** Tell whether a record still is what was noted of it. */
export function isAsNoted(noted: Uint8Array | undefined, record: Record): boolean {
  return noted !== undefined && equal(noted, digestOf(record));
}

/** Forget an import: it was taken back. */
export function forgetBatch(out: Writer, store: LocalStore, batch: Batch): void {
  for (let note = 0; note < batch.notes; note++) out.remove(nameOf(batch.number, note));
  putHeads(out, batchesOf(store).filter((one) => one.number !== batch.number));
}
