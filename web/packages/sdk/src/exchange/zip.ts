/**
 * A zip file of parts that are stored as they are.
 *
 * Guarantees: the same parts give the same bytes (the date is fixed, and no clock is told); names are UTF-8; any program
 * that opens zips opens it. Does not: compress, or hold more than a zip without the 64-bit extension does. No I/O.
 */

import { InvalidInputError, concat, utf8 } from "@mindhaven/crypto";

/** One file of a zip. */
export interface Part {
  readonly name: string;
  readonly data: Uint8Array;
}

/** 2020-01-01 00:00, as zips write a date: the one that the Python library writes. */
const FIXED_DATE = ((2020 - 1980) << 9) | (1 << 5) | 1;
const FIXED_TIME = 0;
/** Version 2.0 of the format, in which every field here has its meaning. */
const VERSION = 20;
/** Bit 11 of the flags: the name is UTF-8. */
const UTF8_NAMES = 1 << 11;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** A size or a place has 32 bits. */
const MAX_BYTES = 2 ** 32 - 1;
/** A count has 16 bits. */
const MAX_PARTS = 2 ** 16 - 1;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Return the CRC-32 of `data`, as zips, PNG and Ethernet have it. */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Return the zip of `parts`; throws `InvalidInputError` (`export-too-large`) beyond 4 GiB or 65,535 parts. */
export function zipOf(parts: readonly Part[]): Uint8Array {
  const written: Uint8Array[] = [];
  const listed: Uint8Array[] = [];
  let place = 0;
  for (const { name, data } of parts) {
    const encoded = utf8(name);
    // eslint-disable-next-line no-control-regex -- a name of ASCII alone needs no flag, as in Python's zips
    const flags = /^[\u0000-\u007f]*$/u.test(name) ? 0 : UTF8_NAMES;
    const facts = [2, VERSION, 2, flags, 2, 0, 2, FIXED_TIME, 2, FIXED_DATE, 4, crc32(data), 4, data.length, 4, data.length];
    const lengths = [2, encoded.length, 2, 0];
    const head = numbers(4, LOCAL, ...facts, ...lengths);
    listed.push(numbers(4, CENTRAL, 2, VERSION, ...facts, ...lengths, 2, 0, 2, 0, 2, 0, 4, 0, 4, place), encoded);
    written.push(head, encoded, data);
    place += head.length + encoded.length + data.length;
  }
  const size = listed.reduce((sum, one) => sum + one.length, 0);
  if (parts.length > MAX_PARTS || place + size > MAX_BYTES) {
    throw new InvalidInputError("This is too much for one zip.", { code: "export-too-large" });
  }
  const end = numbers(4, END, 2, 0, 2, 0, 2, parts.length, 2, parts.length, 4, size, 4, place, 2, 0);
  return concat(...written, ...listed, end);
}

/** Return numbers in little-endian order, each after how many bytes it takes. */
function numbers(...pairs: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const value = pairs[at + 1] ?? 0;
    for (let byte = 0; byte < (pairs[at] ?? 0); byte++) bytes.push((value >>> (8 * byte)) & 0xff);
  }
  return Uint8Array.from(bytes);
}
