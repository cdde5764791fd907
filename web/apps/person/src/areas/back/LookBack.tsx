/** Look back: the month, then what was written, the newest first. A day without an entry is no mark and no gap. */

import { useComputed, useSignal } from "@preact/signals";

import { api, attempt, entries, openPage, refresh, sync } from "../../app.ts";
import { EntryList } from "../../parts/EntryList.tsx";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { dateText, localDay } from "../../parts/dates.ts";
import { found } from "../../parts/search.ts";
import { aboutADay } from "../../parts/timeless.ts";
import { words } from "../../words.ts";
import { Calendar } from "./Calendar.tsx";
import { daysOf } from "./days.ts";
import { say } from "./words.ts";

export function LookBack() {
  const month = useSignal(localDay(Date.now()).slice(0, 7));
  const chosen = useSignal<string | null>(null);
  const query = useSignal("");
  const days = useComputed(() => daysOf(entries.value)).value; // not at each letter of a search
  const remove = async (item: string): Promise<void> => {
    await attempt(async () => {
      await api().erase(item);
      await refresh();
    });
    void sync();
  };
  const day = chosen.value === null ? undefined : days.get(chosen.value);
  const searching = query.value.trim() !== "";
  const listed = searching ? found(entries.value, query.value) : (day?.entries ?? entries.value.filter(aboutADay));
  if (entries.value.length === 0) {
    return (
      <Page title={words.lookBack}>
        <p class="soft">{words.nothingYet}</p>
      </Page>
    );
  }
  return (
    <Page title={words.lookBack}>
      <Calendar
        month={month.value}
        days={days}
        chosen={chosen.value}
        choose={(one) => (chosen.value = one)}
        turn={(to) => {
          month.value = to;
          chosen.value = null;
        }}
      />
      <div class="buttons">
        <button type="button" class="button" onClick={() => { openPage("patterns"); }}>
          {say.patterns}
        </button>
        <button type="button" class="button" onClick={() => { openPage("summary"); }}>
          {say.summary}
        </button>
      </div>
      <form role="search" class="search" onSubmit={(event) => { event.preventDefault(); }}>
        <Field label={say.search} prose value={query.value} change={(text) => (query.value = text)} />
      </form>
      <div role="status">{searching && listed.length === 0 && <p class="soft">{say.searchNone}</p>}</div>
      <h2>{day === undefined || searching ? say.all : dateText(Date.parse(`${day.day}T12:00:00`))}</h2>
      <EntryList entries={listed} remove={(item) => void remove(item)} />
    </Page>
  );
}
