/**
 * Strict shapes: how decoded CBOR becomes typed values, field by field. Implements spec/encoding.md step 6.
 *
 * A value of another type or length raises `InvalidInputError` (shape) naming the field. No I/O.
 */

import { InvalidInputError } from "./errors.ts";

const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

function refuse(message: string): never {
  throw new InvalidInputError(message, { code: "shape" });
}

/** Return `value` if it is a list of exactly `count` fields. */
export function fields(value: unknown, count: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== count) refuse(`${what} has the wrong number of fields.`);
  return value as readonly unknown[];
}

/** Return `value` if it is a list of at most `most` entries. */
export function items(value: unknown, what: string, limits: { readonly most: number }): readonly unknown[] {
  if (!Array.isArray(value) || value.length > limits.most) {
    refuse(`${what} is not a list of at most ${limits.most} entries.`);
  }
  return value as readonly unknown[];
}

/** Return `value` if it is a byte string of exactly `length`, or at most `most`, bytes. */
export function raw(
  value: unknown,
  what: string,
  limits: { readonly length?: number; readonly most?: number } = {},
): Uint8Array {
  if (!(value instanceof Uint8Array) || (limits.length !== undefined && value.length !== limits.length)) {
    refuse(`${what} has the wrong type or length.`);
  }
  if (limits.most !== undefined && value.length > limits.most) refuse(`${what} is longer than ${limits.most} bytes.`);
  return value;
}

/** Return `value` if it is an integer from `least` to `most` (0 to 2^53 - 1 unless said); a boolean is not a number. */
export function number(
  value: unknown,
  what: string,
  limits: { readonly least?: number; readonly most?: number } = {},
): number {
  const { least = 0, most = MAX_NUMBER } = limits;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
    refuse(`${what} is not a number in its range.`);
  }
  return value;
}

/** Return `value` if it is a text of at most `most` characters (Unicode code points, as in Python). */
export function text(value: unknown, what: string, limits: { readonly most?: number } = {}): string {
  const { most = 200 } = limits;
  if (typeof value !== "string" || characters(value) > most) refuse(`${what} is not a text of at most ${most} characters.`);
  return value;
}

function characters(value: string): number {
  // A pair of surrogates is one character; counted in place, since a record's text may be long.
  let count = value.length;
  for (let i = 0; i < value.length; i++) if ((value.charCodeAt(i) & 0xfc00) === 0xdc00) count -= 1;
  return count;
}
