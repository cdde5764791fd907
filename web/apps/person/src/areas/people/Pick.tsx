/** Picking single entries to share as copies: the part that they stand in is not shared, and leaves no trail. */

import { useSignal } from "@preact/signals";

import { entries, fault } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { momentText } from "../../parts/dates.ts";
import { partName } from "../../parts/names.ts";
import { titleOf } from "../../parts/saying.ts";
import { words } from "../../words.ts";
import { say } from "./words.ts";

const SHOWN_AT_ONCE = 30;

export function Pick({ picked, back }: { picked: (items: readonly string[]) => void; back: () => void }) {
  const chosen = useSignal<readonly string[]>([]);
  const shown = useSignal(SHOWN_AT_ONCE);
  const mine = entries.value.filter((one) => one.mine && one.body !== null);
  const next = (): void => {
    fault.value = chosen.value.length === 0 ? { message: say.pickNone, hint: null } : null;
    if (chosen.value.length > 0) picked(chosen.value);
  };
  return (
    <Page title={say.pickTitle}>
      <p>{say.copiesText}</p>
      {mine.slice(0, shown.value).map((one) => (
        <label key={one.item} class="check">
          <input
            type="checkbox"
            checked={chosen.value.includes(one.item)}
            onChange={(event) => {
              const others = chosen.value.filter((item) => item !== one.item);
              chosen.value = event.currentTarget.checked ? [...others, one.item] : others;
            }}
          />
          <span>
            {titleOf(one)}{" "}
            <span class="soft small">
              {partName(one.part)}, {momentText(one.createdAt)}
            </span>
          </span>
        </label>
      ))}
      <div class="buttons">
        {mine.length > shown.value && (
          <button type="button" class="button" onClick={() => (shown.value += SHOWN_AT_ONCE)}>
            {words.earlier}
          </button>
        )}
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
