/** The note of a mood, written or changed; while it is written it is kept, sealed, so that leaving loses nothing. */

import { useSignal } from "@preact/signals";

import { api, attempt, refresh, sync } from "../app.ts";
import type { EntryShown } from "../engine/shown.ts";
import { changed, noteOf } from "../moods.ts";
import { words } from "../words.ts";
import { useDraft } from "./drafting.ts";
import { Field } from "./Field.tsx";

interface NoteFormProps {
  readonly entry: EntryShown;
  readonly done: () => void;
}

export function NoteForm({ entry, done }: NoteFormProps) {
  const { text, change, drop } = useDraft(entry.item, noteOf(entry));
  const busy = useSignal(false);

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    const good = await attempt(async () => {
      await api().revise(entry.item, changed(entry, text.value));
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    drop();
    done();
    void sync();
  };

  return (
    <form onSubmit={(event) => void save(event)}>
      <Field label={words.note} prose long value={text.value} change={change} />
      <button type="submit" class="button" disabled={busy.value}>
        {words.noteSave}
      </button>
    </form>
  );
}
