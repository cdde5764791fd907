/** What was brought in on this device, and taking one of them back, in place. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt, quietly, refresh, sync } from "../../app.ts";
import type { BatchShown } from "../../engine/imports.ts";
import { momentText } from "../../parts/dates.ts";
import { fill } from "../../words.ts";
import { countText } from "./counts.ts";
import { say } from "./words.ts";

/** `took` is told what came of it. */
export function Batches({ took }: { took: (said: string) => void }) {
  const found = useSignal<readonly BatchShown[]>([]);
  const sure = useSignal<number | null>(null);
  const load = (): Promise<void> =>
    quietly(async () => {
      found.value = await api().brought();
    });
  useEffect(() => void load(), []);

  const takeBack = async (number: number): Promise<void> => {
    let count = 0;
    const good = await attempt(async () => {
      count = await api().takeBack(number);
      await refresh();
    });
    if (!good) return;
    void sync();
    sure.value = null;
    await load();
    took(fill(say.tookBack, { count: countText(count) }));
  };

  if (found.value.length === 0) return null;
  return (
    <>
      <h2>{say.earlier}</h2>
      <ul class="rows">
        {found.value.map(({ number, at, file, same, changed }) => (
          <li key={number}>
            <span class="grow">
              {fill(say.batchLine, { file, date: momentText(at) })}
              <span class="soft small block">
                {fill(say.batchCount, { count: countText(same) })}{" "}
                {changed > 0 && fill(say.batchChanged, { count: countText(changed) })}
              </span>
            </span>
            {sure.value === number ? (
              <div class="actions">
                <p>{fill(say.takeBackText, { count: countText(same) })}</p>
                <div class="pair">
                  <button type="button" class="button" onClick={() => void takeBack(number)}>
                    {say.takeBackYes}
                  </button>
                  <button type="button" class="button" onClick={() => (sure.value = null)}>
                    {say.keep}
                  </button>
                </div>
              </div>
            ) : (
              <button type="button" class="button" onClick={() => (sure.value = number)}>
                {say.takeBack}
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
