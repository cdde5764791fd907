/** Where to turn now, by country: the dated list that the help page and the command line are made from. No I/O. */

import type { Language } from "../../words/language.ts";
import data from "./lines.json" with { type: "json" };

/** One line that helps: by which channels, for whom, when. */
export interface HelpLine {
  readonly name: string;
  readonly number: string;
  readonly call: boolean;
  /** The word to text, "" for any; null: no texts. */
  readonly text: string | null;
  /** An address to write at. */
  readonly chat: string | null;
  readonly hours: Readonly<Record<Language, string>>;
  readonly everyone: boolean;
  readonly audience: Readonly<Record<Language, string>>;
}

/** A country's emergency numbers and lines. */
export interface Country {
  readonly name: string;
  readonly emergency: readonly string[];
  readonly lines: readonly HelpLine[];
}

const { anywhere, countries } = data as {
  readonly anywhere: string;
  readonly countries: Readonly<Record<string, Country>>;
};

/** Return the country that the browser's languages name (en-GB: GB), with its lines; null where none of them is known. */
export function countryOf(languages: readonly string[]): Country | null {
  for (const one of languages) {
    const region = new Intl.Locale(one).region;
    if (region !== undefined && countries[region] !== undefined) return countries[region];
  }
  return null;
}

/** Return the emergency number to name first. */
export function emergencyOf(country: Country | null): string {
  return country?.emergency[0] ?? anywhere;
}

/** Return the address that calls a number. */
export function callTo(number: string): string {
  return `tel:${number.replace(/[^\d+]/g, "")}`;
}

/** Return the address that texts a number. */
export function textTo(number: string): string {
  return `sms:${number.replace(/[^\d+]/g, "")}`;
}
