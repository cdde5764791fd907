/** Which entries are about a day, and which are about none: a plan, one's history, what one takes. Pure; no I/O. */

import { HISTORY, MEDICINE, PLAN } from "../kinds.ts";
import type { EntryShown } from "../engine/shown.ts";

const TIMELESS: ReadonlySet<string> = new Set([PLAN, HISTORY]);

/** Tell whether a kind is about no moment: its entries belong to no month, and to every share of their part. */
export function isTimeless(kind: string): boolean {
  return TIMELESS.has(kind);
}

/** Tell whether an entry is about a moment; one that does not open here is about the one that it came with. */
export function aboutADay(entry: EntryShown): boolean {
  if (entry.kind === null) return true;
  if (entry.kind === MEDICINE) return typeof entry.body?.["taken"] === "boolean";
  return !isTimeless(entry.kind);
}
