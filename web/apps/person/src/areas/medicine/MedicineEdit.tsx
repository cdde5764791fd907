/** Writing what one takes, or changing it; kept, sealed, while it is written. */

import { useSignal } from "@preact/signals";

import { MEDICINE } from "../../kinds.ts";
import { api, attempt, chosenItem, entries, fault, openPage, refresh, sync } from "../../app.ts";
import { here } from "../../moods.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { useDraft } from "../../parts/drafting.ts";
import { words } from "../../words.ts";
import { bodyOf, fromDraft, writtenOf, type Written } from "./medicine.ts";
import { say } from "./words.ts";

/** As long as such a field may be (docs/reference/kinds.md). */
const LONGEST = 500;

export function MedicineEdit() {
  const entry = entries.value.find((one) => one.item === chosenItem.value);
  const { text, change, drop } = useDraft(`medicine/${entry?.item ?? ""}`);
  const busy = useSignal(false);
  const written = fromDraft(text.value) ?? writtenOf(entry?.body ?? null);

  const type = (field: keyof Written) => (typed: string): void => {
    change(JSON.stringify({ ...written, [field]: typed }));
  };
  const leave = (): void => {
    if (entry === undefined) openPage("medicines");
    else openPage("medicine", entry.item);
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (written.name.trim() === "") {
      fault.value = { message: say.empty, hint: null };
      return;
    }
    busy.value = true;
    const good = await attempt(async () => {
      const body = bodyOf(written, entry?.body ?? null);
      if (entry === undefined) await api().add({ kind: MEDICINE, ...here(), body });
      else await api().revise(entry.item, { kind: MEDICINE, createdAt: entry.createdAt, zone: entry.zone, body });
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    drop();
    leave();
    void sync();
  };
  return (
    <Page title={entry === undefined ? say.addTitle : say.editTitle}>
      <form onSubmit={(event) => void save(event)}>
        <Field label={say.name} prose maxLength={LONGEST} value={written.name} change={type("name")} />
        <Field label={say.dose} hint={say.doseText} prose maxLength={LONGEST} value={written.dose} change={type("dose")} />
        <Field label={say.schedule} hint={say.scheduleText} prose maxLength={LONGEST} value={written.schedule} change={type("schedule")} />
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value}>
            {words.save}
          </button>
          <button type="button" class="button" onClick={leave}>
            {words.back}
          </button>
        </div>
      </form>
    </Page>
  );
}
