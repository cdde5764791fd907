/** One entry in a list: its mark, when it was, its words; what does not open is said plainly. */

import { useSignal } from "@preact/signals";

import { HISTORY, JOURNAL, MOOD } from "../kinds.ts";
import { openPage } from "../app.ts";
import type { PageName } from "../areas/index.ts";
import type { EntryShown } from "../engine/shown.ts";
import { faceOf, noteOf } from "../moods.ts";
import { words } from "../words.ts";
import { Mark } from "./Icon.tsx";
import { NoteForm } from "./NoteForm.tsx";
import { begunOf } from "./drafting.ts";
import { momentText } from "./dates.ts";
import { titleOf } from "./saying.ts";

/** The page on which an entry of a kind is changed. */
const OPENS: Readonly<Record<string, PageName>> = { [MOOD]: "moodEntry", [JOURNAL]: "journalEntry", [HISTORY]: "historyEdit" };

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
          <strong>{titleOf(entry)}</strong>{" "}
          <span class="soft small">
            {momentText(entry.createdAt)}
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
      {remove !== undefined && (
        <div class="actions">
          {face !== null && (
            <button type="button" class="link" aria-expanded={noting.value} onClick={() => (noting.value = !noting.value)}>
              {noting.value ? words.back : words.note}
            </button>
          )}
          {OPENS[entry.kind ?? ""] !== undefined && (
            <button
              type="button"
              class="link"
              onClick={() => {
                openPage(OPENS[entry.kind ?? ""] ?? "journal", entry.item);
              }}
            >
              {words.change}
            </button>
          )}
          <button type="button" class="link" aria-expanded={sure.value} onClick={() => (sure.value = !sure.value)}>
            {sure.value ? words.leaveNo : words.remove}
          </button>
        </div>
      )}
    </li>
  );
}
