/**
 * Moments on a person's own clock, as the Python library tells them.
 *
 * Guarantees: the same day, time and offset as Python's `zoneinfo` for zones that both know; an hour that the end of
 * summer time doubles is the first one, an hour that its beginning leaves out is told by the offset before.
 * Does not: know zones that this browser does not; what it takes from the time-zone tables of the two may differ as the
 * tables do. I/O: none; reads the engine's own tables.
 */

import { InvalidInputError } from "@mindhaven/crypto";
import { EARLIEST_MS, LATEST_MS } from "@mindhaven/kinds/fields";

import type { Record } from "../records.ts";

/** A day of the calendar; months are counted from 1. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A time of the day. */
export interface Clock {
  readonly hour: number;
  readonly minute: number;
}

/** A moment as a clock showed it: `wall` is what stood there, as if it were UTC; both in milliseconds. */
export interface Local {
  readonly wall: number;
  readonly offset: number;
  readonly zone: string;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const OFFSET = /^([+-])(0[0-9]|1[0-4]):([0-5][0-9])$/u;
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Return a moment as FHIR writes an instant, such as 2026-03-09T20:35:00Z. */
export function utcText(moment: number): string {
  return `${iso(within(moment))}Z`;
}

/** Return the moment of `record` on the person's clock; in UTC if its zone is unknown here. */
export function localTime(record: Record): Local {
  const moment = within(record.createdAt);
  try {
    const offset = offsetAt(moment, record.zone);
    return { wall: moment + offset, offset, zone: record.zone };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { wall: moment, offset: 0, zone: "UTC" };
  }
}

/** Return the moment of `record` as the person's clock showed it, with its offset. */
export function localText(record: Record): string {
  const { wall, offset } = localTime(record);
  const size = Math.abs(offset);
  const parts = [Math.floor(size / HOUR_MS), Math.floor(size / MINUTE_MS) % 60, Math.floor(size / SECOND_MS) % 60];
  if (parts[2] === 0) parts.pop();
  return `${iso(wall)}${offset < 0 ? "-" : "+"}${parts.map((one) => String(one).padStart(2, "0")).join(":")}`;
}

/** Return the day of a local moment as 2026-03-09. */
export function dayText(wall: number): string {
  return iso(wall).slice(0, 10);
}

/** Return what stood on the clock as 2026-03-09 20:35. */
export function clockText(wall: number): string {
  return iso(wall).slice(0, 16).replace("T", " ");
}

/** Return how long it was from one to the other, in milliseconds: by the clock within one zone, as in Python. */
export function between(first: Local, second: Local): number {
  const byClock = first.zone === second.zone;
  return second.wall - first.wall - (byClock ? 0 : second.offset - first.offset);
}

/** Return unix milliseconds of a local day and time in `zone`; throws `InvalidInputError` (`zone-unknown`). */
export function localMs(day: Day, at: Clock, zone: string): number {
  return wallToMs(wallOf(day) + at.hour * HOUR_MS + at.minute * MINUTE_MS, zone);
}

/** Return unix milliseconds of what stood on a clock in `zone`; throws `InvalidInputError` (`zone-unknown`). */
export function wallToMs(wall: number, zone: string): number {
  const before = offsetAt(wall - DAY_MS, zone);
  if (offsetAt(wall - before, zone) === before) return wall - before;
  const after = offsetAt(wall + DAY_MS, zone);
  return wall - (offsetAt(wall - after, zone) === after ? after : before);
}

/** Return the day as milliseconds of its midnight in UTC; NaN for a day that there is not. */
export function wallOf({ year, month, day }: Day): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // `Date.UTC` takes the year 26 as 1926
  const there = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return there && year >= 1 && year <= 9999 ? date.getTime() : Number.NaN;
}

/** Return the day `days` later. */
export function dayAfter(day: Day, days: number): Day {
  const date = new Date(wallOf(day) + days * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Return how far `zone` is from UTC at a moment, in milliseconds; throws `InvalidInputError` (`zone-unknown`). */
export function offsetAt(moment: number, zone: string): number {
  if (zone === "UTC" || zone === "Z") return 0;
  const fixed = OFFSET.exec(zone);
  if (fixed !== null) return (fixed[1] === "-" ? -1 : 1) * (Number(fixed[2]) * HOUR_MS + Number(fixed[3]) * MINUTE_MS);
  const held = new Map(formatOf(zone).formatToParts(moment).map((part) => [part.type, Number(part.value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => held.get(name) ?? 0;
  const day = wallOf({ year: part("year"), month: part("month"), day: part("day") });
  const wall = day + part("hour") * HOUR_MS + part("minute") * MINUTE_MS + part("second") * SECOND_MS;
  return wall - Math.floor(moment / SECOND_MS) * SECOND_MS;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  const numeric = "numeric" as const;
  const parts = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
  try {
    if (!/^[A-Za-z]/u.test(zone)) throw new RangeError("an offset of another form");
    const made = new Intl.DateTimeFormat("en-u-ca-iso8601", { ...parts, timeZone: zone, hourCycle: "h23" });
    const told = made.resolvedOptions().timeZone;
    // A name in other letters is another name where zones are files.
    if (told !== zone && told.toLowerCase() === zone.toLowerCase()) throw new RangeError("written otherwise");
    FORMATS.set(zone, made);
    return made;
  } catch (cause) {
    throw new InvalidInputError("The field zone names no time zone that this machine knows.", {
      code: "zone-unknown",
      hint: 'Use an IANA name such as "Europe/Berlin", or an offset such as "+02:00".',
      cause,
    });
  }
}

/** Return the moment, or the nearest that a record can have: whoever may write to a collection may write others. */
function within(moment: number): number {
  return Math.min(Math.max(moment, EARLIEST_MS), LATEST_MS);
}

function iso(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19);
}
