/** Look back: what was written, the newest first. A day without an entry is no line and no gap. */

import { api, attempt, entries, refresh, sync } from "../app.ts";
import { EntryList } from "../parts/EntryList.tsx";
import { Page } from "../parts/Page.tsx";
import { words } from "../words.ts";

export function LookBack() {
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
      <EntryList entries={entries.value} remove={(item) => void remove(item)} />
    </Page>
  );
}
