/**
 * What goes together with mood, computed on this device. Pure; no I/O.
 *
 * Guarantees: nothing is told before 14 days with a mood, or of a group under 5 days; a difference is told with its
 * direction and its number of days. Does not: tell a cause. With few days most of what is found may be chance.
 */

import { SLEEP } from "../../kinds.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { dayNumber, mean, type Day } from "./days.ts";

/** Fewer days tell nothing that would stay true. */
export const LEAST_DAYS = 14;
/** A group below this is an anecdote. */
export const LEAST_IN_GROUP = 5;
/** A quarter of a step between two faces (half a valence): less is not felt as a difference. */
const LEAST_DIFFERENCE = 0.125;
/** More would be a list to search for bad news in. */
const MOST_SHOWN = 6;
const HOUR_MS = 3_600_000;
/** What most adults need at least, rounded (7 hours). */
export const ENOUGH_SLEEP_HOURS = 7;

/** One thing that goes together with mood: on `days` of the days the mood was higher or lower than on the others. */
export interface Pattern {
  readonly what: "tag" | "sleep";
  /** The tag; empty for sleep. */
  readonly name: string;
  readonly higher: boolean;
  /** Of the days with it, how many had a mood above (or below) the mean of the days without it. */
  readonly days: number;
  readonly of: number;
}

/** Return the tags of a day. */
function tagsOf(day: Day): ReadonlySet<string> {
  return new Set(
    day.entries.flatMap((one) => {
      const tags = one.body?.["activities"];
      return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
    }),
  );
}

/** Return how long a sleep was, in hours; null for another entry. */
export function sleepHours(entry: EntryShown): number | null {
  const { start, end } = entry.kind === SLEEP ? (entry.body ?? {}) : {};
  return typeof start === "number" && typeof end === "number" && end > start ? (end - start) / HOUR_MS : null;
}

function compare(what: Pattern["what"], name: string, within: readonly number[], without: readonly number[]): Pattern[] {
  const [one, other] = [mean(within), mean(without)];
  if (within.length < LEAST_IN_GROUP || without.length < LEAST_IN_GROUP || one === null || other === null) return [];
  if (Math.abs(one - other) < LEAST_DIFFERENCE) return [];
  const higher = one > other;
  const days = within.filter((mood) => (higher ? mood > other : mood < other)).length;
  return [{ what, name, higher, days, of: within.length }];
}

/** Return what goes together with mood, that with the most days first; null before there are enough days. */
export function patternsOf(days: Iterable<Day>): Pattern[] | null {
  const counted = [...days].flatMap((day) => (day.mood === null ? [] : [{ day, mood: day.mood, tags: tagsOf(day) }]));
  if (counted.length < LEAST_DAYS) return null;
  const split = (has: (one: (typeof counted)[number]) => boolean): [number[], number[]] => [
    counted.filter(has).map((one) => one.mood),
    counted.filter((one) => !has(one)).map((one) => one.mood),
  ];
  const tags = new Set(counted.flatMap((one) => [...one.tags]));
  const found = [...tags].flatMap((tag) => compare("tag", tag, ...split((one) => one.tags.has(tag))));
  const slept = counted.flatMap(({ day, mood }) => {
    const hours = day.entries.map(sleepHours).filter((one) => one !== null);
    return hours.length === 0 ? [] : [{ mood, enough: Math.max(...hours) >= ENOUGH_SLEEP_HOURS }];
  });
  const group = (enough: boolean): number[] => slept.filter((one) => one.enough === enough).map((one) => one.mood);
  found.push(...compare("sleep", "", group(true), group(false)));
  return found.sort((one, other) => other.of - one.of).slice(0, MOST_SHOWN);
}

/** Return how the mood of the second half of a time was against the first; null before there are enough days of each. */
export function halvesOf(days: readonly Day[], middle: number): "higher" | "lower" | "same" | null {
  const moods = (late: boolean): number[] =>
    days.flatMap((day) => (day.mood === null || dayNumber(day.day) >= middle !== late ? [] : [day.mood]));
  const [first, second] = [moods(false), moods(true)];
  if (first.length + second.length < LEAST_DAYS || Math.min(first.length, second.length) < LEAST_IN_GROUP) return null;
  const change = (mean(second) ?? 0) - (mean(first) ?? 0);
  if (Math.abs(change) < LEAST_DIFFERENCE) return "same";
  return change > 0 ? "higher" : "lower";
}
