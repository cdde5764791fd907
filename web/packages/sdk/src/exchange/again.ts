/**
 * Reading a file again: which of its rows are here already, and which came in under a wrong time zone. Twin of
 * `mindhaven.sdk.imports.again`.
 *
 * Guarantees: a row is recognised by its key, whatever the zone; only a record that still is what the file gave under its
 * own zone is corrected, so what the person changed by hand is left alone. No I/O; the file is read once, and once more for
 * each zone that records of it were imported under.
 */

import { InvalidInputError, concat, encode, equal, sha256 } from "@mindhaven/crypto";

import { encodeBody } from "../canonical.ts";
import type { Record } from "../records.ts";
import { UTC, isImported, type Importer, type Options } from "./imported.ts";
import { isObject, textOf } from "./model.ts";

/**
 * What importing a file comes to beside what is kept. `fresh`: rows that are not here; `here`: rows that stay as they are;
 * `corrections`: the place among the kept, and the record it becomes, of those under another zone; `edited`: rows whose
 * kept record differs in more than the zone, left alone.
 */
export interface Again {
  readonly fresh: number;
  readonly here: number;
  readonly corrections: ReadonlyMap<number, Record>;
  readonly edited: number;
}

/** What of a digest is kept beside each item that an import added. */
const DIGEST_BYTES = 16;

/** Return the import key of a record, empty for one that was not imported. */
export function keyOf(record: Record): string {
  const { source } = record.body;
  return isObject(source) ? textOf(source["key"]) : "";
}

/** Return what tells whether a record still is what an import added; the digest that the command line notes. */
export function digestOf({ kind, version, createdAt, zone, body }: Record): Uint8Array {
  return sha256(concat(encode([kind, version, createdAt, zone]), encodeBody(body))).slice(0, DIGEST_BYTES);
}

/** Return what reading `file` under `options.zone` changes among `kept`; throws what the importer throws. */
export function compareWith(importer: Importer, file: Uint8Array, options: Options, kept: readonly Record[]): Again {
  const places = new Map<string, number[]>();
  for (const [place, record] of kept.entries()) {
    const key = keyOf(record);
    if (key !== "") places.set(key, [...(places.get(key) ?? []), place]);
  }
  let [fresh, here] = [0, 0];
  const wanted = new Map<number, Record>();
  for (const row of importer.read(file, options)) {
    if (!isImported(row)) continue;
    const held = places.get(row.key);
    if (held === undefined) {
      fresh += 1;
      continue;
    }
    const other = held.filter((place) => !same(kept[place], row.record));
    for (const place of other) wanted.set(place, row.record);
    if (other.length === 0) here += 1;
  }
  const given = asGiven(importer, file, options, kept, places, wanted);
  const corrections = new Map([...wanted].filter(([place]) => given.has(place)));
  return { fresh, here, corrections, edited: wanted.size - corrections.size };
}

/** Return the places whose record is what the file gives under that record's own zone. */
function asGiven(
  importer: Importer,
  file: Uint8Array,
  options: Options,
  kept: readonly Record[],
  places: ReadonlyMap<string, readonly number[]>,
  wanted: ReadonlyMap<number, Record>,
): Set<number> {
  const found = new Set<number>();
  const zones = new Set([...wanted].flatMap(([place, record]) => {
    const zone = kept[place]?.zone ?? UTC;
    return zone === record.zone ? [] : [zone];
  }));
  for (const zone of zones) {
    try {
      for (const row of importer.read(file, { ...options, zone })) {
        if (!isImported(row)) continue;
        for (const place of places.get(row.key) ?? []) {
          if (wanted.has(place) && kept[place]?.zone === zone && same(kept[place], row.record)) found.add(place);
        }
      }
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      // A zone that this machine does not know: nothing of it can be told apart from an edit.
    }
  }
  return found;
}

function same(one: Record | undefined, other: Record): boolean {
  if (one === undefined || one.kind !== other.kind || one.version !== other.version) return false;
  return one.createdAt === other.createdAt && one.zone === other.zone && equal(encodeBody(one.body), encodeBody(other.body));
}
