/** The note of a mood, written or changed; while it is written it is kept, sealed, so that leaving loses nothing. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { api, attempt, draft, quietly, refresh, sync } from "../app.ts";
import type { EntryShown } from "../engine/shown.ts";
import { changed, noteOf } from "../moods.ts";
import { words } from "../words.ts";
import { Field } from "./Field.tsx";

/** How long after the last key a draft is sealed: half a second at most, so that nobody loses more than a word. */
const DRAFT_AFTER_MS = 400;

/** Return the note that was begun about an entry and not saved, null if none was. */
export function begunOf(item: string): string | null {
  const begun = draft.peek();
  return begun?.item === item ? begun.text : null;
}

interface NoteFormProps {
  readonly entry: EntryShown;
  readonly done: () => void;
}

export function NoteForm({ entry, done }: NoteFormProps) {
  const text = useSignal(begunOf(entry.item) ?? noteOf(entry));
  const busy = useSignal(false);
  const timer = useRef(0);

  /** Seal what is written so far; "": nothing is any more. */
  const keep = (note: string): void => {
    clearTimeout(timer.current);
    timer.current = 0;
    draft.value = note === "" ? null : { item: entry.item, text: note };
    void quietly(() => api().keepDraft(entry.item, note));
  };
  const change = (note: string): void => {
    text.value = note;
    draft.value = { item: entry.item, text: note };
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      keep(note);
    }, DRAFT_AFTER_MS);
  };
  useEffect(
    () => () => {
      if (timer.current !== 0) keep(text.value); // another view was opened before the draft was sealed
    },
    [],
  );

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    const good = await attempt(async () => {
      await api().revise(entry.item, changed(entry, text.value));
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    keep("");
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
