/** Today: one question, what was saved just now, and at most one quiet row for what was left for later. */

import { useSignal } from "@preact/signals";

import { api, attempt, entries, offline, refresh, status, sync } from "../app.ts";
import type { EntryShown } from "../engine/shown.ts";
import { EntryList } from "../parts/EntryList.tsx";
import { MoodForm } from "../parts/MoodForm.tsx";
import { NoteForm, begunOf } from "../parts/NoteForm.tsx";
import { Page } from "../parts/Page.tsx";
import { words } from "../words.ts";
import { Finish } from "./Finish.tsx";

function isToday(entry: EntryShown): boolean {
  return new Date(entry.createdAt).toDateString() === new Date().toDateString();
}

/** The line after saving: it stays, and lets a note be added or the entry be undone. */
function Saved({ item, done }: { item: string; done: () => void }) {
  const noting = useSignal(begunOf(item) !== null);
  const entry = entries.value.find((one) => one.item === item);

  const undo = async (): Promise<void> => {
    await attempt(async () => {
      await api().erase(item);
      await refresh();
    });
    done();
    void sync();
  };

  return (
    <div class="notice">
      <p role="status">{words.savedHere}</p>
      {noting.value && entry !== undefined ? (
        <NoteForm entry={entry} done={done} />
      ) : (
        <p class="buttons">
          <button type="button" class="button" onClick={() => (noting.value = true)}>
            {words.addNote}
          </button>
          <button type="button" class="button" onClick={() => void undo()}>
            {words.undo}
          </button>
        </p>
      )}
    </div>
  );
}

export function Today() {
  // A note of today that was begun goes on here; that of an older entry in Look back.
  const saved = useSignal(entries.peek().filter(isToday).find((one) => begunOf(one.item) !== null)?.item ?? null);
  const finishing = useSignal(false);
  const unfinished = status.value.stage === "open" && !status.value.finished;
  if (finishing.value) return <Finish done={() => (finishing.value = false)} />;

  const today = entries.value.filter(isToday);
  return (
    <Page title={words.moodTitle}>
      <MoodForm
        saved={(item) => {
          saved.value = item;
          void refresh().then(sync);
        }}
      />
      {saved.value !== null && <Saved key={saved.value} item={saved.value} done={() => (saved.value = null)} />}
      {offline.value && <p class="soft">{words.offline}</p>}
      <h2>{words.today}</h2>
      {today.length === 0 ? (
        <p class="soft">{words.nothingToday}</p>
      ) : (
        <EntryList entries={today} />
      )}
      {unfinished && (
        <p>
          {words.unfinished}{" "}
          <button type="button" class="link" onClick={() => (finishing.value = true)}>
            {words.finish}
          </button>
        </p>
      )}
    </Page>
  );
}
