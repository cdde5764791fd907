/** Hex, for the page: the ids that the engine gives. No I/O. */

/** Return the bytes that `text` writes in hex. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_one, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));
}
