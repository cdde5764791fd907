/**
 * Files of other apps: looked at first, then read in, then, if wished, taken back; with the results of the command line.
 *
 * Guarantees: nothing is written before `more` is asked for; what is here already is skipped by its key; what `more` says
 * was added rests, sealed, and an import can be taken back from then on. I/O: the file (only read) and the local store.
 */

import { InvalidInputError, hex } from "@mindhaven/crypto";
import { homeOf, type Entry, type Mindhaven, type Record } from "@mindhaven/sdk";
import { compareWith, detect, headOf, importerNamed, isImported, keyOf, type Importer, type Preview } from "@mindhaven/sdk/exchange";

import { batchBegun, batchesOf, forgetBatch, isAsNoted, noteAdded, notedIn, type Batch } from "./batches.ts";
import type { BatchShown, Looked, Progress, Telling } from "./imports.ts";
import { isOwn } from "./showing.ts";

/** Records that land together: few writes, a page that can tell how far it is, and a stop that loses none of them. */
const AT_A_TIME = 500;
/** Far above a table of one's own life: ten years of ten entries a day with a page of text each. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const COLUMN_MAP = "csv-map";
const UNKNOWN_TABLE = "import-header";

/** A file that was looked at: what `more` goes on with. */
interface Reading {
  readonly rows: Iterator<Row, void, undefined>;
  readonly known: Set<string>;
  readonly corrections: readonly (readonly [Entry, Record])[];
  batch: Batch;
}

type Row = ReturnType<Importer["read"]> extends Generator<infer R> ? R : never;

export class Bringing {
  readonly #client: Mindhaven;
  #reading: Reading | null = null;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Return what a file holds, and what of it is new; throws what its importer throws, and (import-too-large). */
  async look(file: File, told: Telling): Promise<Looked> {
    this.#reading = null;
    if (file.size > MAX_FILE_BYTES) {
      const hint = "Split it into several tables. What is there already is not brought in twice.";
      throw new InvalidInputError("This file is larger than 64 MB.", { code: "import-too-large", hint });
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const importer = importerFor(bytes, told.columns);
    if (importer === null) return { known: false, ...headOf(bytes) };
    const preview = importer.preview(bytes, told);
    const shown = { known: true, ...shownPreview(preview) } as const;
    if (preview.unknownMoods.length > 0) return { ...shown, fresh: 0, here: 0, corrections: 0, edited: 0 };
    const kept = this.#kept();
    const records = kept.map(([, record]) => record);
    const known = new Set([...records.map(keyOf), ...(await this.#client.locks()).known()]);
    const again = told.zoneChosen
      ? compareWith(importer, bytes, told, records)
      : { ...counted(importer, bytes, told, known), corrections: new Map<number, Record>(), edited: 0 };
    const corrections = [...again.corrections].flatMap(([place, record]) => {
      const entry = kept[place]?.[0];
      return entry === undefined ? [] : [[entry, record] as const];
    });
    const batch = batchBegun(this.#client.store, { at: Date.now(), importer: importer.name, file: file.name });
    this.#reading = { rows: importer.read(bytes, told), known, corrections, batch };
    const { fresh, here, edited } = again;
    return { ...shown, fresh, here, corrections: corrections.length, edited };
  }

  /** Bring some more of the looked-at file in; what it says was added rests. */
  async more(): Promise<Progress> {
    const reading = this.#reading;
    if (reading === null) throw new InvalidInputError("Choose the file again.", { code: "import-over" });
    const records: Record[] = [];
    let done = false;
    while (records.length < AT_A_TIME && !done) {
      const next = reading.rows.next();
      if (next.done === true) done = true;
      else if (isImported(next.value) && !reading.known.has(next.value.key)) {
        reading.known.add(next.value.key);
        records.push(next.value.record);
      }
    }
    await this.#add(reading, records);
    if (!done) return { added: records.length, corrected: 0, done };
    for (const [entry, record] of reading.corrections) this.#client.entries.revise(entry, record);
    await this.#client.store.saved();
    this.#reading = null;
    return { added: records.length, corrected: reading.corrections.length, done };
  }

  async #add(reading: Reading, records: readonly Record[]): Promise<void> {
    if (records.length === 0) return;
    let { batch } = reading;
    await this.#client.entries.addAll(records, (out, items) => {
      const added = items.flatMap((item, place) => {
        const record = records[place];
        return record === undefined ? [] : [[item, record] as const];
      });
      batch = noteAdded(out, this.#client.store, batch, added);
    });
    reading.batch = batch;
  }

  /** Return the imports of this device that can be taken back, the newest first. */
  batches(): BatchShown[] {
    return batchesOf(this.#client.store)
      .map((batch) => {
        const { same, changed } = this.#there(batch);
        const { number, at, file } = batch;
        return { number, at, file, same: same.length, changed };
      })
      .reverse();
  }

  /** Take an import back: what it added and nobody changed since goes for good. Returns how many went. */
  async takeBack(number: number): Promise<number> {
    const { store, entries } = this.#client;
    const batch = batchesOf(store).find((one) => one.number === number);
    if (batch === undefined) return 0;
    const { same } = this.#there(batch);
    await entries.eraseAll(same, (out) => {
      forgetBatch(out, store, batch);
    });
    return same.length;
  }

  #there(batch: Batch): { readonly same: readonly Entry[]; readonly changed: number } {
    const noted = notedIn(this.#client.store, batch);
    const there = this.#own().filter(([entry]) => noted.has(hex(entry.item)));
    const same = there.filter(([entry, record]) => isAsNoted(noted.get(hex(entry.item)), record)).map(([entry]) => entry);
    return { same, changed: there.length - same.length };
  }

  #own(): [Entry, Record][] {
    return this.#client.entries
      .all()
      .flatMap((one) => (one.record !== null && one.mine && isOwn(this.#client, one) ? [[one, one.record]] : []));
  }

  /** Return one's own entries that an import brought. */
  #kept(): [Entry, Record][] {
    return this.#own().filter(([, record]) => keyOf(record) !== "");
  }
}

/** Return what reads a file; null for a table of which somebody has to say what its columns mean. */
function importerFor(file: Uint8Array, columns: string): Importer | null {
  if (columns !== "") return importerNamed(COLUMN_MAP);
  try {
    return detect(file);
  } catch (error) {
    if (error instanceof InvalidInputError && error.reason === UNKNOWN_TABLE) return null;
    throw error;
  }
}

function counted(importer: Importer, file: Uint8Array, told: Telling, known: ReadonlySet<string>): { fresh: number; here: number } {
  let [fresh, here] = [0, 0];
  for (const row of importer.read(file, told)) {
    if (!isImported(row)) continue;
    if (known.has(row.key)) here += 1;
    else fresh += 1;
  }
  return { fresh, here };
}

function shownPreview({ importer, byKind, first, firstDay, lastDay, unknownMoods, problemCount, problems, askedCount }: Preview) {
  const at = { version: 1, createdAt: 0, zone: "UTC", body: {} };
  return {
    importer,
    parts: [...byKind].map(([kind, count]) => ({ part: homeOf({ kind, ...at }), count })),
    first: first.map(({ record }) => ({ part: homeOf(record), kind: record.kind, createdAt: record.createdAt, zone: record.zone, body: record.body })),
    firstDay,
    lastDay,
    unknownMoods,
    problemCount: problemCount - askedCount,
    problems: problems.filter((one) => !isAsked(one.code)),
  };
}

/** A row that only waits for what a mood name means is no fault. */
function isAsked(code: string): boolean {
  return code === "import-mood-name";
}
