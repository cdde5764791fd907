/** Voice notes as files: what they may be, what they are called, how long they are. Pure; no I/O. */

/** What browsers record, the smallest first; the second is that of Apple's. */
export const TYPES = ["audio/webm;codecs=opus", "audio/mp4"] as const;
/** Longer than most people speak in one go; at the rate of `recording.ts` under one sealed part of 4 MiB. */
export const MAX_MS = 10 * 60_000;
/** When the end is told: time to come to it. */
export const TOLD_BEFORE_MS = 60_000;
/** Sounds that browsers play; of anything else the app says that it can be saved. */
const PLAYED = /^audio\/(webm|mp4|ogg|mpeg|aac|wav|x-wav|flac|x-m4a)$/;
const SECOND_MS = 1000;
const MINUTE_SECONDS = 60;

function two(number: number): string {
  return String(number).padStart(2, "0");
}

/** Return a time as a clock shows it: minutes and seconds. */
export function clockText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / SECOND_MS);
  return `${String(Math.floor(seconds / MINUTE_SECONDS))}:${two(seconds % MINUTE_SECONDS)}`;
}

/** Return the name of a note's file: what it is and when, in characters that every system takes. */
export function noteName(word: string, at: Date, type: string): string {
  const day = `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${word} ${day} ${two(at.getHours())}.${two(at.getMinutes())}.${type === "audio/mp4" ? "m4a" : "webm"}`;
}

/** Return the type under which a file is played here, null for what is no sound: nothing else gets an address. */
export function playedAs(type: string): string | null {
  const plain = type.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return PLAYED.test(plain) ? plain : null;
}
