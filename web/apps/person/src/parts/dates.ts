/** Days, months and moments as people write them, in the language on screen. No I/O but the clock. */

import { locale } from "../words/language.ts";

const DAY_MS = 86_400_000;
const MADE = new Map<string, Intl.DateTimeFormat>();

/** Return a format of this locale; making one takes longer than using it, and a list uses one a line. */
function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale()}/${name}`;
  const made = MADE.get(key) ?? new Intl.DateTimeFormat(locale(), options);
  MADE.set(key, made);
  return made;
}

/** Return a moment (milliseconds since 1970 UTC) as a date, here. */
export function dateText(at: number): string {
  return format("date", { dateStyle: "medium" }).format(at);
}

/** Return a moment as a date and a time, here. */
export function momentText(at: number): string {
  return format("moment", { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** Return the time of a moment, here. */
export function timeText(at: number): string {
  return format("time", { timeStyle: "short" }).format(at);
}

/** Return a day (days since 1970) as a date. */
export function dayText(day: number): string {
  return format("day", { dateStyle: "medium", timeZone: "UTC" }).format(day * DAY_MS);
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

/** Return the short name of a moment's weekday, UTC. */
export function weekdayText(at: number): string {
  return format("weekday", { weekday: "short", timeZone: "UTC" }).format(at);
}

/** Return a number as it is written here, with one decimal at most. */
export function numberText(value: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(value);
}

/** Return a month (yyyymm) in words. */
export function monthText(month: number): string {
  const at = Date.UTC(Math.floor(month / 100), (month % 100) - 1, 1);
  return format("month", { month: "long", year: "numeric", timeZone: "UTC" }).format(at);
}

/** Return a moment as a field of date and time takes it, here. */
export function inputTime(at: number): string {
  const then = new Date(at);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${String(then.getFullYear())}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  return `${day}T${two(then.getHours())}:${two(then.getMinutes())}`;
}

/** Return what such a field holds as a moment; null for nothing, and for what has not been yet. */
export function timeOfInput(text: string): number | null {
  const at = new Date(text).getTime();
  return Number.isFinite(at) && at <= Date.now() ? at : null;
}

/** Return the day on which a moment falls in a zone, as yyyy-mm-dd; the day here for a zone that is unknown here. */
export function localDay(at: number, zone?: string): string {
  const key = `iso/${zone ?? ""}`;
  let made = MADE.get(key);
  if (made === undefined) {
    made = isoFormat(zone);
    MADE.set(key, made);
  }
  return made.format(at);
}

function isoFormat(zone?: string): Intl.DateTimeFormat {
  const options: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
  try {
    return new Intl.DateTimeFormat("en-CA", zone === undefined ? options : { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat("en-CA", options);
  }
}
