/** Choosing the language on screen, each by its own name. */

import { quietly } from "../app.ts";
import { chooseLanguage, words } from "../words.ts";
import { LANGUAGES, language, type Language } from "../words/language.ts";

const ALL = Object.keys(LANGUAGES) as Language[];

export function Languages() {
  return (
    <nav class="languages" aria-label={words.language}>
      {ALL.map((one) => (
        <button
          key={one}
          type="button"
          class="link"
          lang={one}
          aria-pressed={language.value === one}
          onClick={() => void quietly(() => chooseLanguage(one))}
        >
          {LANGUAGES[one]}
        </button>
      ))}
    </nav>
  );
}
