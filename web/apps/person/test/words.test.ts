/** The words of the app: each language whole, the same braces everywhere, no phrase that we refuse, short sentences. */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });

const { language } = await import("../src/words/language.ts");
const { en } = await import("../src/words/en.ts");
const { de } = await import("../src/words/de.ts");
const { es } = await import("../src/words/es.ts");

const AREAS = join(import.meta.dirname, "../src/areas");
const LANGUAGES = ["en", "de", "es"] as const;
/** Names as a person reads them, so that a fault says where it is. */
type Texts = Map<string, string>;

function collect(value: unknown, path: string, into: Texts): Texts {
  if (typeof value === "string") into.set(path, value);
  else if (typeof value === "object" && value !== null) {
    for (const [name, one] of Object.entries(value)) collect(one, `${path}.${name}`, into);
  }
  return into;
}

/** The proxy of an area's words has no keys of its own: what it was made from is read from its module's source shape. */
async function areas(): Promise<[string, Record<(typeof LANGUAGES)[number], object>][]> {
  const named = readdirSync(AREAS, { withFileTypes: true }).filter((one) => one.isDirectory()).map((one) => one.name);
  const found: [string, Record<(typeof LANGUAGES)[number], object>][] = [["first of all", { en, de, es }]];
  for (const area of named) {
    const { say } = (await import(`../src/areas/${area}/words.ts`).catch(() => ({}))) as { say?: object };
    if (say === undefined) continue;
    const of = (one: (typeof LANGUAGES)[number]): object => {
      language.value = one;
      return Object.fromEntries(Reflect.ownKeys(say).map((name) => [name, Reflect.get(say, name) as unknown]));
    };
    found.push([area, { en: of("en"), de: of("de"), es: of("es") }]);
  }
  language.value = "en";
  return found;
}

const ALL = await areas();

