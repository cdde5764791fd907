/** What a share would show: which entries of a part, from which month on. Pure; no I/O. */

import type { EntryShown } from "../../engine/shown.ts";
import { localDay } from "../../parts/dates.ts";
import { isTimeless } from "../../parts/timeless.ts";

/** What is about to be shared: a part from a month on, or single entries as copies. */
export type Sharing =
  | { readonly what: "part"; readonly part: string; readonly since: number }
  | { readonly what: "copies"; readonly items: readonly string[] };

/** Return the month (yyyymm) of an entry, 0 for what is about no month: those are always part of a share. */
export function monthOf(entry: EntryShown): number {
  if (entry.kind === null || isTimeless(entry.kind)) return 0;
  return Number(localDay(entry.createdAt, entry.zone).slice(0, 7).replace("-", ""));
}

/** Return the entries that would be seen. */
export function seenBy(entries: readonly EntryShown[], sharing: Sharing): EntryShown[] {
  if (sharing.what === "copies") return entries.filter((one) => sharing.items.includes(one.item));
  const { part, since } = sharing;
  return entries.filter((one) => one.part === part && (monthOf(one) === 0 || monthOf(one) >= since));
}
