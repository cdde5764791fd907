/** A look at exactly what will be seen, before it is shared. */

import type { EntryShown } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import { Seen } from "./Seen.tsx";
import { say } from "./words.ts";

interface LookProps {
  readonly name: string;
  readonly seen: readonly EntryShown[];
  /** Copies of these, and of nothing later. */
  readonly copies: boolean;
  readonly next: () => void;
  readonly back: () => void;
}

export function Look({ name, seen, copies, next, back }: LookProps) {
  const text = copies ? say.lookCopies : seen.length === 0 ? say.lookNone : say.lookText;
  return (
    <Page title={fill(say.lookTitle, { name })}>
      <p>{fill(text, { n: String(seen.length) })}</p>
      <Seen entries={seen} />
      <div class="buttons">
        <button type="button" class="button main" onClick={next}>
          {words.next}
        </button>
        <button type="button" class="button" onClick={back}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
