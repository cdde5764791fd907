/** The first mood: five faces, Save, and a line that says where it is. Two taps. */

import { useSignal } from "@preact/signals";

import { Page } from "../../parts/Page.tsx";
import { MoodForm } from "../../parts/MoodForm.tsx";
import { words } from "../../words.ts";

export function MoodPage({ done }: { done: () => void }) {
  const saved = useSignal(false);
  return (
    <Page title={words.moodTitle}>
      {saved.value ? (
        <>
          <p class="notice" role="status">
            {words.savedHere}
          </p>
          <div class="buttons">
            <button type="button" class="button main" onClick={done}>
              {words.next}
            </button>
          </div>
        </>
      ) : (
        <MoodForm
          short
          saved={() => {
            saved.value = true;
          }}
        />
      )}
    </Page>
  );
}
