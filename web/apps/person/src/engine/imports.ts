/** What crosses between the page and the worker of files of other apps: plain data. */

import type { JsonObject } from "@mindhaven/sdk";
import type { Problem } from "@mindhaven/sdk/exchange";

/** What a person says of a file; `zoneChosen`: they said it, so that what came in under another zone is corrected. */
export interface Telling {
  readonly zone: string;
  readonly zoneChosen: boolean;
  /** Own mood names to 1 (worst) .. 5 (best). */
  readonly moods: Readonly<Record<string, number>>;
  /** The column map of a table that no importer knows; "": none. */
  readonly columns: string;
}

export interface FirstShown {
  readonly part: string;
  readonly kind: string;
  readonly createdAt: number;
  readonly zone: string;
  readonly body: JsonObject;
}

/** What a file holds that an importer reads; days as yyyy-mm-dd. While moods are unknown nothing is compared. */
export interface LookedInto {
  readonly known: true;
  readonly importer: string;
  readonly parts: readonly { readonly part: string; readonly count: number }[];
  readonly first: readonly FirstShown[];
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly unknownMoods: readonly string[];
  readonly problemCount: number;
  readonly problems: readonly Problem[];
  /** Rows that are not here, that are, that are here under another zone, and that were changed here since. */
  readonly fresh: number;
  readonly here: number;
  readonly corrections: number;
  readonly edited: number;
}

/** A table that no importer knows: its columns, and its first row. */
export interface UnknownTable {
  readonly known: false;
  readonly names: readonly string[];
  readonly example: readonly string[];
}

export type Looked = LookedInto | UnknownTable;

/** What one step of an import came to. */
export interface Progress {
  readonly added: number;
  readonly corrected: number;
  readonly done: boolean;
}

/** An import of this device: how many of its entries are as they came in, and how many were changed since. */
export interface BatchShown {
  readonly number: number;
  readonly at: number;
  readonly file: string;
  readonly same: number;
  readonly changed: number;
}
