/** One's own entries as a file, byte for byte that of the command line for the same entries. No I/O. */

import { hex } from "@mindhaven/crypto";
import type { Mindhaven } from "@mindhaven/sdk";
import { exportedFrom, writeArchive, writeCsvZip, writeFhir, writeHtml, type Exported } from "@mindhaven/sdk/exchange";

import { JOURNAL } from "../kinds.ts";
import { isOwn } from "./showing.ts";

export type Form = "page" | "tables" | "fhir" | "all";

/** What is to be in a file. `madeAt`: unix milliseconds; `journalInFhir`: else journals stay out of the FHIR bundle. */
export interface Wanted {
  readonly form: Form;
  readonly parts: readonly string[];
  readonly journalInFhir: boolean;
  readonly madeAt: number;
}

/** The file, how many entries it holds, and how many journals a FHIR bundle left out. */
export interface Given {
  readonly file: Blob;
  readonly entries: number;
  readonly journalLeftOut: number;
}

/** Who wrote what waits where there is no account yet. */
const NOBODY = new Uint8Array(32);

/** Return the file of one's own entries in `wanted.parts`; those that do not open can't be in it. */
export function give(client: Mindhaven, wanted: Wanted): Given {
  const own = client.entries.all().filter((one) => isOwn(client, one) && wanted.parts.includes(one.collectionName));
  const names = new Map(client.listing.contacts().map((one) => [hex(one.uid), one.name]));
  const items = exportedFrom(own, client.me?.uid ?? NOBODY, names);
  const journals = wanted.journalInFhir ? 0 : items.filter((one) => one.record.kind === JOURNAL).length;
  const journalLeftOut = wanted.form === "fhir" || wanted.form === "all" ? journals : 0;
  const file = new Blob([new Uint8Array(written(items, wanted))]);
  return { file, entries: items.length - (wanted.form === "fhir" ? journalLeftOut : 0), journalLeftOut };
}

function written(items: readonly Exported[], { form, madeAt, journalInFhir }: Wanted): Uint8Array {
  switch (form) {
    case "page":
      return writeHtml(items, madeAt);
    case "tables":
      return writeCsvZip(items);
    case "fhir":
      return writeFhir(items, madeAt, journalInFhir).data;
    case "all":
      return writeArchive(items, { madeAt, includeJournal: journalInFhir });
  }
}
