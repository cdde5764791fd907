/** What acts were answered with, until their receipts are read: reading them is no part of what a page waits for. */

import { encode, hex, randomBytes, utf8, type receipt } from "@mindhaven/crypto";

import type { Writer } from "./store.ts";

/** How the rows of answers begin whose receipts nobody has read yet (`receipts`). */
export const TOLD = "told/";

/** Keep an answer, encoded or as JSON gave it (null: there was none), and what was asked for. */
export function keepTold(out: Writer, answer: unknown, { collection, person, digest }: receipt.About): void {
  if (answer === null) return;
  const bytes = answer instanceof Uint8Array ? answer : utf8(JSON.stringify(answer));
  const about = [collection ?? null, person ?? null, digest ?? null];
  out.put(`${TOLD}${hex(randomBytes(8))}`, encode([bytes, ...about]));
}
