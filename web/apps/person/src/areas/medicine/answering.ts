/** Noting that something was taken or not, and reminders on this device. I/O: the engine. */

import type { JsonObject } from "@mindhaven/sdk";

import { MEDICINE } from "../../kinds.ts";
import { api, attempt, choices, choose, entries, refresh, sync } from "../../app.ts";
import type { Reminder } from "../../engine/shown.ts";
import { here } from "../../moods.ts";
import { inputTime, localDay } from "../../parts/dates.ts";
import { answersOf, writtenOf, type Moment } from "./medicine.ts";

/** Return now, as a day and a time here. */
export function now(): Moment {
  const at = Date.now();
  return { day: localDay(at), time: inputTime(at).slice("yyyy-mm-ddT".length) };
}

/** Return the day on which a medicine of that name was last answered, null if it never was. */
export function answeredOn(name: string): string | null {
  const last = answersOf(entries.value, name)[0];
  return last === undefined ? null : localDay(last.createdAt);
}

/** Note that a medicine was taken now, or not this time; returns the entry, null if it failed. */
export async function answer(body: JsonObject | null, taken: boolean): Promise<string | null> {
  const { name, dose } = writtenOf(body);
  let item: string | null = null;
  await attempt(async () => {
    item = await api().add({ kind: MEDICINE, ...here(), body: { name, ...(dose === "" ? {} : { dose }), taken } });
    await refresh();
  });
  void sync();
  return item;
}

/** Take an entry away; returns whether it went. */
export async function takeAway(item: string): Promise<boolean> {
  const good = await attempt(async () => {
    await api().erase(item);
    await refresh();
  });
  void sync();
  return good;
}

/** Remind of a medicine on this device, or no more. */
export async function remind(item: string, reminder: Reminder | null): Promise<void> {
  const others = Object.entries(choices.value.reminders ?? {}).filter(([one]) => one !== item);
  const all = reminder === null ? others : [...others, [item, reminder] as const];
  await choose("reminders", all.length === 0 ? null : Object.fromEntries(all));
}
