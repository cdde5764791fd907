/** Five faces and Save; more opens in place. What is written rests on this device, sealed, before it says "saved". */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { MOOD } from "../kinds.ts";
import { api, attempt, fault } from "../app.ts";
import type { Details, besides, fromDraft, moodBody } from "../areas/mood/details.ts";
import type { MoodDetails } from "../areas/mood/MoodDetails.tsx";
import { here, newEntry, valenceOf } from "../moods.ts";
import { words } from "../words.ts";
import { useDraft } from "./drafting.ts";
import { Faces } from "./Faces.tsx";

/** What is loaded when somebody adds more: few do so each time. */
interface More {
  readonly MoodDetails: typeof MoodDetails;
  readonly NOTHING: Details;
  readonly fromDraft: typeof fromDraft;
  readonly besides: typeof besides;
  readonly moodBody: typeof moodBody;
}

const DRAFT = "mood";

export function MoodForm({ saved, short = false }: { saved: (item: string) => void; short?: boolean }) {
  const mood = useSignal<number | null>(null);
  const more = useSignal<More | null>(null);
  const details = useSignal<Details | null>(null);
  const busy = useSignal(false);
  const draft = useDraft(DRAFT);

  /** Keep what was begun once there is more than a face: that is a press, the rest is somebody's words. */
  const begun = (face: number | null, added: Details | null): void => {
    [mood.value, details.value] = [face, added];
    if (added !== null) draft.change(JSON.stringify({ face, details: added }));
  };
  const open = (): Promise<boolean> =>
    attempt(async () => {
      const [shown, kept] = await Promise.all([import("../areas/mood/MoodDetails.tsx"), import("../areas/mood/details.ts")]);
      more.value = { ...kept, MoodDetails: shown.MoodDetails };
      const before = kept.fromDraft(draft.text.peek());
      details.value = before?.details ?? kept.NOTHING;
      mood.value ??= before?.face ?? null;
    });
  useEffect(() => {
    if (draft.text.peek() !== "") void open(); // begun before it was locked or left
  }, []);

  const add = async (valence: number): Promise<string> => {
    const [added, loaded] = [details.value, more.value];
    if (added === null || loaded === null) return api().add(newEntry({ valence, span: "moment" }));
    const now = here();
    const at = added.at ?? now.createdAt;
    const item = await api().add({ ...now, createdAt: at, kind: MOOD, body: loaded.moodBody(valence, added) });
    for (const one of loaded.besides(added, at, now.zone)) await api().add(one);
    return item;
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const chosen = mood.value;
    if (chosen === null) {
      fault.value = { message: words.chooseFace, hint: null };
      return;
    }
    busy.value = true;
    await attempt(async () => {
      saved(await add(valenceOf(chosen)));
      mood.value = null;
      details.value = null;
      draft.drop();
    });
    busy.value = false;
  };

  const Loaded = more.value?.MoodDetails;
  return (
    <form onSubmit={(event) => void save(event)}>
      <Faces
        chosen={mood.value}
        choose={(one) => {
          begun(one, details.value);
        }}
      />
      {Loaded !== undefined && details.value !== null && (
        <Loaded
          details={details.value}
          face={mood.value === null ? null : valenceOf(mood.value)}
          change={(to) => {
            begun(mood.value, to);
          }}
        />
      )}
      <div class="buttons">
        <button type="submit" class="button main" disabled={busy.value}>
          {words.save}
        </button>
        {!short && details.value === null && (
          <button type="button" class="button" onClick={() => void open()}>
            {words.more}
          </button>
        )}
      </div>
    </form>
  );
}
