/** Choosing among one's own words, and adding one; each is a button that is pressed or not. */

import { useSignal } from "@preact/signals";

import { Field } from "../../parts/Field.tsx";
import { say } from "./words.ts";

/** As long as a line on a phone. */
const LONGEST = 60;

interface TagsProps {
  readonly title: string;
  readonly offered: readonly string[];
  readonly chosen: readonly string[];
  readonly change: (chosen: readonly string[]) => void;
}

export function Tags({ title, offered, chosen, change }: TagsProps) {
  const typed = useSignal("");
  const all = [...offered, ...chosen.filter((one) => !offered.includes(one))];
  const add = (): void => {
    const tag = typed.value.trim();
    typed.value = "";
    if (tag !== "" && !chosen.includes(tag)) change([...chosen, tag]);
  };
  return (
    <fieldset class="tags">
      <legend>{title}</legend>
      <div class="chips">
        {all.map((tag) => (
          <button
            key={tag}
            type="button"
            class="button"
            aria-pressed={chosen.includes(tag)}
            onClick={() => {
              change(chosen.includes(tag) ? chosen.filter((one) => one !== tag) : [...chosen, tag]);
            }}
          >
            {tag}
          </button>
        ))}
      </div>
      <div class="beside">
        <Field label={say.tagNew} prose maxLength={LONGEST} value={typed.value} change={(text) => (typed.value = text)} />
        <button type="button" class="button" onClick={add}>
          {say.tagAdd}
        </button>
      </div>
    </fieldset>
  );
}
