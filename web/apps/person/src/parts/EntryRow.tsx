/** One entry in a list: its mark, when it was, its words; what does not open is said plainly. */

import { useSignal } from "@preact/signals";

import type { EntryShown } from "../engine/shown.ts";
import { faceOf, noteOf } from "../moods.ts";
import { words } from "../words.ts";
import { Mark } from "./Icon.tsx";
import { NoteForm, begunOf } from "./NoteForm.tsx";
import { partName } from "./names.ts";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** `remove`: what takes it away; where that is given its note can be changed too. */
export function EntryRow({ entry, remove }: { entry: EntryShown; remove?: () => void }) {
  const sure = useSignal(false);
  const noting = useSignal(remove !== undefined && begunOf(entry.item) !== null);
  const face = faceOf(entry);
  const note = noteOf(entry);
  return (
    <li>
      {face !== null && <Mark mood={face} />}
      <div class="grow">
        {entry.error !== null && <p>{words.notOpen}</p>}
        <div>
          <strong>{face === null ? partName(entry.part) : words.moods[face]}</strong>{" "}
          <span class="soft small">
            {WHEN.format(entry.createdAt)}
            {entry.waits && `, ${words.waits}`}
          </span>
        </div>
        {noting.value ? (
          <NoteForm entry={entry} done={() => (noting.value = false)} />
        ) : (
          note !== "" && <div class="entry-text">{note}</div>
        )}
        {entry.conflict && <p class="soft small">{words.conflict}</p>}
        {sure.value && (
          <>
            <p>{words.removeText}</p>
            <button type="button" class="button" onClick={remove}>
              {words.removeYes}
            </button>
          </>
        )}
      </div>
      {remove !== undefined && face !== null && (
        <button type="button" class="link" aria-expanded={noting.value} onClick={() => (noting.value = !noting.value)}>
          {noting.value ? words.back : words.note}
        </button>
      )}
      {remove !== undefined && (
        <button type="button" class="link" aria-expanded={sure.value} onClick={() => (sure.value = !sure.value)}>
          {sure.value ? words.leaveNo : words.remove}
        </button>
      )}
    </li>
  );
}
