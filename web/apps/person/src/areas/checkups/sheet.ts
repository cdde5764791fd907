/**
 * A check-up on its way: which question comes next, what was answered, when help is offered. Pure; no I/O.
 *
 * Guarantees: an answer that raises a risk item is told at once, before the next question and before any score.
 */

import { score, type Answers, type Instrument, type Item } from "@mindhaven/kinds";

/** What was answered so far; `at`: the number of the question that is shown, the difficulty question after the last. */
export interface Sheet {
  readonly answers: Answers;
  readonly difficulty: number | null;
  readonly at: number;
}

export const EMPTY: Sheet = { answers: {}, difficulty: null, at: 0 };

/** Tell whether a question falls away, since another's answer makes it count nothing. */
export function skipped(instrument: Instrument, answers: Answers, item: Item): boolean {
  return instrument.skips.some((skip) => skip.then.includes(item.linkId) && answers[skip.item] === skip.code);
}

/** Return the question that is shown: one that counts, the uncounted one on difficulty, or null at the end. */
export function questionOf(instrument: Instrument, sheet: Sheet): Item | null {
  const item = instrument.items[sheet.at];
  if (item !== undefined) return item;
  return sheet.at === instrument.items.length && asksDifficulty(instrument, sheet.answers) ? instrument.difficulty : null;
}

/** The question on difficulty belongs to problems: without any it is not asked. */
function asksDifficulty(instrument: Instrument, answers: Answers): boolean {
  return instrument.difficulty !== null && Object.values(answers).some((code) => (code ?? 0) > 0);
}

/** Return the sheet with an answer to the question that is shown, at the next one. */
export function answered(instrument: Instrument, sheet: Sheet, code: number): Sheet {
  const item = instrument.items[sheet.at];
  if (item === undefined) return { ...sheet, difficulty: code, at: sheet.at + 1 };
  const answers: Record<string, number | null> = { ...sheet.answers, [item.linkId]: code };
  let at = sheet.at + 1;
  for (let next = instrument.items[at]; next !== undefined && skipped(instrument, answers, next); next = instrument.items[at]) {
    answers[next.linkId] = null; // an earlier answer to it no longer counts
    at += 1;
  }
  return { answers, difficulty: sheet.difficulty, at };
}

/** Return the sheet at the question before. */
export function before(instrument: Instrument, sheet: Sheet): Sheet {
  let at = Math.max(sheet.at - 1, 0);
  for (let item = instrument.items[at]; at > 0 && item !== undefined && skipped(instrument, sheet.answers, item); item = instrument.items[at]) {
    at -= 1;
  }
  return { ...sheet, at };
}

/** Tell whether the question that was answered just now raises a risk. */
export function raised(instrument: Instrument, sheet: Sheet, linkId: string): boolean {
  return score(instrument, sheet.answers).riskItems.includes(linkId);
}

/** Return a draft as a sheet; null for what is none, or does not fit this questionnaire any more. */
export function fromDraft(instrument: Instrument, text: string): Sheet | null {
  try {
    const { answers, difficulty, at } = JSON.parse(text) as Sheet;
    score(instrument, answers);
    const fits = Number.isSafeInteger(at) && at >= 0 && at <= instrument.items.length + 1;
    return fits ? { answers, difficulty: typeof difficulty === "number" ? difficulty : null, at } : null;
  } catch {
    return null;
  }
}

/** Return a sheet as a draft. */
export function toDraft(sheet: Sheet): string {
  return JSON.stringify(sheet);
}
