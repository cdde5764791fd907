/**
 * Which new passphrases are refused: too short, or among the first that anybody would try. No I/O.
 *
 * Guarantees: only passphrases that are made new are judged, never one that signs in; nothing of one is in a message.
 * Does not: estimate strength. What it lets pass may still be weak; five words that do not belong together are not.
 * Twin of `mindhaven/sdk/passphrases.py`.
 */

import { InvalidInputError } from "@mindhaven/crypto";

/** Five common words are longer than this, most single passwords shorter. */
export const MIN_PASSPHRASE_CHARACTERS = 12;
const GOOD_WORDS = "Five words that do not belong together are easy to keep and hard to guess.";
/** Signs that must be left once everything was taken out that is in the first guesses. */
const FEWEST_LEFT = 5;
const RUN = 3;

const FIRST_GUESSES = (
  "administrator passphrase contrasena motdepasse mindhaven iloveyou changeme football baseball sunshine princess " +
  "superman whatever starwars computer internet password passwort trustno welcome letmein default pokemon dragon " +
  "monkey master shadow batman qwertz azerty secret admin login hello user pass love abc test"
)
  .split(" ")
  .sort((one, other) => other.length - one.length);

const ROWS = [
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "yxcvbnm",
  "azertyuiop",
  "01234567890",
  "abcdefghijklmnopqrstuvwxyz",
];
const LEET = new Map(signsOf("013457@$!").map((sign, at) => [sign, "oieastasi"[at] ?? sign]));

/** Throw `InvalidInputError` (passphrase-short, passphrase-easy) for a new passphrase that is easy to guess. */
export function checkNew(passphrase: string): void {
  if (signsOf(passphrase).length < MIN_PASSPHRASE_CHARACTERS) {
    throw new InvalidInputError(`A passphrase has at least ${String(MIN_PASSPHRASE_CHARACTERS)} characters.`, {
      code: "passphrase-short",
      hint: GOOD_WORDS,
    });
  }
  if (isEasy(passphrase)) {
    throw new InvalidInputError("This passphrase is among the first that anybody would try.", {
      code: "passphrase-easy",
      hint: GOOD_WORDS,
    });
  }
}

/** Return a text's characters: code points, as in Python. */
function signsOf(text: string): string[] {
  return Array.from(text);
}

/** Tell whether little is left of a passphrase without common passwords, runs, years and repeats. */
function isEasy(passphrase: string): boolean {
  const folded = passphrase.toLowerCase();
  const plain = signsOf(folded).map((sign) => LEET.get(sign) ?? sign).join("");
  return Math.min(left(folded), left(plain)) < FEWEST_LEFT;
}

/** Return how many different letters are left; of a text of digits alone, how many different digits. */
function left(before: string): number {
  let text = before;
  for (const word of FIRST_GUESSES) text = text.replaceAll(word, " ");
  for (const row of [...ROWS, ...ROWS.map((one) => signsOf(one).reverse().join(""))]) {
    for (let length = row.length; length >= RUN; length--) {
      for (let start = 0; start + length <= row.length; start++) {
        text = text.replaceAll(row.slice(start, start + length), " ");
      }
    }
  }
  const different = new Set(signsOf(text));
  const counted = /\p{L}/u.test(before) ? /\p{L}/u : /\p{Nd}/u;
  return [...different].filter((sign) => counted.test(sign)).length;
}
