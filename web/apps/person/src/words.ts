/** The words that are needed first, in the language on screen; each area has the rest of its own (`areas/*`). */

import { signal } from "@preact/signals";

import { en, type Words } from "./words/en.ts";
import type { HeldShown } from "./engine/shown.ts";
import type * as Faults from "./words/faults.ts";
import { following, language, rememberLanguage, type Language } from "./words/language.ts";

const dictionary = signal<Words>(en);

/** The words on screen. */
export const words: Words = following(() => dictionary.value);

/** What tells errors in another language than English, once it is loaded. */
let faults: typeof Faults | null = null;

/** Return what an error means in the language on screen; null: its own text is in that language. */
export function faultText(reason: string, family: string): { message: string; hint: string | null } | null {
  const spoken = language.value;
  return spoken === "en" || faults === null ? null : faults.faultIn(spoken, reason, family);
}

/** Return what a sync could not send or load, in the language on screen. */
export function heldTexts(held: readonly string[], why: readonly HeldShown[]): string[] {
  const [spoken, told] = [language.value, faults];
  return spoken === "en" || told === null ? [...held] : why.map((one) => told.heldIn(spoken, one));
}

/** Load the words of a language and show them; English is there from the start, and stays where loading fails. */
export async function speak(wanted: Language): Promise<void> {
  let spoken: typeof dictionary.value = en;
  if (wanted === "de") spoken = (await import("./words/de.ts")).de;
  else if (wanted === "es") spoken = (await import("./words/es.ts")).es;
  if (wanted !== "en") faults = await import("./words/faults.ts");
  // All at once: a screen reader would read one language's words in another's voice.
  document.documentElement.lang = wanted;
  dictionary.value = spoken;
  language.value = wanted;
}

/** Speak another language from now on. */
export async function chooseLanguage(wanted: Language): Promise<void> {
  await speak(wanted);
  rememberLanguage(wanted);
}

/** Return a text with its braces filled in. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? "");
}
