/** Five faces and Save. What is written rests on this device, sealed, before it says "saved". */

import { useSignal } from "@preact/signals";

import { api, attempt, fault } from "../app.ts";
import { newEntry, valenceOf } from "../moods.ts";
import { words } from "../words.ts";
import { Face } from "./Icon.tsx";

export function MoodForm({ saved }: { saved: (item: string) => void }) {
  const mood = useSignal<number | null>(null);
  const busy = useSignal(false);

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const chosen = mood.value;
    if (chosen === null) {
      fault.value = { message: words.chooseFace, hint: null };
      return;
    }
    busy.value = true;
    await attempt(async () => {
      saved(await api().add(newEntry({ valence: valenceOf(chosen), span: "moment" })));
      mood.value = null;
    });
    busy.value = false;
  };

  return (
    <form onSubmit={(event) => void save(event)}>
      <fieldset class="faces">
        <legend class="hidden">{words.moodTitle}</legend>
        {words.moods.map((word, number) => (
          <label key={word} class="face">
            <input
              type="radio"
              name="mood"
              checked={mood.value === number}
              onChange={() => {
                mood.value = number;
              }}
            />
            <Face mood={number} />
            {word}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="button main" disabled={busy.value}>
        {words.save}
      </button>
    </form>
  );
}
