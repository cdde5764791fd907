/**
 * Questionnaires: reviewed data, the licence gate in front of their words, and scores. Twin of
 * `mindhaven.kinds.instruments`.
 *
 * Guarantees: a score follows only the rule in the data, which cites where it was published; an instrument whose licence
 * forbids it never gives out its words through `serve`, and no single flag opens that gate; no total without the answers
 * that the rule needs; a raised risk item is told whether or not there is a total.
 * Does not: diagnose, notify anybody, decide that somebody is at risk, or check the shape of the data: Python's loader
 * does, before `tools/web_kinds.py` writes `instruments.json` from it. No I/O.
 */

import { DeniedError, InvalidInputError, NotFoundError } from "@mindhaven/crypto";

import data from "./instruments.json" with { type: "json" };

export type Direction = "higher-is-worse" | "lower-is-worse";

/** Who shows the words: a host that is free of charge, or one that is paid. */
export type Use = "free-of-charge" | "commercial";

/** A LOINC code, and the line that says where it was read. */
export interface Coded {
  readonly loinc: string;
  readonly source: string;
}

/** The range that a total can have, both ends included, and its code if one is confirmed. */
export interface Total {
  readonly low: number;
  readonly high: number;
  readonly loinc: string | null;
  readonly source: string;
}

/** What may be done with the words; `serve` wants `textRights` to agree with the two flags. */
export interface Licence {
  readonly id: string;
  readonly textRights: "free" | "conditions" | "none";
  readonly attribution: string;
  readonly source: string;
  readonly mayBundle: boolean;
  readonly mayServeCommercial: boolean;
}

/** One answer: the code that is stored, what it counts, its words and, if it has one, its LOINC answer code. */
export interface Option {
  readonly code: number;
  readonly weight: number;
  readonly text: string;
  readonly loinc: string | null;
}

/** Answers that items share. */
export interface AnswerList {
  readonly id: string;
  readonly source: string;
  readonly options: readonly Option[];
  readonly loinc: string | null;
}

/** One question; `answers` names its list. */
export interface Item {
  readonly linkId: string;
  readonly text: string;
  readonly source: string;
  readonly answers: string;
  readonly loinc: string | null;
}

/** What happens without an answer; `all-required`: no total. */
export interface MissingRule {
  readonly rule: "all-required";
  readonly citation: string;
}

/** Answering `item` with `code` makes the items in `then` count 0 when they have no answer. */
export interface Skip {
  readonly item: string;
  readonly code: number;
  readonly then: readonly string[];
  readonly citation: string;
}

/** A named range of totals, both ends included. */
export interface Band {
  readonly low: number;
  readonly high: number;
  readonly name: string;
  readonly citation: string;
}

/** A total from which a published source asks for a closer look; it names no diagnosis and no band. */
export interface CutOff {
  readonly at: number;
  readonly about: string;
  readonly citation: string;
}

/** Items whose answer above `above` opens the help screen at once, before any total. */
export interface Risk {
  readonly items: readonly string[];
  readonly above: number;
  readonly citation: string;
}

/** One questionnaire, whole. Show its words only after `serve`. */
export interface Instrument {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly about: string;
  readonly language: string;
  readonly recall: string;
  readonly stem: string;
  readonly direction: Direction;
  /** A day, as 2027-12-31. */
  readonly reviewDate: string;
  readonly total: Total;
  readonly licence: Licence;
  readonly missing: MissingRule;
  readonly answers: readonly AnswerList[];
  readonly items: readonly Item[];
  readonly bands: readonly Band[];
  readonly cutOffs: readonly CutOff[];
  readonly skips: readonly Skip[];
  readonly panel: Coded | null;
  readonly risk: Risk | null;
  readonly difficulty: Item | null;
}

/** Answers by linkId, as codes; null or absent: no answer. */
export type Answers = Readonly<{ [linkId: string]: number | null }>;

/**
 * What the answers add up to. `total` is null when answers are missing and the rule allows no total; `band` is null then,
 * and for instruments that have no validated bands; `missing` and `riskItems` are linkIds in the order of the
 * questionnaire.
 */
export interface Score {
  readonly total: number | null;
  readonly complete: boolean;
  readonly band: string | null;
  readonly missing: readonly string[];
  readonly riskItems: readonly string[];
  readonly direction: Direction;
}

/** The body of a `mindhaven/checkup` record, with the names that it has in every language. */
export type CheckupBody = Readonly<{
  instrument: string;
  version: string;
  language: string;
  answers: Readonly<{ [linkId: string]: number }>;
  score: number | null;
  band: string | null;
  missing: readonly string[];
  difficulty?: number;
}>;

