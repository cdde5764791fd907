/** Small functions over bytes. No I/O. */

import { InvalidInputError } from "./errors.ts";

const ENCODER = new TextEncoder();
/** `ignoreBOM` keeps a leading U+FEFF: it is a character of the text like any other. */
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** `String.fromCharCode` takes its characters as arguments, of which an engine takes so many at once. */
const CHARACTERS_AT_ONCE = 8192;

/** Return `parts` joined in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Return whether both are the same bytes; takes the same time wherever they differ. */
export function equal(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= (left[i] ?? 0) ^ (right[i] ?? 0);
  return difference === 0;
}

/** Return a negative number, zero or a positive number as `left` sorts before, with or after `right`, byte by byte. */
export function compare(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Return the UTF-8 of `text`; raise `InvalidInputError` for half a surrogate pair, which has none. */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new InvalidInputError("A text holds half a character.");
  return ENCODER.encode(text);
}

/** Return the text that `data` is the UTF-8 of; raise `InvalidInputError` if it is none. */
export function fromUtf8(data: Uint8Array): string {
  try {
    return DECODER.decode(data);
  } catch (cause) {
    throw new InvalidInputError("These bytes are no UTF-8.", { cause });
  }
}

/** Return `data` in lower-case hexadecimal. */
export function hex(data: Uint8Array): string {
  let text = "";
  for (const byte of data) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Return the bytes that `text` writes in hexadecimal; raise `InvalidInputError` if it writes none. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) throw new InvalidInputError("This is not hexadecimal.");
  const data = new Uint8Array(text.length / 2);
  for (let i = 0; i < data.length; i++) data[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return data;
}

/** Return `data` in base64, standard alphabet, padded. */
export function base64(data: Uint8Array): string {
  let characters = "";
  for (let at = 0; at < data.length; at += CHARACTERS_AT_ONCE) {
    // Through an array: an argument list of a typed one is gathered number by number.
    characters += String.fromCharCode.apply(undefined, Array.from(data.subarray(at, at + CHARACTERS_AT_ONCE)));
  }
  return btoa(characters);
}

/** Return the bytes that `text` writes in padded standard base64; raise `InvalidInputError` for any other writing. */
export function fromBase64(text: string): Uint8Array {
  let characters: string;
  try {
    characters = atob(text);
  } catch (cause) {
    throw new InvalidInputError("This is not base64.", { cause });
  }
  const data = new Uint8Array(characters.length);
  for (let i = 0; i < data.length; i++) data[i] = characters.charCodeAt(i);
  // `atob` also takes blanks, missing padding and stray last bits: one value has one writing here.
  if (base64(data) !== text) throw new InvalidInputError("This is not base64.");
  return data;
}

/** Return `value` as four bytes, big-endian. */
export function u32be(value: number): Uint8Array {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setUint32(0, value);
  return data;
}
