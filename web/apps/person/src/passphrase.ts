/** Five words made up on this device: 2,048 words, 55 bits; Argon2id makes each guess slow. */

import { randomBytes, WORDS } from "@mindhaven/crypto";

const COUNT = 5;

/** Return five words, each drawn evenly. */
export function passphrase(): string {
  const drawn = randomBytes(COUNT * 2);
  const list: readonly string[] = WORDS;
  return Array.from({ length: COUNT }, (_one, number) => {
    const high = drawn[number * 2] ?? 0;
    const low = drawn[number * 2 + 1] ?? 0;
    return list[((high << 8) | low) % list.length] ?? "";
  }).join(" ");
}
