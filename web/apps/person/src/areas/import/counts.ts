/** Counts and days of a file, as they are written here. No I/O. */

import { dayText } from "../../parts/dates.ts";
import { locale } from "../../words/language.ts";

const DAY_MS = 86_400_000;

/** Return a count as it is written here. */
export function countText(count: number): string {
  return count.toLocaleString(locale());
}

/** Return a day (yyyy-mm-dd) as it is written here. */
export function isoDayText(day: string): string {
  return dayText(Date.parse(day) / DAY_MS);
}
