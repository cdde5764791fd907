/** The names of parts as people know them. No I/O. */

import type { ShareShown } from "../engine/shown.ts";
import { fill, words } from "../words.ts";

/** Return what a part is called on screen. */
export function partName(part: string): string {
  return words.parts[part] ?? part;
}

/** Return the names of shared parts, in one line. */
export function partNames(shares: readonly ShareShown[]): string {
  return shares.map((one) => partName(one.part)).join(", ");
}

const DAY_MS = 86_400_000;
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** Return a day (days since 1970) as a date. */
export function dayText(day: number): string {
  return DATE.format(day * DAY_MS);
}

/** Return today as days since 1970, UTC. */
export function todayNumber(): number {
  return Math.floor(Date.now() / DAY_MS);
}

/** Return the month (yyyymm) that lies `back` months before this one. */
export function monthBack(back: number): number {
  const now = new Date();
  const then = new Date(Date.UTC(now.getFullYear(), now.getMonth() - back, 1));
  return then.getUTCFullYear() * 100 + then.getUTCMonth() + 1;
}

const MONTH = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric", timeZone: "UTC" });

/** Return a month (yyyymm) in words; 0 is the beginning. */
export function monthText(month: number): string {
  return month === 0 ? words.beginning : MONTH.format(Date.UTC(Math.floor(month / 100), (month % 100) - 1, 1));
}

/** Return what a share lets its reader do, from when and until when. */
export function shareText({ since, until }: Pick<ShareShown, "since" | "until">): string {
  const start = monthText(since);
  return until === 0 ? fill(words.shareOpenText, { start }) : fill(words.shareText, { start, end: dayText(until) });
}
