/** The way to the policy of this server: a page of its own, which works without script and closes without a trace here. */

import { language } from "../words/language.ts";

export function PolicyLink({ text }: { text: string }) {
  return (
    <div class="buttons">
      <a class="button" href={`/policy/${language.value}`} target="_blank" rel="noopener noreferrer">
        {text}
      </a>
    </div>
  );
}
