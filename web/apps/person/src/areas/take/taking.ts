/** What can be taken: one's parts, what does not open, what was attached. Pure; no I/O. */

import { JOURNAL } from "../../kinds.ts";
import type { Form } from "../../engine/giving.ts";
import type { EntryShown } from "../../engine/shown.ts";

export const FORMS: readonly Form[] = ["page", "tables", "fhir", "all"];
const ENDINGS: Readonly<Record<Form, string>> = { page: ".html", tables: "-tables.zip", fhir: ".fhir.json", all: ".zip" };

/** One part: how many of its entries open, and how many do not. */
export interface PartCounted {
  readonly part: string;
  readonly open: number;
  readonly shut: number;
}

/** Return the parts of these entries, the largest first. */
export function partsOf(entries: readonly EntryShown[]): PartCounted[] {
  const found = new Map<string, { open: number; shut: number }>();
  for (const { part, body } of entries) {
    const counted = found.get(part) ?? { open: 0, shut: 0 };
    if (body === null) counted.shut += 1;
    else counted.open += 1;
    found.set(part, counted);
  }
  return [...found]
    .map(([part, counted]) => ({ part, ...counted }))
    .sort((one, other) => other.open + other.shut - one.open - one.shut || (one.part < other.part ? -1 : 1));
}

/** Tell whether a form asks about journals: they go into FHIR only if somebody wants it. */
export function asksOfJournal(form: Form, entries: readonly EntryShown[], without: readonly string[]): boolean {
  const inFhir = form === "fhir" || form === "all";
  return inFhir && entries.some((one) => one.kind === JOURNAL && !without.includes(one.part));
}

/** One file of an entry. */
export interface Attached {
  readonly item: string;
  readonly number: number;
  readonly name: string;
  readonly at: number;
  readonly size: number;
}

/** Return what was attached to entries, in their order. */
export function attachedTo(entries: readonly EntryShown[]): Attached[] {
  return entries.flatMap(({ item, createdAt, files }) =>
    files.map(({ name, size }, number) => ({ item, number, name, at: createdAt, size })),
  );
}

/** Return the name of a file of that form, made on a day (yyyy-mm-dd): it says nothing of what is in it. */
export function fileName(form: Form, day: string): string {
  return `records-${day}${ENDINGS[form]}`;
}
