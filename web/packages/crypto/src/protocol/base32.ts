/** Base32 (RFC 4648), lower case, without padding: how cards and links write bytes (spec/card.md step 1). No I/O. */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Return `data` in base32. */
export function base32(data: Uint8Array): string {
  let text = "";
  let [held, bits] = [0, 0];
  for (const byte of data) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET.charAt((held >> (bits - 5)) & 31);
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31);
}

/** Return the bytes that `text` writes, in either case; undefined if it is not their one writing. */
export function fromBase32(text: string): Uint8Array | undefined {
  // Before the case is folded: the sign of the kelvin is a `k` in lower case.
  if (!/^[A-Za-z2-7]*$/.test(text)) return undefined;
  const lower = text.toLowerCase();
  const data = new Uint8Array(Math.floor((lower.length * 5) / 8));
  let [held, bits, at] = [0, 0, 0];
  for (const character of lower) {
    held = (held << 5) | ALPHABET.indexOf(character);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      data[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  // Left-over bits, and a length that no bytes have, show in what is written again.
  return base32(data) === lower ? data : undefined;
}