const { freeLicences, instruments } = data as {
  readonly freeLicences: readonly string[];
  readonly instruments: readonly Instrument[];
};

/** Return every questionnaire that is shipped. */
export function loadAll(): readonly Instrument[] {
  return instruments;
}

/** Return the questionnaire with id `name`; throws `NotFoundError` (`instrument-unknown`). */
export function load(name: string): Instrument {
  const found = instruments.find((one) => one.id === name);
  if (found === undefined) {
    throw new NotFoundError("There is no such questionnaire here.", { code: "instrument-unknown" });
  }
  return found;
}

/** Return whether the words may be shown in a host of this `use`: all parts of the licence must agree. */
export function mayServe(licence: Licence, use: Use): boolean {
  const free = licence.textRights === "free" && freeLicences.includes(licence.id);
  if (!free || licence.attribution.trim() === "") return false;
  return licence.mayBundle && (licence.mayServeCommercial || use === "free-of-charge");
}

/** Return `instrument` with its words; throws `DeniedError` (`instrument-licence`) where its licence forbids that. */
export function serve(instrument: Instrument, use: Use): Instrument {
  if (!mayServe(instrument.licence, use)) {
    throw new DeniedError("The licence of this questionnaire does not allow showing its words here.", {
      code: "instrument-licence",
      hint: "Answers on paper can still be entered by number, and are scored.",
    });
  }
  return instrument;
}

/** Return the answers that a question of `instrument` offers. */
export function optionsOf(instrument: Instrument, item: Item): readonly Option[] {
  return instrument.answers.find((one) => one.id === item.answers)?.options ?? [];
}

/**
 * Return the score of `answers`. Throws `InvalidInputError`: `answer-unknown-item` for a linkId that the questionnaire
 * does not have, `answer-unknown-code` for a code that the question does not offer. Source of every rule: the citations
 * of the data.
 */
export function score(instrument: Instrument, answers: Answers): Score {
  const weights = weightsOf(instrument, answers);
  const given = new Map(Object.entries(answers));
  for (const skip of instrument.skips) {
    if (given.get(skip.item) !== skip.code) continue;
    for (const name of skip.then) if (!weights.has(name)) weights.set(name, 0);
  }
  const missing = instrument.items.map((item) => item.linkId).filter((name) => !weights.has(name));
  const { risk } = instrument;
  const riskItems = risk === null ? [] : risk.items.filter((name) => (weights.get(name) ?? 0) > risk.above);
  const complete = missing.length === 0;
  const total = complete ? [...weights.values()].reduce((sum, weight) => sum + weight, 0) : null;
  const band = instrument.bands.find(({ low, high }) => total !== null && low <= total && total <= high)?.name ?? null;
  return { total, complete, band, missing, riskItems, direction: instrument.direction };
}

/**
 * Return the body of a `mindhaven/checkup` record: every answer, and the score computed from them. Throws as `score`, and
 * `answer-unknown-code` for a difficulty that is not offered (`answer-unknown-item`: none is asked for).
 */
export function checkupBody(instrument: Instrument, answers: Answers, difficulty: number | null = null): CheckupBody {
  const result = score(instrument, answers);
  if (difficulty !== null) {
    const question = instrument.difficulty;
    if (question === null) throw refused("asks no difficulty question", "answer-unknown-item");
    if (!optionsOf(instrument, question).some((option) => option.code === difficulty)) {
      throw refused("does not offer this answer to its difficulty question", "answer-unknown-code");
    }
  }
  const given = new Map(Object.entries(answers));
  const kept: { [linkId: string]: number } = {};
  for (const { linkId } of instrument.items) {
    const code = given.get(linkId) ?? null;
    if (code !== null) kept[linkId] = code;
  }
  const { id, version, language } = instrument;
  const { total, band, missing } = result;
  const body = { instrument: id, version, language, answers: kept, score: total, band, missing };
  return difficulty === null ? body : { ...body, difficulty };
}

function weightsOf(instrument: Instrument, answers: Answers): Map<string, number> {
  const items = new Map(instrument.items.map((item) => [item.linkId, item]));
  const weights = new Map<string, number>();
  for (const [linkId, code] of Object.entries(answers)) {
    const item = items.get(linkId);
    if (item === undefined) throw refused("has no such question", "answer-unknown-item");
    if (code === null) continue;
    if (!Number.isInteger(code)) throw refused("takes answer codes as whole numbers", "answer-unknown-code");
    const option = optionsOf(instrument, item).find((one) => one.code === code);
    if (option === undefined) throw refused("does not offer this answer", "answer-unknown-code");
    weights.set(linkId, option.weight);
  }
  return weights;
}

function refused(why: string, code: string): InvalidInputError {
  return new InvalidInputError(`This questionnaire ${why}.`, { code });
}
