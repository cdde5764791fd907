/** One entry in a list: its mark, when it was, its words; what does not open is said plainly. */

import type { EntryShown } from "../engine/shown.ts";
import { faceOf, noteOf } from "../moods.ts";
import { words } from "../words.ts";
import { Mark } from "./Icon.tsx";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function EntryRow({ entry, remove }: { entry: EntryShown; remove?: () => void }) {
  const face = faceOf(entry);
  const note = noteOf(entry);
  return (
    <li>
      {face !== null && <Mark mood={face} />}
      <div class="grow">
        {entry.error !== null && <p>{words.notOpen}</p>}
        <div>
          {face !== null && <strong>{words.moods[face]}</strong>}{" "}
          <span class="soft small">
            {WHEN.format(entry.createdAt)}
            {entry.waits && `, ${words.waits}`}
          </span>
        </div>
        {note !== "" && <div class="entry-text">{note}</div>}
        {entry.conflict && <p class="soft small">{words.conflict}</p>}
      </div>
      {remove !== undefined && (
        <button type="button" class="link" onClick={remove}>
          {words.remove}
        </button>
      )}
    </li>
  );
}
