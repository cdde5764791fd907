/** What somebody's sealed notes ask for. Pure; no I/O. */

import { loadAll, mayServe, type Instrument } from "@mindhaven/kinds";

import type { ContactShown, EntryShown } from "../../engine/shown.ts";
import { REQUEST } from "../../kinds.ts";

/** Somebody asks for a check-up. `readsFrom`: the day (since 1970) before which they may not read; null: not said, or here. */
export interface Ask {
  readonly item: string;
  readonly from: ContactShown;
  readonly instrument: Instrument;
  readonly readsFrom: number | null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

function dayOf(value: unknown): number | null {
  const at = typeof value === "string" && DAY.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at / DAY_MS;
}

/**
 * Return what stands of what one person asks: the newest note for each sheet, none that was answered or declined
 * (`settled`: how the ids of those begin), whose last day has passed, or that names a sheet whose words may not be shown.
 */
export function asksIn(from: ContactShown, notes: readonly EntryShown[], settled: readonly string[], today: number): Ask[] {
  const found = new Map<string, Ask>();
  const oldestFirst = notes.filter((one) => one.kind === REQUEST && one.body !== null).sort((a, b) => a.createdAt - b.createdAt);
  for (const { item, body } of oldestFirst) {
    const instrument = loadAll().find((one) => one.id === body?.["instrument"]);
    if (instrument === undefined || !mayServe(instrument.licence, "commercial")) continue;
    found.delete(instrument.id);
    const until = dayOf(body?.["until"]);
    if (settled.some((one) => item.startsWith(one)) || (until !== null && until < today)) continue;
    const day = dayOf(body?.["reads_from"]);
    found.set(instrument.id, { item, from, instrument, readsFrom: day !== null && day > today ? day : null });
  }
  return [...found.values()];
}
