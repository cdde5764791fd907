/** One locked entry: read, changed, its files, taken out of the lock or removed. */

import { useSignal } from "@preact/signals";

import type { EntryShown } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { momentText } from "../../parts/dates.ts";
import { words } from "../../words.ts";
import { Files } from "../journal/Files.tsx";
import { pageOf } from "../journal/journal.ts";
import { locker, tried } from "./locker.ts";
import { say } from "./words.ts";
import { WriteLocked } from "./WriteLocked.tsx";

interface Props {
  readonly entry: EntryShown;
  /** Something was done; what is said of it. */
  readonly done: (told: string) => void;
  readonly back: () => void;
}

export function LockedEntry({ entry, done, back }: Props) {
  const editing = useSignal(false);
  const sure = useSignal(false);
  const { title, text } = pageOf(entry.body);
  const act = async (what: () => Promise<void>, told: string): Promise<void> => {
    if (await tried(what)) done(told);
  };
  if (editing.value) {
    return (
      <WriteLocked
        entry={entry}
        done={() => {
          done(say.saved);
        }}
        back={() => (editing.value = false)}
      />
    );
  }
  return (
    <Page title={title === "" ? momentText(entry.createdAt) : title}>
      {title !== "" && <p class="soft small">{momentText(entry.createdAt)}</p>}
      {entry.error !== null && <p>{words.notOpen}</p>}
      <div class="prose">{text}</div>
      {entry.files.length > 0 && <h2>{say.files}</h2>}
      <Files files={entry.files} read={(number) => locker("readFile", entry.item, number)} />
      {sure.value && <p>{words.removeText}</p>}
      <div class="buttons">
        {sure.value ? (
          <button type="button" class="button" onClick={() => void act(() => locker("erase", entry.item), say.removed)}>
            {words.removeYes}
          </button>
        ) : (
          entry.error === null && (
            <>
              <button type="button" class="button" onClick={() => (editing.value = true)}>
                {say.edit}
              </button>
              <button type="button" class="button" onClick={() => void act(() => locker("take", entry.item), say.unlocked)}>
                {say.unlock}
              </button>
            </>
          )
        )}
        <button type="button" class="button" aria-expanded={sure.value} onClick={() => (sure.value = !sure.value)}>
          {sure.value ? words.leaveNo : words.remove}
        </button>
        <button type="button" class="button" onClick={back}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
