/** Whether a line is verified: a tick and the word, or what is missing. Colour says nothing here. */

import type { ActShown } from "../../engine/logged.ts";
import { say } from "./words.ts";

const TICK = "M5 12.5l4.5 4.5L19 7.5";
const OPEN = "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v5M12 16v.3";

/** `brief`: in a long list, which says once what is missing. */
export function Standing({ missing, brief = false }: Pick<ActShown, "missing"> & { readonly brief?: boolean }) {
  const lacks = brief ? say.lacks : say.missing;
  return (
    <span class="standing small">
      <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
        <path d={missing === null ? TICK : OPEN} />
      </svg>
      {missing === null ? say.verified : lacks[missing]}
    </span>
  );
}
