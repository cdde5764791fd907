/** The entries that are played against the browser's SDK: the table of docs/attacks/browser.md. */

/** What a row says: the error that names it, the checks that find it, what the lie achieves without them. */
export interface Entry {
  readonly named: string;
  readonly off: readonly string[];
  readonly then: string;
}

export const ENTRIES = {
  "a record withheld without an erasure": {
    named: "withheld",
    off: ["sdk/pulling.#checkWhole: withheld"],
    then: "the record is missing and nobody hears of it",
  },
} as const satisfies { readonly [name: string]: Entry };

export type EntryName = keyof typeof ENTRIES;
