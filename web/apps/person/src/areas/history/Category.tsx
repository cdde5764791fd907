/** Choosing a category, or naming one's own, or none. */

import { useSignal } from "@preact/signals";

import { entries } from "../../app.ts";
import { Field } from "../../parts/Field.tsx";
import { CATEGORIES, ownOf } from "./history.ts";
import { say } from "./words.ts";

/** As long as such a field may be (docs/reference/kinds.md). */
const LONGEST = 500;

export function Category({ chosen, change }: { chosen: string; change: (to: string) => void }) {
  const offered: string[] = [...CATEGORIES, ...ownOf(entries.value)];
  const naming = useSignal(chosen !== "" && !offered.includes(chosen));
  return (
    <fieldset class="tags">
      <legend>{say.category}</legend>
      <div class="chips">
        {offered.map((one) => (
          <button
            key={one}
            type="button"
            class="button"
            aria-pressed={!naming.value && chosen === one}
            onClick={() => {
              change(!naming.value && chosen === one ? "" : one);
              naming.value = false;
            }}
          >
            {say.categories[one] ?? one}
          </button>
        ))}
        <button
          type="button"
          class="button"
          aria-pressed={naming.value}
          onClick={() => {
            naming.value = !naming.value;
            change("");
          }}
        >
          {say.own}
        </button>
      </div>
      {naming.value && <Field label={say.ownName} prose maxLength={LONGEST} value={chosen} change={change} />}
    </fieldset>
  );
}
