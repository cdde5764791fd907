/** Entries as somebody sees who may read them: shown before they are shared, and where others share theirs. */

import { useSignal } from "@preact/signals";

import { api } from "../../app.ts";
import { JOURNAL, PLAN } from "../../kinds.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { EntryRow } from "../../parts/EntryRow.tsx";
import { momentText } from "../../parts/dates.ts";
import { words } from "../../words.ts";
import { Files } from "../journal/Files.tsx";
import { pageOf } from "../journal/journal.ts";
import { PlanShown } from "../plan/PlanShown.tsx";

const SHOWN_AT_ONCE = 20;

function One({ entry, theirs }: { entry: EntryShown; theirs: boolean }) {
  if (entry.kind === PLAN && entry.body !== null) {
    return (
      <li>
        <div class="grow">
          <PlanShown body={entry.body} below />
        </div>
      </li>
    );
  }
  if (entry.kind === JOURNAL && entry.error === null) {
    const { title, text } = pageOf(entry.body);
    return (
      <li>
        <div class="grow">
          {title !== "" && <strong class="block">{title}</strong>}
          <span class="block soft small">{momentText(entry.createdAt)}</span>
          <div class="entry-text">{text}</div>
          {theirs ? (
            <Files files={entry.files} read={(number) => api().readFile(entry.item, number)} />
          ) : (
            entry.files.map(({ name }, number) => (
              <span key={number} class="block soft small">
                {name}
              </span>
            ))
          )}
        </div>
      </li>
    );
  }
  return <EntryRow entry={entry} />;
}

/** `theirs`: somebody else shares them, and their files can be saved. */
export function Seen({ entries, theirs = false }: { entries: readonly EntryShown[]; theirs?: boolean }) {
  const shown = useSignal(SHOWN_AT_ONCE);
  return (
    <>
      <ul class="rows">
        {entries.slice(0, shown.value).map((entry) => (
          <One key={entry.item} entry={entry} theirs={theirs} />
        ))}
      </ul>
      {entries.length > shown.value && (
        <button type="button" class="button" onClick={() => (shown.value += SHOWN_AT_ONCE)}>
          {words.earlier}
        </button>
      )}
    </>
  );
}
