/** Noting what was done: only when it is pressed, and nothing asks for it. */

import { useSignal } from "@preact/signals";

import { MINDFUL } from "../../kinds.ts";
import { api, attempt, refresh, sync } from "../../app.ts";
import { here } from "../../moods.ts";
import { say } from "./words.ts";

interface NoteItProps {
  readonly minutes: number;
  readonly activity: string;
  /** What was written meanwhile; empty: nothing. */
  readonly note?: string;
}

export function NoteIt({ minutes, activity, note = "" }: NoteItProps) {
  const busy = useSignal(false);
  const kept = useSignal(false);
  const keep = async (): Promise<void> => {
    busy.value = true;
    kept.value = await attempt(async () => {
      const body = { minutes, activity, ...(note === "" ? {} : { note }) };
      await api().add({ kind: MINDFUL, ...here(), body });
      await refresh();
    });
    busy.value = false;
    if (kept.value) void sync();
  };
  return (
    <div role="status">
      {kept.value ? (
        <p class="notice">{say.noted}</p>
      ) : (
        <button type="button" class="button" disabled={busy.value} onClick={() => void keep()}>
          {note === "" ? say.note : say.noteWritten}
        </button>
      )}
    </div>
  );
}
