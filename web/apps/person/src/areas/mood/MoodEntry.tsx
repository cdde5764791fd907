/** Changing a mood that was saved: its face, its time, its words. */

import { useSignal } from "@preact/signals";

import { MOOD } from "../../kinds.ts";
import { api, attempt, chosenItem, entries, refresh, sync } from "../../app.ts";
import { faceOf, valenceOf } from "../../moods.ts";
import { Faces } from "../../parts/Faces.tsx";
import { useDraft } from "../../parts/drafting.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { detailsOf, fromDraft, moodBody, NOTHING, type Begun, type Details } from "./details.ts";
import { MoodDetails } from "./MoodDetails.tsx";
import { say } from "./words.ts";

/** The note of an entry has a draft of its own, under the entry's id alone. */
const DRAFT_OF = "change/";

export function MoodEntry({ done }: PageProps) {
  const entry = entries.value.find((one) => one.item === chosenItem.value);
  const draft = useDraft(`${DRAFT_OF}${chosenItem.value ?? ""}`);
  const begun = fromDraft(draft.text.peek());
  const face = useSignal(begun?.face ?? (entry === undefined ? null : faceOf(entry)));
  const details = useSignal<Details>(begun?.details ?? (entry === undefined ? NOTHING : detailsOf(entry)));
  const change = (to: Begun): void => {
    [face.value, details.value] = [to.face, to.details];
    draft.change(JSON.stringify(to));
  };
  const busy = useSignal(false);

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const chosen = face.value;
    if (entry === undefined || chosen === null) return;
    busy.value = true;
    const before = entry.body?.["valence"];
    const same = chosen === faceOf(entry) && typeof before === "number";
    const body = moodBody(same ? before : valenceOf(chosen), details.value, entry.body);
    const good = await attempt(async () => {
      await api().revise(entry.item, { kind: MOOD, createdAt: details.value.at ?? entry.createdAt, zone: entry.zone, body });
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    draft.drop();
    done();
    void sync();
  };

  return (
    <Page title={say.entryTitle}>
      <form onSubmit={(event) => void save(event)}>
        <Faces
          chosen={face.value}
          choose={(one) => {
            change({ face: one, details: details.value });
          }}
        />
        <MoodDetails
          alone
          details={details.value}
          face={face.value === null ? null : valenceOf(face.value)}
          change={(to) => {
            change({ face: face.value, details: to });
          }}
        />
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value}>
            {words.save}
          </button>
          <button type="button" class="button" onClick={done}>
            {words.back}
          </button>
        </div>
      </form>
    </Page>
  );
}
