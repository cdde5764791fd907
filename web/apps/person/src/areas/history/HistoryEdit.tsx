/** Writing something of one's past, changing or removing it; kept, sealed, while it is written. */

import { useSignal } from "@preact/signals";

import { HISTORY } from "../../kinds.ts";
import { api, attempt, chosenItem, entries, fault, openPage, refresh, sync } from "../../app.ts";
import { here } from "../../moods.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { useDraft } from "../../parts/drafting.ts";
import { words } from "../../words.ts";
import { Category } from "./Category.tsx";
import { bodyOf, fromDraft, writtenOf, type Written } from "./history.ts";
import { say } from "./words.ts";

/** As long as such a field may be (docs/reference/kinds.md). */
const LONGEST = 500;

function leave(): void {
  openPage("history");
}

export function HistoryEdit() {
  const entry = entries.value.find((one) => one.item === chosenItem.value);
  const { text, change, drop } = useDraft(`history/${entry?.item ?? ""}`);
  const busy = useSignal(false);
  const sure = useSignal(false);
  const written = fromDraft(text.value) ?? writtenOf(entry?.body ?? null);

  const type = (field: keyof Written) => (typed: string): void => {
    change(JSON.stringify({ ...written, [field]: typed }));
  };
  /** Do it; if it went well nothing is left to keep, and the list is shown. */
  const act = async (what: () => Promise<unknown>): Promise<void> => {
    busy.value = true;
    const good = await attempt(async () => {
      await what();
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    drop();
    leave();
    void sync();
  };
  const save = (event: Event): void => {
    event.preventDefault();
    if (written.title.trim() === "") {
      fault.value = { message: say.empty, hint: null };
      return;
    }
    const body = bodyOf(written, entry?.body ?? null);
    const again = { kind: HISTORY, createdAt: entry?.createdAt ?? 0, zone: entry?.zone ?? "", body };
    void act(() => (entry === undefined ? api().add({ kind: HISTORY, ...here(), body }) : api().revise(entry.item, again)));
  };
  return (
    <Page title={entry === undefined ? say.add : say.editTitle}>
      {entry?.conflict === true && <p class="soft small">{words.conflict}</p>}
      <form onSubmit={save}>
        <Field label={say.what} hint={say.whatText} prose maxLength={LONGEST} value={written.title} change={type("title")} />
        <Category chosen={written.category} change={type("category")} />
        <Field label={say.more} prose long value={written.text} change={type("text")} />
        <Field label={say.since} hint={say.sinceText} prose maxLength={LONGEST} value={written.since} change={type("since")} />
        <Field label={say.until} prose maxLength={LONGEST} value={written.until} change={type("until")} />
        {sure.value && <p>{words.removeText}</p>}
        <div class="buttons">
          {!sure.value && (
            <button type="submit" class="button main" disabled={busy.value}>
              {words.save}
            </button>
          )}
          {sure.value && entry !== undefined && (
            <button type="button" class="button" disabled={busy.value} onClick={() => void act(() => api().erase(entry.item))}>
              {words.removeYes}
            </button>
          )}
          {entry !== undefined && (
            <button type="button" class="button" aria-expanded={sure.value} onClick={() => (sure.value = !sure.value)}>
              {sure.value ? words.leaveNo : words.remove}
            </button>
          )}
          <button type="button" class="button" onClick={leave}>
            {words.back}
          </button>
        </div>
      </form>
    </Page>
  );
}
