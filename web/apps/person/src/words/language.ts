/** The language on screen: what the browser prefers, or what was chosen here. I/O: the browser's storage. */

import { signal } from "@preact/signals";

/** In their own words, so that everybody finds theirs. */
export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español" } as const;

export type Language = keyof typeof LANGUAGES;

/** Where the choice rests. It tells nothing about anybody's health, and has to be read before anything is unlocked. */
const CHOSEN = "language";

function isLanguage(text: string | null | undefined): text is Language {
  return text === "en" || text === "de" || text === "es";
}

function preferred(): Language {
  const kept = localStorage.getItem(CHOSEN);
  if (isLanguage(kept)) return kept;
  const wanted = navigator.languages.map((one) => one.slice(0, 2)).find((one) => isLanguage(one));
  return isLanguage(wanted) ? wanted : "en";
}

export const language = signal<Language>(preferred());

/** Keep the choice on this device. */
export function rememberLanguage(chosen: Language): void {
  localStorage.setItem(CHOSEN, chosen);
}

/**
 * Return the words of whichever language is on screen when they are read: all three of an area come together, so that
 * a change of language needs no page anew. The compiler refuses a language that lacks a word or has one too many.
 */
export function inLanguage<T extends object>(en: T, de: NoInfer<T>, es: NoInfer<T>): T {
  return following(() => ({ en, de, es })[language.value]);
}

/** Return the address of the crisis page: it opens without a script, so each language has one of its own. */
export function helpPage(): string {
  return language.value === "en" ? "/app/help.html" : `/app/help.${language.value}.html`;
}

/** Return texts that are looked up by a name that data gives: any of them may be missing. */
export function byName(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return texts;
}

/** Return an object that reads each of its properties from what `now` returns at that moment. */
export function following<T extends object>(now: () => T): T {
  return new Proxy({} as T, {
    get: (_target, name) => Reflect.get(now(), name) as unknown,
    has: (_target, name) => Reflect.has(now(), name),
    ownKeys: () => Reflect.ownKeys(now()),
  });
}

/** Return the locale for dates and numbers: the browser's own where it speaks the language, since habits differ. */
export function locale(): string {
  const wanted = language.value;
  return navigator.languages.find((one) => one.startsWith(wanted)) ?? wanted;
}
