/**
 * The recovery key on paper: 8 rows of 7 characters plus one check character. Implements spec/recovery.md.
 *
 * 31 of 32 slips of the pen are named by their row, the others by the checksum over all rows, before anything is tried;
 * case, 0/O, 1/I/L and spaces don't matter. No I/O.
 */

import { concat, equal, utf8 } from "../bytes.ts";
import { derive } from "../derive.ts";
import { labelledHash } from "../encoding.ts";
import { InvalidInputError } from "../errors.ts";
import { SlotSecret } from "../secrets.ts";

export const VERSION = 1;
export const ROWS = 8;
export const ROW_DATA = 7;
export const LOOKUP_BYTES = 16;
const ROW = ROW_DATA + 1;
const DATA_BYTES = 33;
const CHECKSUM_BYTES = 2;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TAKEN_FOR = new Map([
  ["O", "0"],
  ["I", "1"],
  ["L", "1"],
]);
/** Stands for a character that the alphabet has not; no check character is ever it. */
const FOREIGN = "?";
const COUNTED = /[\p{L}\p{N}]/u;

/** Return the key as 8 rows of 8 characters. */
export function rows(key: SlotSecret): string[] {
  const data = concat(Uint8Array.of(VERSION), key.bytes);
  const digits = toDigits(concat(data, checksum(data)));
  return Array.from({ length: ROWS }, (_, index) => {
    const row = digits.slice(index * ROW_DATA, (index + 1) * ROW_DATA);
    return row + check(row, index);
  });
}

/**
 * Return the key that `text` writes, in rows or not.
 *
 * Raises `InvalidInputError`: recovery-length, recovery-row (names the row), recovery-checksum, recovery-version.
 */
export function parse(text: string): SlotSecret {
  const found = characters(text);
  if (found.length !== ROWS * ROW) {
    throw new InvalidInputError(`A recovery key has 64 characters; this has ${found.length}.`, {
      code: "recovery-length",
      hint: "It is 8 rows of 8 characters. Spaces and dashes between them do not matter.",
    });
  }
  let digits = "";
  for (let index = 0; index < ROWS; index++) {
    const row = found.slice(index * ROW, (index + 1) * ROW);
    if (!isGood(index, row)) {
      throw new InvalidInputError(`Row ${index + 1} of this recovery key has a slip in it.`, {
        code: "recovery-row",
        hint: `Compare row ${index + 1} with your paper, and check that the rows are in order.`,
      });
    }
    digits += row.slice(0, ROW_DATA);
  }
  const whole = fromDigits(digits);
  const data = whole.slice(0, DATA_BYTES);
  if (data[0] !== VERSION) {
    throw new InvalidInputError("This recovery key is of a newer kind than this program knows.", {
      code: "recovery-version",
    });
  }
  if (!equal(checksum(data), whole.slice(DATA_BYTES))) {
    throw new InvalidInputError("This recovery key has a slip in it.", { code: "recovery-checksum" });
  }
  return new SlotSecret(data.slice(1));
}

/** Return whether `row` is well written as row `index` (0..7). */
export function checkRow(index: number, row: string): boolean {
  const found = characters(row);
  return found.length === ROW && isGood(index, found);
}

/** Return the 16-byte id by which the key finds its account without a name. */
export function lookupId(key: SlotSecret): Uint8Array {
  return derive(key, "recovery-lookup", { length: LOOKUP_BYTES });
}

function checksum(data: Uint8Array): Uint8Array {
  return labelledHash("recovery-checksum", data).slice(0, CHECKSUM_BYTES);
}

function check(row: string, index: number): string {
  const [first = 0] = labelledHash("recovery-row", Uint8Array.of(index), utf8(row));
  return ALPHABET.charAt(first & 31);
}

function isGood(index: number, row: string): boolean {
  return !row.includes(FOREIGN) && check(row.slice(0, ROW_DATA), index) === row.charAt(ROW_DATA);
}

/** The letters and digits of `text` as the alphabet writes them. */
function characters(text: string): string {
  return Array.from(text.toUpperCase())
    .filter((character) => COUNTED.test(character))
    .map((character) => TAKEN_FOR.get(character) ?? (ALPHABET.includes(character) ? character : FOREIGN))
    .join("");
}

/** The 5-bit digits of `data`, whose bits are a multiple of 5. */
function toDigits(data: Uint8Array): string {
  let digits = "";
  let [held, bits] = [0, 0];
  for (const byte of data) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) digits += ALPHABET.charAt((held >> (bits - 5)) & 31);
    held &= (1 << bits) - 1;
  }
  return digits;
}

function fromDigits(digits: string): Uint8Array {
  const data = new Uint8Array((digits.length * 5) / 8);
  let [held, bits, at] = [0, 0, 0];
  for (const digit of digits) {
    held = (held << 5) | ALPHABET.indexOf(digit);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      data[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return data;
}
