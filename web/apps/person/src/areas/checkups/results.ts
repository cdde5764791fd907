/** Check-ups that were done, as this device has them. Pure; no I/O. */

import { CHECKUP } from "../../kinds.ts";
import type { EntryShown } from "../../engine/shown.ts";

/** Return the check-ups of one questionnaire that a person did, the newest first. */
export function earlierOf(entries: readonly EntryShown[], instrument: string): EntryShown[] {
  return entries
    .filter((one) => one.kind === CHECKUP && one.mine && one.body?.["instrument"] === instrument)
    .sort((one, other) => other.createdAt - one.createdAt);
}

/** Return the total of a check-up, null if it has none. */
export function totalOf(entry: EntryShown): number | null {
  const total = entry.body?.["score"];
  return typeof total === "number" ? total : null;
}
