/** What a person's own mood names mean: asked, never guessed. */

import { useSignal } from "@preact/signals";

import { fault } from "../../app.ts";
import type { Telling } from "../../engine/imports.ts";
import { moodWords } from "../../parts/Faces.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { Choose } from "./Choose.tsx";
import { say } from "./words.ts";

interface MoodNamesProps {
  readonly names: readonly string[];
  readonly told: Telling;
  readonly tell: (more: Partial<Telling>) => void;
  readonly back: () => void;
}

export function MoodNames({ names, told, tell, back }: MoodNamesProps) {
  const chosen = useSignal<Readonly<Record<string, string>>>({});
  const levels = moodWords().map((word, place) => [String(place + 1), word] as const);
  const goOn = (): void => {
    const meant = names.map((name) => [name, Number(chosen.value[name] ?? "")] as const);
    if (meant.some(([, level]) => level === 0)) {
      fault.value = { message: say.moodsAll, hint: null };
      return;
    }
    tell({ moods: { ...told.moods, ...Object.fromEntries(meant) } });
  };
  return (
    <Page title={say.moodsTitle}>
      <p>{say.moodsText}</p>
      {names.map((name) => (
        <Choose
          key={name}
          label={name}
          options={[["", say.moodNone], ...levels]}
          value={chosen.value[name] ?? ""}
          change={(value) => (chosen.value = { ...chosen.value, [name]: value })}
        />
      ))}
      <div class="buttons">
        <button type="button" class="button main" onClick={goOn}>
          {say.goOn}
        </button>
        <button type="button" class="button" onClick={() => { back(); }}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
