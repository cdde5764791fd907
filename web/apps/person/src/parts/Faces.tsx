/** Five faces, each over its word: a radio group. The words may be the person's own. */

import { choices } from "../app.ts";
import { words } from "../words.ts";
import { Face } from "./Icon.tsx";

/** Return the words for the five moods, the person's own where they chose some. */
export function moodWords(): readonly string[] {
  const own = choices.value.moodWords;
  return words.moods.map((word, number) => own?.[number] ?? word);
}

interface FacesProps {
  readonly chosen: number | null;
  readonly choose: (face: number) => void;
}

export function Faces({ chosen, choose }: FacesProps) {
  return (
    <fieldset class="faces">
      <legend class="hidden">{words.moodTitle}</legend>
      {moodWords().map((word, number) => (
        <label key={number} class="face">
          <input
            type="radio"
            name="mood"
            checked={chosen === number}
            onChange={() => {
              choose(number);
            }}
          />
          <Face mood={number} />
          {word}
        </label>
      ))}
    </fieldset>
  );
}
