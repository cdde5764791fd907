/**
 * The lines and rows of a table as apps write it. Twin of `read_table` in `mindhaven.sdk.imports.text`, and of Python's
 * `csv.reader` in its strict mode.
 *
 * Guarantees: the text is read piece by piece, and memory beside the file is bounded by one row; limits are refused by
 * name; line numbers are those of the file; a row that can't be split is told, and the rest go on. No I/O.
 */

import { InvalidInputError } from "@mindhaven/crypto";
import { characters } from "@mindhaven/kinds/fields";

import { isBlank, stripped } from "./texts.ts";

/** One row: the line that it starts on, its cells, or why it could not be split. */
export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
  readonly fault: string;
}

/** Longest cell in characters: five times the longest text of a record; a longer one is a lost quotation mark. */
export const MAX_FIELD_CHARS = 1_000_000;
/** Longest line in characters: several full cells; it bounds memory for a file without line ends. */
export const MAX_LINE_CHARS = 8_000_000;
/** What is read to recognise a file: every known header is far shorter. */
export const HEAD_BYTES = 8192;
/** Bytes that are decoded at once; as many as Python's, so that both find a bad byte after the same rows. */
const CHUNK_BYTES = 8192;
const SEPARATORS = [",", ";", "\t"];
const LINE_END = /\r\n|[\r\n]/gu;
const TOO_LONG = "a cell is too long";
const MISPLACED = "a quotation mark is out of place";

/** Return the encoding of a text that begins with `head`: UTF-16 by its mark or its zero bytes, else UTF-8. */
export function encodingOf(head: Uint8Array): string {
  const [one, two, three, four] = head;
  if (one === 0xff && two === 0xfe) return "utf-16le";
  if (one === 0xfe && two === 0xff) return "utf-16be";
  if (one === undefined || two === undefined || three === undefined || four === undefined) return "utf-8";
  if (two === 0 && four === 0 && one !== 0 && three !== 0) return "utf-16le";
  if (one === 0 && three === 0 && two !== 0 && four !== 0) return "utf-16be";
  return "utf-8";
}

/** Return the first line of the readable part of `head`, for recognising a file. */
export function firstLine(head: Uint8Array): string {
  const text = new TextDecoder(encodingOf(head)).decode(head).replaceAll("\ufffd", "").replace(/^\ufeff+/u, "");
  return text.split("\n", 1)[0] ?? "";
}

/**
 * Give the rows of a table, blank ones left out; the first is the header. The separator is the one that the first line
 * holds most of. Throws `InvalidInputError`: `import-not-text`, `import-line-length`.
 */
export function* readTable(file: Uint8Array): Generator<Row, void, undefined> {
  const head = file.subarray(0, HEAD_BYTES);
  const first = firstLine(head);
  const counts = SEPARATORS.map((sign) => first.split(sign).length);
  const separator = SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
  for (const row of rowsOf(linesOf(file, encodingOf(head)), separator)) {
    if (row.fault !== "" || row.cells.some((cell) => !isBlank(cell))) yield row;
  }
}

/** Return the column names of a table, trimmed and in small letters; empty for an empty file. */
export function headerOf(rows: Iterator<Row, void, undefined>): string[] {
  const first = rows.next();
  if (first.done === true) return [];
  return first.value.cells.map((cell) => stripped(cell).replace(/^\ufeff+/u, "").toLowerCase());
}

/** Give the lines of a file with their ends, which are `\n`, `\r` or both. */
function* linesOf(file: Uint8Array, encoding: string): Generator<string, void, undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let begun: string[] = []; // of a line whose end is not there yet
  let counted = 0; // its characters
  let held = ""; // a `\r` that a `\n` may follow
  for (let place = 0, done = false; !done; place += CHUNK_BYTES) {
    done = place >= file.length;
    let piece = held + decoded(decoder, done ? null : file.subarray(place, place + CHUNK_BYTES));
    held = !done && piece.endsWith("\r") ? "\r" : "";
    if (held !== "") piece = piece.slice(0, -1);
    let start = 0;
    for (const found of piece.matchAll(LINE_END)) {
      const end = found.index + found[0].length;
      yield bounded(begun.join("") + piece.slice(start, end));
      [begun, counted, start] = [[], 0, end];
    }
    begun.push(piece.slice(start));
    counted += characters(piece.slice(start));
    if (counted >= MAX_LINE_CHARS) bounded(begun.join(""));
  }
  const last = begun.join("");
  if (last !== "") yield bounded(last);
}

