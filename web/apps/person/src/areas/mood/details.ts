/** What belongs to a mood beside its face: when it was, tags, sleep, craving, words. Pure; `now` is an argument. */

import type { JsonObject } from "@mindhaven/sdk";

import { CRAVING, SLEEP } from "../../kinds.ts";
import type { EntryShown, NewEntry } from "../../engine/shown.ts";

/** As many tags as a phone shows in four lines: the ones that are used most. */
const TAGS_OFFERED = 16;
const DAY_MS = 86_400_000;

/** What a person adds; absent or empty: nothing. */
export interface Details {
  /** The moment that it is about (milliseconds since 1970 UTC); null: now. */
  readonly at: number | null;
  readonly activities: readonly string[];
  readonly labels: readonly string[];
  /** -1 very calm to 1 very stirred up. */
  readonly arousal: number | null;
  /** -1 to 1, finer than the face. */
  readonly valence: number | null;
  readonly note: string;
  /** Times of the day, as 23:30, and how it was (0 to 4). */
  readonly sleep: { readonly from: string; readonly to: string; readonly how: number | null } | null;
  readonly craving: { readonly strength: number; readonly about: string } | null;
}

export const NOTHING: Details = {
  at: null,
  activities: [],
  labels: [],
  arousal: null,
  valence: null,
  note: "",
  sleep: null,
  craving: null,
};

function listOf(body: JsonObject | null, name: string): string[] {
  const value = body?.[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function numberOf(body: JsonObject | null, name: string): number | null {
  const value = body?.[name];
  return typeof value === "number" ? value : null;
}

/** Return what an entry says beside its face. */
export function detailsOf(entry: EntryShown): Details {
  const { body } = entry;
  const note = body?.["note"];
  return {
    ...NOTHING,
    at: entry.createdAt,
    activities: listOf(body, "activities"),
    labels: listOf(body, "labels"),
    arousal: numberOf(body, "arousal"),
    note: typeof note === "string" ? note : "",
  };
}

/** What was begun of a mood: its face, if one was chosen, and what was added. */
export interface Begun {
  readonly face: number | null;
  readonly details: Details;
}

/** Return a draft as what was begun; null for what is none. */
export function fromDraft(text: string): Begun | null {
  try {
    const { face, details } = JSON.parse(text) as Partial<Begun>;
    if (typeof details !== "object") return null;
    return { face: typeof face === "number" ? face : null, details: { ...NOTHING, ...details } };
  } catch {
    return null;
  }
}

/** Return the tags that were used, the most used first: they are the person's own words, kept nowhere else. */
export function tagsOf(entries: readonly EntryShown[], field: "activities" | "labels"): string[] {
  const counted = new Map<string, number>();
  for (const one of entries) {
    if (!one.mine) continue;
    for (const tag of listOf(one.body, field)) counted.set(tag, (counted.get(tag) ?? 0) + 1);
  }
  return [...counted].sort(([, one], [, other]) => other - one).slice(0, TAGS_OFFERED).map(([tag]) => tag);
}

/** What a person may change of a mood; the rest, such as where it was imported from, stays. */
const CHANGED: ReadonlySet<string> = new Set(["valence", "arousal", "activities", "labels", "note", "raw"]);

/** Return the body of a mood: the face's valence, or the finer one, and what was added. */
export function moodBody(valence: number, details: Details, before: JsonObject | null = null): JsonObject {
  const rest = Object.fromEntries(Object.entries(before ?? {}).filter(([name]) => !CHANGED.has(name)));
  const raw = before?.["raw"];
  const same = before !== null && before["valence"] === valence && details.valence === null;
  return {
    span: "moment",
    ...rest,
    ...(same && raw !== undefined ? { raw } : {}), // what was imported on another scale holds while the face does
    valence: details.valence ?? valence,
    ...(details.activities.length > 0 ? { activities: [...details.activities] } : {}),
    ...(details.labels.length > 0 ? { labels: [...details.labels] } : {}),
    ...(details.arousal === null ? {} : { arousal: details.arousal }),
    ...(details.note === "" ? {} : { note: details.note }),
  };
}

/** Return the moment (ms) of a time of day before `now`: the last one that there was, here. */
function lastAt(time: string, now: number): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const then = new Date(now);
  then.setHours(hours, minutes, 0, 0);
  return then.getTime() > now ? then.getTime() - DAY_MS : then.getTime();
}

/** Return the sleep and the craving that were noted with a mood at `now`, as entries of their own. */
export function besides(details: Details, now: number, zone: string): NewEntry[] {
  const found: NewEntry[] = [];
  const { sleep, craving } = details;
  if (sleep !== null) {
    const end = lastAt(sleep.to, now);
    const start = lastAt(sleep.from, end - 1);
    const quality = sleep.how === null ? {} : { quality: sleep.how / 4 };
    found.push({ kind: SLEEP, createdAt: end, zone, body: { start, end, ...quality } });
  }
  if (craving !== null) {
    const about = craving.about.trim();
    const body = { strength: craving.strength, ...(about === "" ? {} : { about }) };
    found.push({ kind: CRAVING, createdAt: now, zone, body });
  }
  return found;
}
