/** The quiet rows on Today, of the medicines whose reminder was turned on here: no count, and nothing of other days. */

import { useSignal } from "@preact/signals";

import { choices, entries } from "../../app.ts";
import { Answered } from "./Answered.tsx";
import { answer, answeredOn, now } from "./answering.ts";
import { isDue, schedulesOf, writtenOf } from "./medicine.ts";
import { say } from "./words.ts";

/** More would be a list of duties. */
const ROWS_MOST = 3;

export function Due() {
  const saved = useSignal<string | null>(null);
  const reminders = choices.value.reminders ?? {};
  const due = schedulesOf(entries.value).filter((one) => {
    const reminder = reminders[one.item];
    return reminder !== undefined && isDue(reminder, answeredOn(writtenOf(one.body).name), now());
  });
  if (due.length === 0 && saved.value === null) return null;
  return (
    <section class="details" aria-label={say.title}>
      {saved.value !== null && <Answered item={saved.value} done={() => (saved.value = null)} />}
      <ul class="rows">
        {due.slice(0, ROWS_MOST).map((one) => {
          const { name, dose } = writtenOf(one.body);
          const note = async (taken: boolean): Promise<void> => {
            saved.value = await answer(one.body, taken);
          };
          return (
            <li key={one.item}>
              <span class="grow">
                {name} {dose !== "" && <span class="soft small">{dose}</span>}
              </span>
              <span class="buttons">
                <button type="button" class="button" onClick={() => void note(true)}>
                  {say.taken}
                </button>
                <button type="button" class="button" onClick={() => void note(false)}>
                  {say.notTaken}
                </button>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
