/** Entries as a list, some at a time: a thousand rows at once keep a phone busy for a second. */

import { useSignal } from "@preact/signals";

import type { EntryShown } from "../engine/shown.ts";
import { words } from "../words.ts";
import { EntryRow } from "./EntryRow.tsx";

const SHOWN_AT_ONCE = 50;

interface EntryListProps {
  readonly entries: readonly EntryShown[];
  /** What takes an entry away, where that can be done. */
  readonly remove?: (item: string) => void;
}

export function EntryList({ entries, remove }: EntryListProps) {
  const shown = useSignal(SHOWN_AT_ONCE);
  return (
    <>
      <ul class="rows">
        {entries.slice(0, shown.value).map((entry) => (
          <EntryRow
            key={entry.item}
            entry={entry}
            {...(remove === undefined ? {} : { remove: () => { remove(entry.item); } })}
          />
        ))}
      </ul>
      {entries.length > shown.value && (
        <button type="button" class="button" onClick={() => (shown.value += SHOWN_AT_ONCE)}>
          {words.earlier}
        </button>
      )}
    </>
  );
}
