/** One entry of the journal: read, changed, its files, and how it is removed. */

import { useSignal } from "@preact/signals";

import { api, attempt, chosenItem, entries, openPage, refresh, sync } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { momentText } from "../../parts/dates.ts";
import { begunOf } from "../../parts/drafting.ts";
import { words } from "../../words.ts";
import { Files } from "./Files.tsx";
import { pageOf } from "./journal.ts";
import { Write } from "./Write.tsx";
import { say } from "./words.ts";

export function JournalEntry() {
  const entry = entries.value.find((one) => one.item === chosenItem.value);
  const editing = useSignal(entry !== undefined && begunOf(entry.item) !== null);
  const sure = useSignal(false);
  const back = (): void => {
    openPage("journal");
  };
  if (entry === undefined) {
    return (
      <Page title={say.title}>
        <p>{words.notOpen}</p>
        <button type="button" class="button" onClick={back}>
          {words.back}
        </button>
      </Page>
    );
  }
  const { title, text } = pageOf(entry.body);
  if (editing.value) {
    return (
      <Page title={say.edit}>
        <Write entry={entry} saved={back} />
        <button type="button" class="link" onClick={() => (editing.value = false)}>
          {words.back}
        </button>
      </Page>
    );
  }
  const remove = async (): Promise<void> => {
    const good = await attempt(async () => {
      await api().erase(entry.item);
      await refresh();
    });
    if (!good) return;
    back();
    void sync();
  };
  return (
    <Page title={title === "" ? momentText(entry.createdAt) : title}>
      {title !== "" && <p class="soft small">{momentText(entry.createdAt)}</p>}
      {entry.error !== null && <p>{words.notOpen}</p>}
      <div class="prose">{text}</div>
      {entry.conflict && <p class="soft small">{words.conflict}</p>}
      {entry.files.length > 0 && <h2>{say.files}</h2>}
      <Files files={entry.files} read={(number) => api().readFile(entry.item, number)} />
      {sure.value && <p>{words.removeText}</p>}
      <div class="buttons">
        {sure.value ? (
          <button type="button" class="button" onClick={() => void remove()}>
            {words.removeYes}
          </button>
        ) : (
          <button type="button" class="button" onClick={() => (editing.value = true)}>
            {say.edit}
          </button>
        )}
        {!sure.value && entry.mine && entry.error === null && begunOf(entry.item) === null && (
          <button
            type="button"
            class="button"
            onClick={() => {
              openPage("locked", entry.item);
            }}
          >
            {say.lock}
          </button>
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
