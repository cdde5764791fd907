/** Padding: Padme with a floor, over `u32 length | content | zeros`. Implements spec/envelope.md step 2. No I/O. */

import { u32be } from "./bytes.ts";
import { IntegrityError, InvalidInputError } from "./errors.ts";

/** Every item is at least this long, so that no small record shows its kind or score by its size. */
export const FLOOR_BYTES = 1024;
/** The largest content of one item; larger things are attachments. */
export const MAX_CONTENT_BYTES = 4 * 1024 * 1024;
const LENGTH_BYTES = 4;

/** Return the padded size for `length` bytes: at most 11.6 % more, few sizes (Nikitin et al. 2019). */
export function padme(length: number): number {
  if (length === 0) return 0;
  const exponent = bitLength(length) - 1;
  const kept = bitLength(exponent);
  // Multiplication, since shifts in JavaScript end at 32 bits and files do not.
  const step = 2 ** Math.max(exponent - kept, 0);
  return Math.ceil(length / step) * step;
}

/** Return `u32 big-endian length | content | zeros`, sized by Padme and never under `floor` bytes. */
export function pad(content: Uint8Array, floor = FLOOR_BYTES): Uint8Array {
  if (content.length > MAX_CONTENT_BYTES) {
    throw new InvalidInputError("This record is too long to keep as one item (4 MiB).", {
      code: "item-too-large",
      hint: "Attach it as a file instead.",
    });
  }
  const padded = new Uint8Array(paddedBytes(content.length, floor));
  padded.set(u32be(content.length));
  padded.set(content, LENGTH_BYTES);
  return padded;
}

/** Return the content of `padded`; raise `IntegrityError` (padding-malformed) unless `pad` gave it. */
export function unpad(padded: Uint8Array, floor = FLOOR_BYTES): Uint8Array {
  const malformed = new IntegrityError("A record's padding is malformed.", { code: "padding-malformed" });
  if (padded.length < LENGTH_BYTES) throw malformed;
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  const end = LENGTH_BYTES + length;
  if (length > MAX_CONTENT_BYTES || padded.length !== paddedBytes(length, floor)) throw malformed;
  if (padded.subarray(end).some((byte) => byte !== 0)) throw malformed;
  return padded.slice(LENGTH_BYTES, end);
}

function paddedBytes(length: number, floor: number): number {
  return Math.max(padme(length + LENGTH_BYTES), floor);
}

function bitLength(value: number): number {
  // In two halves: `Math.clz32` sees 32 bits, and a logarithm rounds up just below a power of two.
  const high = Math.floor(value / 2 ** 32);
  return high === 0 ? 32 - Math.clz32(value) : 64 - Math.clz32(high);
}
