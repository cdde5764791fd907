/** The questionnaires, held to the cases that the Python library is held to (vectors/scoring, vectors/instruments). */

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { MindhavenError } from "@mindhaven/crypto";
import { describe, expect, test } from "vitest";

import {
  checkupBody,
  load,
  loadAll,
  mayServe,
  optionsOf,
  score,
  serve,
  type Answers,
  type CheckupBody,
  type Licence,
  type Use,
} from "../src/instruments.ts";

const VECTORS = fileURLToPath(new URL("../../../../vectors/", import.meta.url));

interface Scoring {
  readonly instrument: string;
  readonly cases: readonly {
    readonly comment: string;
    readonly answers: readonly (number | null)[] | Answers;
    readonly total: number | null;
    readonly band: string | null;
    readonly missing: number;
    readonly risk: readonly string[];
    readonly error?: string;
  }[];
}

interface Checkup {
  readonly comment: string;
  readonly instrument: string;
  readonly answers: Answers;
  readonly difficulty: number | null;
  readonly body: CheckupBody;
  readonly error?: string;
}

interface Licensed {
  readonly comment: string;
  readonly licence: Readonly<Record<string, string | boolean>>;
  readonly "free-of-charge": boolean;
  readonly commercial: boolean;
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(`${VECTORS}${path}`, "utf-8"));
}

function reason(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof MindhavenError) return error.reason;
    throw error;
  }
  return "nothing was refused";
}

const FILES = readdirSync(`${VECTORS}scoring`).filter((name) => name.endsWith(".json"));

test("every questionnaire that is shipped has its cases", () => {
  expect(
    loadAll()
      .map((one) => `${one.id}.json`)
      .sort(),
  ).toEqual(FILES.sort());
});

describe.each(FILES)("%s", (name) => {
  const { instrument: id, cases } = read(`scoring/${name}`) as Scoring;
  const instrument = load(id);

  test.each(cases)("$comment", (one) => {
    const answers = Array.isArray(one.answers)
      ? Object.fromEntries(instrument.items.map((item, place) => [item.linkId, (one.answers as number[])[place] ?? null]))
      : (one.answers as Answers);
    if (one.error !== undefined) {
      expect(reason(() => score(instrument, answers))).toBe(one.error);
      return;
    }
    const found = score(instrument, answers);
    expect(found).toMatchObject({ total: one.total, band: one.band, riskItems: one.risk, complete: one.missing === 0 });
    expect(found.missing).toHaveLength(one.missing);
    expect(found.direction).toBe("higher-is-worse");
  });
});

describe("check-ups", () => {
  const { cases } = read("instruments/checkups.json") as { cases: readonly Checkup[] };
  test.each(cases)("$comment", ({ instrument, answers, difficulty, body, error }) => {
    const made = () => checkupBody(load(instrument), answers, difficulty);
    if (error !== undefined) {
      expect(reason(made)).toBe(error);
      return;
    }
    expect(made()).toEqual(body);
    expect(Object.keys(made().answers)).toEqual(Object.keys(body.answers));
  });
});

describe("licences", () => {
  const { cases } = read("instruments/licences.json") as { cases: readonly Licensed[] };
  test.each(cases)("$comment", (one) => {
    const named = Object.entries(one.licence).map(([name, value]) => [
      name.replace(/_(.)/gu, (_, letter: string) => letter.toUpperCase()),
      value,
    ]);
    const licence = Object.fromEntries(named) as unknown as Licence;
    const instrument = { ...load("phq9"), licence };
    for (const use of ["free-of-charge", "commercial"] satisfies Use[]) {
      expect(mayServe(licence, use)).toBe(one[use]);
      if (one[use]) expect(serve(instrument, use)).toBe(instrument);
      else expect(reason(() => serve(instrument, use))).toBe("instrument-licence");
    }
  });

  test("every questionnaire that is shipped may be shown", () => {
    for (const instrument of loadAll()) expect(serve(instrument, "commercial")).toBe(instrument);
  });

  test("scores need no licence: numbers are not the publisher's words", () => {
    const closed = { ...load("phq9"), licence: { ...load("phq9").licence, textRights: "none" as const } };
    expect(score(closed, Object.fromEntries(closed.items.map((item) => [item.linkId, 0]))).total).toBe(0);
  });
});

test("weights count and not codes", () => {
  const gad7 = load("gad7");
  const answers = gad7.answers.map((list) => ({
    ...list,
    options: list.options.map((option) => ({ ...option, weight: 3 - option.code })),
  }));
  expect(score({ ...gad7, answers }, Object.fromEntries(gad7.items.map((item) => [item.linkId, 0]))).total).toBe(21);
});

test("a questionnaire that is not there", () => {
  expect(reason(() => load("../../secret"))).toBe("instrument-unknown");
});

test("the words are the published ones, and every question has answers", () => {
  expect(load("phq9").items[8]?.text).toBe(
    "Thoughts that you would be better off dead or of hurting yourself in some way",
  );
  expect(load("phq9").risk?.items).toEqual(["/44260-8"]);
  expect(load("gad7").items[3]?.text).toBe("Trouble relaxing");
  for (const one of loadAll()) for (const item of one.items) expect(optionsOf(one, item).length).toBeGreaterThan(1);
});
