/** What somebody takes, as records; when a reminder is due. Pure; days and times are arguments. */

import type { JsonObject } from "@mindhaven/sdk";

import { MEDICINE } from "../../kinds.ts";
import type { EntryShown, Reminder } from "../../engine/shown.ts";
import { folded } from "../../parts/search.ts";
import { dayNumber } from "../back/days.ts";

/** A reminder that nobody answers is not wanted any more: it stops, and says nothing of it. */
const UNANSWERED_DAYS = 3;

/** What is typed of a medicine; empty: nothing. */
export interface Written {
  readonly name: string;
  readonly dose: string;
  readonly schedule: string;
}

function text(body: JsonObject | null, name: string): string {
  const value = body?.[name];
  return typeof value === "string" ? value : "";
}

/** Return a medicine as it is typed. */
export function writtenOf(body: JsonObject | null): Written {
  return { name: text(body, "name"), dose: text(body, "dose"), schedule: text(body, "schedule") };
}

/** Return what was typed as a record's body; what else was in it stays. */
export function bodyOf(written: Written, before: JsonObject | null): JsonObject {
  const rest = Object.entries(before ?? {}).filter(([name]) => !(name in written));
  const typed = Object.entries(written).map(([name, value]) => [name, (value as string).trim()]);
  return Object.fromEntries([...rest, ...typed.filter(([, value]) => value !== "")]) as JsonObject;
}

/** Return a draft as what is typed; null for what is none. */
export function fromDraft(draft: string): Written | null {
  try {
    const begun: unknown = JSON.parse(draft);
    return typeof begun === "object" && begun !== null ? writtenOf(begun as JsonObject) : null;
  } catch {
    return null;
  }
}

/** Return a name as it is compared: a record of taking knows its medicine by its name. */
function sameName(one: string, other: string): boolean {
  return folded(one.trim()) === folded(other.trim());
}

function medicines(entries: readonly EntryShown[]): EntryShown[] {
  return entries.filter((one) => one.kind === MEDICINE && one.mine && one.body !== null);
}

/** Tell whether an entry says what somebody takes, not that they took it. */
export function isSchedule(entry: EntryShown): boolean {
  return entry.kind === MEDICINE && typeof entry.body?.["taken"] !== "boolean";
}

/** Return what somebody takes, by name. */
export function schedulesOf(entries: readonly EntryShown[]): EntryShown[] {
  const all = medicines(entries).filter(isSchedule);
  return all.sort((a, b) => text(a.body, "name").localeCompare(text(b.body, "name")));
}

/** Return what was noted about taking a medicine of that name, newest first. */
export function answersOf(entries: readonly EntryShown[], name: string): EntryShown[] {
  const all = medicines(entries).filter((one) => !isSchedule(one) && sameName(text(one.body, "name"), name));
  return all.sort((a, b) => b.createdAt - a.createdAt);
}

/** Return the newest record of each medicine that was taken once and is on the list no more. */
export function earlierOf(entries: readonly EntryShown[]): EntryShown[] {
  const now = schedulesOf(entries).map((one) => text(one.body, "name"));
  const found: EntryShown[] = [];
  for (const one of medicines(entries).sort((a, b) => b.createdAt - a.createdAt)) {
    const name = text(one.body, "name");
    if (!isSchedule(one) && ![...now, ...found.map((other) => text(other.body, "name"))].some((other) => sameName(other, name))) found.push(one);
  }
  return found;
}

/** A day (yyyy-mm-dd) and a time (hh:mm), here. */
export interface Moment {
  readonly day: string;
  readonly time: string;
}

/** Tell whether a reminder stopped by itself: three days went by since its beginning, or since the last answer. */
export function hasStopped(reminder: Reminder, answeredOn: string | null, now: Moment): boolean {
  const answered = answeredOn !== null && answeredOn >= reminder.since;
  const first = answered ? dayNumber(answeredOn) + 1 : dayNumber(reminder.since);
  return dayNumber(now.day) - first >= UNANSWERED_DAYS;
}

/** Tell whether a reminder shows its row now; `answeredOn`: the day of the last answer, null without one. */
export function isDue(reminder: Reminder, answeredOn: string | null, now: Moment): boolean {
  if (now.time < reminder.at || (answeredOn !== null && answeredOn >= now.day)) return false;
  return !hasStopped(reminder, answeredOn, now);
}