function decoded(decoder: TextDecoder, piece: Uint8Array | null): string {
  try {
    return piece === null ? decoder.decode() : decoder.decode(piece, { stream: true });
  } catch (cause) {
    throw new InvalidInputError("This file is not readable text.", {
      code: "import-not-text",
      hint: "Save it as CSV in UTF-8 and try again.",
      cause,
    });
  }
}

function bounded(line: string): string {
  if (line.length >= MAX_LINE_CHARS) {
    const count = characters(line);
    if (count > MAX_LINE_CHARS || (count === MAX_LINE_CHARS && !line.endsWith("\n"))) {
      throw new InvalidInputError("A line of this file is too long to be a table.", { code: "import-line-length" });
    }
  }
  return line;
}

/** Why a row could not be split; the rest of its line is passed over, as in Python. */
class Fault extends Error {}

/** Give the rows of `lines`, with quotation marks doubled inside quoted cells and nowhere else. */
function* rowsOf(lines: Iterator<string, void, undefined>, separator: string): Generator<Row, void, undefined> {
  const special = new RegExp(`[${separator}\r\n]`, "gu");
  let read = 0;
  for (let ended = false; !ended; ) {
    const line = read + 1;
    const cells = new Cells(special, separator);
    let begun = false;
    let fault = "";
    try {
      do {
        const next = lines.next();
        if (next.done === true) {
          ended = true;
          if (cells.open) throw new Fault(MISPLACED);
          break;
        }
        read += 1;
        begun = true;
        cells.take(next.value);
      } while (cells.open);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault = error.message;
    }
    if (fault !== "") yield { line, cells: [], fault };
    else if (begun) yield { line, cells: cells.done, fault };
  }
}

/** The cells of one row, which may go on over several lines inside quotation marks. */
class Cells {
  readonly done: string[] = [];
  /** Whether a quoted cell is open. */
  open = false;
  readonly #special: RegExp;
  readonly #separator: string;
  #cell = "";

  constructor(special: RegExp, separator: string) {
    this.#special = special;
    this.#separator = separator;
  }

  /** Take a line; throws `Fault`. */
  take(line: string): void {
    let place = 0;
    for (;;) {
      if (this.open) {
        const quote = line.indexOf('"', place);
        this.#add(line.slice(place, quote < 0 ? undefined : quote));
        if (quote < 0) return;
        const after = line[quote + 1];
        place = quote + 2;
        if (after === '"') {
          this.#add('"');
          continue;
        }
        this.open = false;
        this.#save();
        if (after === undefined || after === "\r" || after === "\n") return;
        if (after !== this.#separator) throw new Fault(MISPLACED);
      } else {
        if (line[place] === '"') {
          this.open = true;
          place += 1;
          continue;
        }
        // A row that is a line end alone has no cell at all.
        const empty = this.done.length === 0 && place === 0 && (line[0] === "\r" || line[0] === "\n");
        if (empty) return;
        this.#special.lastIndex = place;
        const end = this.#special.exec(line)?.index ?? line.length;
        this.#add(line.slice(place, end));
        this.#save();
        if (line[end] !== this.#separator) return;
        place = end + 1;
      }
    }
  }

  #add(text: string): void {
    this.#cell += text;
    if (this.#cell.length > MAX_FIELD_CHARS && characters(this.#cell) > MAX_FIELD_CHARS) throw new Fault(TOO_LONG);
  }

  #save(): void {
    this.done.push(this.#cell);
    this.#cell = "";
  }
}
