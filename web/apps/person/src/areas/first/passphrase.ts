/** Five words made up on this device: 2,048 words, 55 bits; Argon2id makes each guess slow. */

import { randomBytes } from "@mindhaven/crypto";
import { wordlist } from "@scure/bip39/wordlists/english.js";

const COUNT = 5;

/** Return five words, each drawn evenly: the list has 2^11 words, and two bytes hold 2^16 numbers. */
export function passphrase(): string {
  const drawn = randomBytes(COUNT * 2);
  return Array.from({ length: COUNT }, (_one, number) => {
    const value = ((drawn[number * 2] ?? 0) << 8) | (drawn[number * 2 + 1] ?? 0);
    return wordlist[value % wordlist.length] ?? "";
  }).join(" ");
}
