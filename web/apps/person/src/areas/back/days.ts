/** Entries by day: which days have some, how the mood was, what a month looks like. Pure; no I/O. */

import type { EntryShown } from "../../engine/shown.ts";

import { moodOf } from "../../moods.ts";
import { localDay } from "../../parts/dates.ts";
import { aboutADay } from "../../parts/timeless.ts";

/** One day with entries. `mood`: the mean valence of its moods (-1 to 1), null without one. */
export interface Day {
  /** As yyyy-mm-dd, in the zone where each entry was written. */
  readonly day: string;
  readonly entries: readonly EntryShown[];
  readonly mood: number | null;
}

/** Return the mean, null of nothing. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
}

/** Return the days that have entries, by their name. */
export function daysOf(entries: readonly EntryShown[]): ReadonlyMap<string, Day> {
  const byDay = new Map<string, EntryShown[]>();
  for (const one of entries) {
    if (one.kind === null || !aboutADay(one)) continue;
    const day = localDay(one.createdAt, one.zone);
    const there = byDay.get(day);
    if (there === undefined) byDay.set(day, [one]);
    else there.push(one);
  }
  return new Map(
    [...byDay].map(([day, there]) => {
      const moods = there.map(moodOf).filter((value) => value !== null);
      return [day, { day, entries: there, mood: mean(moods) }];
    }),
  );
}

/** Return the weeks of a month (yyyy-mm) as names of days, null outside of it; `firstDay`: 1 is Monday, 7 Sunday. */
export function weeksOf(month: string, firstDay: number): (string | null)[][] {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const weekday = new Date(Date.UTC(year, number - 1, 1)).getUTCDay() || 7;
  const before = (weekday - firstDay + 7) % 7;
  const days = Array.from({ length }, (_one, at) => `${month}-${String(at + 1).padStart(2, "0")}`);
  const cells: (string | null)[] = [...Array<null>(before).fill(null), ...days];
  while (cells.length % 7 !== 0) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_one, week) => cells.slice(week * 7, week * 7 + 7));
}

/** Return the month (yyyy-mm) that lies `by` months after another. */
export function monthAfter(month: string, by: number): string {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** Return a day's number since 1970. */
export function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
}
