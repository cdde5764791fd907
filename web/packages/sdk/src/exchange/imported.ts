/**
 * What every importer gives back, and what it may be told. Twin of `mindhaven.sdk.imports.model`.
 *
 * Guarantees: reading is a stream; a row that can't be read becomes a `Problem` with its line and the rest go on; the same
 * row gives the same key in every run and in both languages, so a client that remembers keys imports nothing twice.
 * Does not: write anything, guess a mood that it does not know, or use the clock or the network. No I/O.
 */

import { InvalidInputError, MindhavenError, concat, hex, sha256, utf8 } from "@mindhaven/crypto";
import { EARLIEST_MS, LATEST_MS, checkFields, kindNamed } from "@mindhaven/kinds/fields";

import { encodeBody, type JsonObject } from "../canonical.ts";
import type { Record } from "../records.ts";
import { dayText, localTime, offsetAt } from "./moments.ts";
import { beginning } from "./texts.ts";

/**
 * What the person adds to a file. `zone`: where entries without a time zone were made, an IANA name or `+hh:mm`; `moods`:
 * own mood names to 1 (worst) .. 5 (best); `columns`: the column map of `csv-map`.
 */
export interface Options {
  readonly zone?: string;
  readonly moods?: Readonly<{ [name: string]: number }>;
  readonly columns?: string;
}

/** One record, and the key (64 hex digits) by which it is recognised when the file is read again. */
export interface Imported {
  readonly record: Record;
  readonly key: string;
}

/** One row that was not taken: its line in the file (1 is the first), field and reason. */
export interface Problem {
  readonly line: number;
  readonly field: string;
  readonly message: string;
  readonly code: string;
}

export type Read = Imported | Problem;
export type Rows = Generator<Read, void, undefined>;

/** What reading the file would give. `unknownMoods` must be mapped by `Options.moods` before `read`. */
export interface Preview {
  readonly importer: string;
  readonly byKind: ReadonlyMap<string, number>;
  readonly first: readonly Imported[];
  /** Days as 2026-03-09. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly unknownMoods: readonly string[];
  readonly problemCount: number;
  readonly problems: readonly Problem[];
  /** How many of the rows with a problem can be read once moods are mapped. */
  readonly askedCount: number;
}

/** One file format. `name` is also the app in every key, so it never changes. */
export interface Importer {
  readonly name: string;
  readonly title: string;
  /** Return whether a file whose first line is `first` looks like this format. */
  readonly detects: (first: string) => boolean;
  /** Return what `read` would give; throws `InvalidInputError` if the file is not this format. */
  readonly preview: (file: Uint8Array, options?: Options) => Preview;
  /** Give records and problems in the order of the file; throws `NeedsMoodNames`, or as `preview`. */
  readonly read: (file: Uint8Array, options?: Options) => Rows;
}

/** Rows that a preview shows: enough to see whether days and moods came out right. */
export const FIRST_ROWS = 5;
/** Problems that a preview keeps; all are counted, and a wrong file would otherwise list every row. */
export const MAX_PROBLEMS_SHOWN = 100;
/** A row whose own mood name has no number yet. */
export const NO_NUMBER = "import-mood-name";
export const UTC = "UTC";
/** Characters of a name, and names of a header, that a refusal shows. */
const SHOWN_NAME = 40;
const SHOWN_NAMES = 30;
/** Bytes of a digest that tell equal rows of one file apart from others. */
const SEEN_BYTES = 16;

/**
 * The file uses mood names that are not the app's own; `names` lists them, the message does not. They are asked for and
 * never guessed: one person's "fine" is another's worst.
 */
export class NeedsMoodNames extends InvalidInputError {
  static override readonly code: string = "import-mood-names";
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    const what = "mood name(s) of your own. Say what each means, from 1 (worst) to 5 (best).";
    super(`This file uses ${names.length} ${what}`, { hint: 'For example --mood "so-so=3", once for each name.' });
    this.names = names;
  }
}

/** Makes import keys: SHA-256 over the app and what identifies a row; equal rows of one file get an ordinal. */
export class Keys {
  readonly #app: string;
  readonly #seen = new Map<string, number>();

