/**
 * What someone who sees what the server has could guess: rules over a person's own values. No I/O.
 *
 * Guarantees: a guess stands only where the values carry it; each rule names its numbers. Does not: find every guess: who
 * knows more about somebody guesses more.
 */

import type { SeenShown } from "../../engine/logged.ts";

const DAY_SECONDS = 86_400;
/** Fewer arrivals than these tell no habit. */
const LEAST_ARRIVALS = 10;
/** A part of the day is a habit if it has more than half of all. */
const MOSTLY = 0.5;
/** Nights with something written that are more than a coincidence. */
const LEAST_NIGHTS = 3;
const NIGHT_ENDS = 5;
const NIGHT_BEGINS = 23;
/** Two spans that are compared: a week hides in chance, a month hides a bad fortnight. */
const SPAN_DAYS = 14;
/** Days in the busier span from which on a change is one. */
const LEAST_DAYS = 5;
/** How much more or less is a change. */
const TIMES_MORE = 2;
const LOOK_BACK_DAYS = 30;
/** A pause that somebody would notice in a diary that was kept before. */
const LONG_PAUSE_DAYS = 14;
/** What most short entries are padded to: spec/envelope.md. */
const FLOOR_BYTES = 1024;

export type Rule =
  | "often"
  | "morning"
  | "afternoon"
  | "evening"
  | "night"
  | "more"
  | "less"
  | "pause"
  | "long"
  | "earlier"
  | "removed"
  | "kinds"
  | "shares"
  | "reads"
  | "devices"
  | "tried"
  | "reminded";

/** One guess: which rule, and its numbers. */
export interface Guess {
  readonly rule: Rule;
  readonly values: Readonly<Record<string, string>>;
}

/** Where the hours of a moment lie here: 0 to 23. */
export type HourOf = (seconds: number) => number;

/** Return what could be guessed, the most telling first; `now` in seconds since 1970 UTC. */
export function guesses(seen: SeenShown, now: number, hourOf: HourOf): Guess[] {
  return [...shares(seen), ...habits(seen.arrivals, now, hourOf), ...entries(seen), ...account(seen)];
}

function guess(rule: Rule, values: Readonly<Record<string, number>> = {}): Guess {
  return { rule, values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])) };
}

function shares({ parts }: SeenShown): Guess[] {
  const own = parts.filter(({ owner }) => owner.kind === "self");
  const readers = new Set(own.flatMap(({ members }) => members.map(({ who }) => who.id)));
  const shared = own.filter(({ members }) => members.length > 0).length;
  const owners = new Set(parts.filter(({ owner }) => owner.kind !== "self").map(({ owner }) => owner.id));
  return [
    ...(readers.size > 0 ? [guess("shares", { people: readers.size, parts: shared })] : []),
    ...(owners.size > 0 ? [guess("reads", { people: owners.size })] : []),
  ];
}

function habits(arrivals: readonly number[], now: number, hourOf: HourOf): Guess[] {
  if (arrivals.length < LEAST_ARRIVALS) return [];
  const days = new Set(arrivals.map((at) => Math.floor(at / DAY_SECONDS)));
  const today = Math.floor(now / DAY_SECONDS);
  const within = (from: number, to: number): number => [...days].filter((day) => day > today - from && day <= today - to).length;
  const lately = within(LOOK_BACK_DAYS, 0);
  const nights = arrivals.filter((at) => hourOf(at) < NIGHT_ENDS || hourOf(at) >= NIGHT_BEGINS);
  const nightCount = new Set(nights.map((at) => Math.floor(at / DAY_SECONDS))).size;
  return [
    ...(lately > 0 ? [guess("often", { days: lately, of: LOOK_BACK_DAYS })] : []),
    ...daypart(arrivals, hourOf),
    ...(nightCount >= LEAST_NIGHTS ? [guess("night", { nights: nightCount })] : []),
    ...change(within(SPAN_DAYS, 0), within(2 * SPAN_DAYS, SPAN_DAYS)),
    ...pause([...days].sort((one, other) => one - other)),
  ];
}

function daypart(arrivals: readonly number[], hourOf: HourOf): Guess[] {
  const parts = { morning: [5, 12], afternoon: [12, 18], evening: [18, NIGHT_BEGINS] } as const;
  const rules = Object.keys(parts) as (keyof typeof parts)[];
  const most = rules.find((name) => {
    const [from, to] = parts[name];
    return arrivals.filter((at) => hourOf(at) >= from && hourOf(at) < to).length / arrivals.length > MOSTLY;
  });
  return most === undefined ? [] : [guess(most)];
}

function change(after: number, before: number): Guess[] {
  if (after >= LEAST_DAYS && before > 0 && after >= before * TIMES_MORE) return [guess("more", { after, before })];
  if (before >= LEAST_DAYS && after * TIMES_MORE <= before) return [guess("less", { after, before })];
  return [];
}

function pause(days: readonly number[]): Guess[] {
  const gaps = days.slice(1).map((day, at) => day - (days[at] ?? day) - 1);
  const longest = Math.max(0, ...gaps);
  return longest >= LONG_PAUSE_DAYS ? [guess("pause", { days: longest })] : [];
}

function entries({ parts, events }: SeenShown): Guess[] {
  const own = parts.filter(({ owner, isList }) => owner.kind === "self" && !isList);
  const months = own.flatMap((part) => part.months);
  const sum = (of: (month: (typeof months)[number]) => number): number => months.reduce((all, one) => all + of(one), 0);
  const long = sum(({ sizes }) => sizes.filter(([bytes]) => bytes > FLOOR_BYTES).reduce((all, [, count]) => all + count, 0));
  const erased = sum((one) => one.erased);
  const begun = events.find(({ name }) => name === "accounts.account.created")?.firstAt;
  const earlier = months.some(({ month }) => month > 0 && begun !== undefined && month < monthOf(begun));
  return [
    ...(own.length > 1 ? [guess("kinds", { count: own.length })] : []),
    ...(long > 0 ? [guess("long", { count: long })] : []),
    ...(earlier ? [guess("earlier")] : []),
    ...(erased > 0 ? [guess("removed", { count: erased })] : []),
  ];
}

function monthOf(seconds: number): number {
  const at = new Date(seconds * 1000);
  return at.getUTCFullYear() * 100 + at.getUTCMonth() + 1;
}

function account({ devices, events, reminders }: SeenShown): Guess[] {
  const tried = events.find(({ name }) => name === "accounts.login.refused");
  return [
    ...(devices.length > 1 ? [guess("devices", { count: devices.length })] : []),
    ...(tried === undefined ? [] : [guess("tried")]),
    ...(reminders.length > 0 ? [guess("reminded")] : []),
  ];
}