/** Phrases that promise too much, play down or press (the reference page on wording lists them). */
const REFUSED: Readonly<Record<(typeof LANGUAGES)[number], RegExp>> = {
  en: /\b(safe and secure|we take your privacy|may have been|no evidence of|don't worry|simply|streak|military|guarantee)\b/i,
  de: /(keine Sorge|ganz einfach|garantier|Serie von|absolut sicher)/i,
  es: /(no te preocupes|simplemente|garantiz|racha|totalmente segur)/i,
};

function syllables(word: string): number {
  const groups = word.toLowerCase().replace(/e\b/, "").match(/[aeiouyäöüáéíóú]+/g);
  return Math.max(1, groups?.length ?? 1);
}

/** What the formulas count in a text: sentences, words, and syllables of each word. */
function counted(text: string): { sentences: number; words: string[]; syllables: number[] } {
  const sentences = Math.max(1, text.split(/[.!?:]+\s|[.!?:]+$/).filter((one) => one.trim() !== "").length);
  const words = text.match(/[\p{L}'-]+/gu) ?? [];
  return { sentences, words, syllables: words.map(syllables) };
}

/** Flesch-Kincaid grade (Kincaid et al. 1975) of an English text. */
function grade(text: string): number {
  const { sentences, words, syllables: all } = counted(text);
  return 0.39 * (words.length / sentences) + 11.8 * (all.reduce((sum, one) => sum + one, 0) / words.length) - 15.59;
}

/** First Wiener Sachtextformel (Bamberger and Vanecek 1984) of a German text: a grade. */
function wiener(text: string): number {
  const { sentences, words, syllables: all } = counted(text);
  const share = (has: (number: number) => boolean): number => (100 * words.filter((_one, number) => has(number)).length) / words.length;
  const long = share((number) => (all[number] ?? 0) >= 3);
  const letters = share((number) => (words[number]?.length ?? 0) > 6);
  const short = share((number) => all[number] === 1);
  return 0.1935 * long + 0.1672 * (words.length / sentences) + 0.1297 * letters - 0.0327 * short - 0.875;
}

/** INFLESZ (Barrio 2008; Szigriszt) of a Spanish text: higher is easier, 65 is what most people read without effort. */
function inflesz(text: string): number {
  const { sentences, words, syllables: all } = counted(text);
  return 206.835 - (62.3 * all.reduce((sum, one) => sum + one, 0)) / words.length - words.length / sentences;
}

/** The limits of the three formulas, and how much text they need to say anything: they were made for pages. */
const LIMITS = { en: 8, de: 8, es: 65 };
const LEAST_WORDS = 12;

test("errors are told in each language under the same codes and families, and an unknown one keeps its code", async () => {
  const { faultIn } = await import("../src/words/faults.ts");
  for (const reason of ["wrong-key", "offline", "storage-full"]) {
    const told = (["de", "es"] as const).map((one) => faultIn(one, reason, ""));
    expect(new Set(told.map((one) => one.message)).size).toBe(2);
    expect(told.every((one) => !one.message.includes(reason))).toBe(true);
  }
  expect(faultIn("de", "no-such-code", "IntegrityError").message).toMatch(/passt\..*\(no-such-code\)$/);
  expect(faultIn("es", "no-such-code", "NoSuchFamily").message).toBe("No ha salido bien. (no-such-code)");
});

test("what could not be sent is told with how much it is and why, in each language", async () => {
  const { heldIn } = await import("../src/words/faults.ts");
  const told = (count: number, reason: string, family = "DeniedError"): string[] =>
    (["de", "es"] as const).map((one) => heldIn(one, { count, reason, family }));
  expect(told(1, "day-off")).toEqual([
    "1 Eintrag bleibt auf diesem Gerät. Das Datum dieses Geräts weicht zu weit von dem des Servers ab.",
    "1 entrada se queda en este aparato. La fecha de este aparato no coincide con la del servidor.",
  ]);
  expect(told(3, "reader-writes")[0]).toMatch(/^3 Einträge bleiben .* nicht schreiben\.$/);
  expect(told(0, "fork", "IntegrityError")).toEqual([
    expect.stringMatching(/^Etwas, das mit dir geteilt ist: .*Verlauf/),
    expect.stringMatching(/^Algo que comparten contigo: .*historia/),
  ]);
  expect(told(2, "no-such-code").every((one) => one.endsWith("(no-such-code)"))).toBe(true);
});

/** Return the codes of a kind that a source file throws. */
function thrownIn(path: string, kind: RegExp): string[] {
  const source = readFileSync(join(import.meta.dirname, path), "utf8");
  return [...source.matchAll(/code: "([a-z-]+)"/g)].flatMap(([, code = ""]) => (kind.test(code) ? [code] : []));
}

test("what an import or the public logs can run into is told in each language, with no code behind it", async () => {
  const { faultIn } = await import("../src/words/faults.ts");
  const exchange = "../../../packages/sdk/src/exchange";
  const imports = readdirSync(join(import.meta.dirname, exchange)).filter((name) => name.endsWith(".ts"));
  const codes = [
    ...imports.flatMap((name) => thrownIn(`${exchange}/${name}`, /^(import|zone)-/)),
    ...thrownIn("../src/engine/bringing.ts", /^import-/),
    ...["vouching", "logs", "heads", "receipts"].flatMap((name) => thrownIn(`../../../packages/sdk/src/${name}.ts`, /^(log|head|statement|receipt)-/)),
  ];
  expect(codes).toEqual(expect.arrayContaining(["import-header", "import-too-large", "zone-unknown", "log-fork", "receipt-broken"]));
  for (const code of codes) {
    const told = (["de", "es"] as const).map((one) => faultIn(one, code, "").message);
    expect([code, told.filter((one) => one.includes(code)), new Set(told).size]).toEqual([code, [], 2]);
  }
});

test("every area that speaks is looked at", () => {
  expect(ALL.map(([area]) => area)).toEqual(expect.arrayContaining(["first of all", "back", "checkups", "first", "join", "people", "plan", "you"]));
});

test.each(ALL)("%s: all languages have the same texts, with the same braces", (_area, of) => {
  const texts = LANGUAGES.map((one) => collect(of[one], "", new Map()));
  const [first, ...others] = texts;
  expect(first?.size).toBeGreaterThan(0);
  for (const other of others) {
    expect([...other.keys()].sort()).toEqual([...(first?.keys() ?? [])].sort());
    for (const [path, text] of other) {
      const braces = (one: string | undefined): string[] => (one?.match(/\{\w+\}/g) ?? []).sort();
      expect([path, new Set(braces(text))]).toEqual([path, new Set(braces(first?.get(path)))]);
    }
  }
});

test.each(ALL)("%s: no text is empty, refused, or the same in German as in English where it has words", (_area, of) => {
  const english = collect(of.en, "", new Map());
  for (const one of LANGUAGES) {
    for (const [path, text] of collect(of[one], "", new Map())) {
      expect([path, text.trim()]).not.toEqual([path, ""]);
      expect([path, REFUSED[one].exec(text)?.[0]]).toEqual([path, undefined]);
      if (one !== "en" && text.split(" ").length > 3) expect([path, text]).not.toEqual([path, english.get(path)]);
    }
  }
});

test.each(ALL)("%s: each text of more than a line is easy to read", (_area, of) => {
  const hard: unknown[] = [];
  for (const one of LANGUAGES) {
    for (const [path, text] of collect(of[one], "", new Map())) {
      if (text.split(" ").length < LEAST_WORDS) continue;
      const told = { en: grade, de: wiener, es: inflesz }[one](text);
      if (one === "es" ? told < LIMITS.es : told > LIMITS[one]) hard.push([one, path, told, text]);
    }
  }
  expect(hard).toEqual([]);
});