  constructor(app: string) {
    this.#app = app;
  }

  /** Return the key of the row that `identity` describes. */
  key(...identity: readonly string[]): string {
    const plain = utf8(`[${[this.#app, ...identity].map((one) => JSON.stringify(one)).join(", ")}]`);
    const digest = sha256(plain);
    const seen = hex(digest.subarray(0, SEEN_BYTES));
    const ordinal = this.#seen.get(seen) ?? 0;
    this.#seen.set(seen, ordinal + 1);
    return hex(ordinal === 0 ? digest : sha256(concat(plain, utf8(`#${ordinal}`))));
  }
}

/** Return a problem with a row. */
export function problem(line: number, field: string, message: string, code = "import-row"): Problem {
  return { line, field, message, code };
}

/** Return why a row can't be split into columns, if it can't. */
export function unsplit(line: number, fault: string, cells: number, columns: number): Problem | null {
  if (fault === "" && cells === columns) return null;
  const why = fault === "" ? `it has ${cells} cells, not ${columns}` : fault;
  return problem(line, "row", `This row cannot be split into columns: ${why}.`);
}

/** Return `record` with its origin written into it, or the problem that makes it no valid record. */
export function imported(app: string, key: string, line: number, record: Record): Read {
  const whole = { ...record, body: { ...record.body, source: { app, key } } };
  try {
    check(whole);
  } catch (error) {
    if (error instanceof InvalidInputError) return problem(line, record.kind, error.message, error.reason);
    throw error;
  }
  return { record: whole, key };
}

/** Return whether a row was taken. */
export function isImported(row: Read): row is Imported {
  return "record" in row;
}

/** Throw `InvalidInputError` naming the field of a record of ours that does not fit. */
function check({ kind: name, createdAt, zone, body }: Record): void {
  if (!Number.isSafeInteger(createdAt) || createdAt < EARLIEST_MS || createdAt > LATEST_MS) {
    const message = "The field created_at must be unix milliseconds of a year from 1900 to 2199.";
    throw new InvalidInputError(message, { code: "record-moment" });
  }
  offsetAt(createdAt, zone);
  const kind = kindNamed(name);
  if (kind === null) throw new MindhavenError("An importer made a record of no kind.");
  checkFields(body, kind.fields);
  checkOrder(body);
  encodeBody(body);
}

function checkOrder({ start, end }: JsonObject): void {
  if (typeof start === "number" && typeof end === "number" && end < start) {
    throw new InvalidInputError("The field end lies before start.", { code: "kind-field-order" });
  }
}

/** Return the preview of `rows`, read to the end. */
export function previewOf(importer: string, rows: Rows, unknownMoods: readonly string[] = []): Preview {
  const byKind = new Map<string, number>();
  const first: Imported[] = [];
  const problems: Problem[] = [];
  let [problemCount, askedCount] = [0, 0];
  let firstDay: string | null = null;
  let lastDay: string | null = null;
  for (const row of rows) {
    if (!isImported(row)) {
      problemCount += 1;
      if (row.code === NO_NUMBER) askedCount += 1;
      if (problems.length < MAX_PROBLEMS_SHOWN) problems.push(row);
      continue;
    }
    byKind.set(row.record.kind, (byKind.get(row.record.kind) ?? 0) + 1);
    if (first.length < FIRST_ROWS) first.push(row);
    const day = dayText(localTime(row.record).wall);
    if (firstDay === null || day < firstDay) firstDay = day;
    if (lastDay === null || day > lastDay) lastDay = day;
  }
  return { importer, byKind, first, firstDay, lastDay, unknownMoods, problemCount, problems, askedCount };
}

/** Return the refusal of a file whose columns are not those of `title`. */
export function wrongHeader(title: string, header: readonly string[], known: readonly string[]): InvalidInputError {
  const shown = header.slice(0, SHOWN_NAMES).map((name) => beginning(name, SHOWN_NAME)).join(", ") || "(empty)";
  return new InvalidInputError(`This is no ${title} that Mindhaven knows. Its first line is: ${shown}.`, {
    code: "import-header",
    hint: `Known columns: ${known.join(", ")}. Any other table can be read with a column map.`,
  });
}
