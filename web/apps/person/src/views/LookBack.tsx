/** Look back: what was written, the newest first. A day without an entry is no line and no gap. */

import { useSignal } from "@preact/signals";

import { api, attempt, entries, refresh, sync } from "../app.ts";
import { EntryRow } from "../parts/EntryRow.tsx";
import { Page } from "../parts/Page.tsx";
import { words } from "../words.ts";

const SHOWN_AT_ONCE = 100;

export function LookBack() {
  const shown = useSignal(SHOWN_AT_ONCE);
  const remove = async (item: string): Promise<void> => {
    await attempt(async () => {
      await api().erase(item);
      await refresh();
    });
    void sync();
  };
  return (
    <Page title={words.lookBack}>
      {entries.value.length === 0 && <p class="soft">{words.nothingYet}</p>}
      <ul class="rows">
        {entries.value.slice(0, shown.value).map((entry) => (
          <EntryRow key={entry.item} entry={entry} remove={() => void remove(entry.item)} />
        ))}
      </ul>
      {entries.value.length > shown.value && (
        <button type="button" class="button" onClick={() => (shown.value += SHOWN_AT_ONCE)}>
          {words.earlier}
        </button>
      )}
    </Page>
  );
}
