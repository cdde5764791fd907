/** Moods as entries: five steps of a face as the valence that the record keeps, and back. No I/O. */

import { MOOD } from "./kinds.ts";
import type { EntryShown, NewEntry } from "./engine/shown.ts";

const STEPS = 4;

/** Return the valence (-1 to 1) of a face, 0 (very low) to 4 (very good). */
export function valenceOf(face: number): number {
  return (face * 2) / STEPS - 1;
}

/** Return the face, 0 to 4, that stands nearest to a valence. */
export function faceAt(valence: number): number {
  return Math.min(STEPS, Math.max(0, Math.round(((valence + 1) * STEPS) / 2)));
}

/** Return the valence of a mood, null for an entry that is none. */
export function moodOf(entry: EntryShown): number | null {
  const valence = entry.kind === MOOD ? entry.body?.["valence"] : undefined;
  return typeof valence === "number" ? valence : null;
}

/** Return the face that stands nearest to an entry's valence, or null if the entry is no mood. */
export function faceOf(entry: EntryShown): number | null {
  const valence = moodOf(entry);
  return valence === null ? null : faceAt(valence);
}

/** Return the note of an entry, or an empty text. */
export function noteOf(entry: EntryShown): string {
  const note = entry.body?.["note"] ?? entry.body?.["text"];
  return typeof note === "string" ? note : "";
}

/** Return now, and the zone that this device is in. */
export function here(): Pick<NewEntry, "createdAt" | "zone"> {
  return { createdAt: Date.now(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

/** Return a mood about now, here. */
export function newEntry(body: NewEntry["body"]): NewEntry {
  return { kind: MOOD, ...here(), body };
}

/** Return a mood with another note, about the same moment and place. */
export function changed(entry: EntryShown, note: string): NewEntry {
  return { kind: MOOD, createdAt: entry.createdAt, zone: entry.zone, body: { ...entry.body, note } };
}
