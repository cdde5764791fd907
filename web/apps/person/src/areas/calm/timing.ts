/** When one breathes in and out, and how long a line stays. Pure; seconds in, seconds out. */

/** In for 4, out for 6: about six breaths a minute, with a longer breath out. */
export const IN_SECONDS = 4;
export const OUT_SECONDS = 6;
export const BREATH_SECONDS = IN_SECONDS + OUT_SECONDS;
/** What can be chosen, in minutes: whole breaths go into each. */
export const MINUTES = [1, 3, 5] as const;
/** A line is read slowly, and then there is time to do what it says. */
const SECONDS_A_WORD = 0.5;
const SECONDS_TO_FEEL = 7;
/** Less is no time that anybody would note. */
export const LEAST_NOTED_SECONDS = 30;
const MINUTE_SECONDS = 60;
const TENTHS = 10;

/** One moment of a breath. */
export interface Breath {
  readonly phase: "in" | "out";
  /** As it is counted aloud, from 1. */
  readonly count: number;
  /** Of how many. */
  readonly of: number;
}

/** Return where one is in a breath, `seconds` after the beginning. */
export function breathAt(seconds: number): Breath {
  const into = seconds % BREATH_SECONDS;
  if (into < IN_SECONDS) return { phase: "in", count: Math.floor(into) + 1, of: IN_SECONDS };
  return { phase: "out", count: Math.floor(into - IN_SECONDS) + 1, of: OUT_SECONDS };
}

/** Return how full the lungs are, 0 to 1: slow at both ends, as a breath is. */
export function fullAt(seconds: number): number {
  const into = seconds % BREATH_SECONDS;
  const part = into < IN_SECONDS ? into / IN_SECONDS : 1 - (into - IN_SECONDS) / OUT_SECONDS;
  return (1 - Math.cos(Math.PI * part)) / 2;
}

/** Return how many of the steps of a breath are drawn: one more with each count in, one less with each count out. */
export function stepsAt({ phase, count, of }: Breath): number {
  return phase === "in" ? count : of - count;
}

/** Return how many seconds are left of some minutes, in whole breaths: it changes once a breath, not each second. */
export function leftAt(seconds: number, minutes: number): number {
  const left = minutes * MINUTE_SECONDS - Math.floor(seconds / BREATH_SECONDS) * BREATH_SECONDS;
  return Math.max(0, left);
}

/** Tell whether the time is over. */
export function overAt(seconds: number, minutes: number): boolean {
  return seconds >= minutes * MINUTE_SECONDS;
}

/** Return how long a line stays. */
export function lineSeconds(line: string): number {
  return SECONDS_TO_FEEL + SECONDS_A_WORD * line.split(/\s+/).filter((word) => word !== "").length;
}

/** Return seconds as minutes that can be noted, to a tenth; null for less than anybody would note. */
export function noted(seconds: number): number | null {
  return seconds < LEAST_NOTED_SECONDS ? null : Math.round((seconds / MINUTE_SECONDS) * TENTHS) / TENTHS;
}

/** Return seconds as minutes and seconds: 2:30. */
export function clockText(seconds: number): string {
  return `${String(Math.floor(seconds / MINUTE_SECONDS))}:${String(seconds % MINUTE_SECONDS).padStart(2, "0")}`;
}
