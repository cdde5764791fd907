/** One medicine: taken or not this time, what was noted, whether this device reminds of it, change and remove. */

import { useSignal } from "@preact/signals";

import { chosenItem, entries, openPage } from "../../app.ts";
import { EntryList } from "../../parts/EntryList.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { Answered } from "./Answered.tsx";
import { answer, remind, takeAway } from "./answering.ts";
import { answersOf, isSchedule, writtenOf } from "./medicine.ts";
import { Remind } from "./Remind.tsx";
import { say } from "./words.ts";

export function Medicine() {
  const entry = entries.value.find((one) => one.item === chosenItem.value);
  const saved = useSignal<string | null>(null);
  const sure = useSignal(false);
  const back = (): void => {
    openPage("medicines");
  };
  const goBack = (
    <button type="button" class="button" onClick={back}>
      {words.back}
    </button>
  );
  if (entry === undefined) {
    return (
      <Page title={say.title}>
        <p>{words.notOpen}</p>
        {goBack}
      </Page>
    );
  }
  const { name, dose, schedule } = writtenOf(entry.body);
  const listed = isSchedule(entry);
  const answers = answersOf(entries.value, name);
  const note = async (taken: boolean): Promise<void> => {
    saved.value = await answer(entry.body, taken);
  };
  const remove = async (): Promise<void> => {
    if (!(await takeAway(entry.item))) return;
    await remind(entry.item, null);
    back();
  };
  return (
    <Page title={name}>
      {dose !== "" && <p>{dose}</p>}
      {schedule !== "" && <p>{schedule}</p>}
      {entry.conflict && <p class="soft small">{words.conflict}</p>}
      {saved.value !== null && <Answered item={saved.value} done={() => (saved.value = null)} />}
      {listed && (
        <>
          <div class="pair">
            <button type="button" class="button" onClick={() => void note(true)}>
              {say.taken}
            </button>
            <button type="button" class="button" onClick={() => void note(false)}>
              {say.notTaken}
            </button>
          </div>
          <Remind item={entry.item} name={name} />
        </>
      )}
      <h2>{say.noted}</h2>
      {answers.length === 0 ? (
        <p class="soft">{say.nothingNoted}</p>
      ) : (
        <EntryList
          entries={answers}
          remove={(item) => {
            // What was opened from the list of earlier ones may be what goes: the newest of the others stands for it then.
            const other = answers.find((one) => one.item !== item);
            void takeAway(item).then((good) => {
              if (!good || listed || item !== entry.item) return;
              if (other === undefined) back();
              else chosenItem.value = other.item;
            });
          }}
        />
      )}
      {sure.value && (
        <p>
          {say.removeText} {words.removeText}
        </p>
      )}
      <div class="buttons">
        {listed && !sure.value && (
          <button
            type="button"
            class="button"
            onClick={() => {
              openPage("medicineEdit", entry.item);
            }}
          >
            {words.change}
          </button>
        )}
        {sure.value && (
          <button type="button" class="button" onClick={() => void remove()}>
            {words.removeYes}
          </button>
        )}
        {listed && (
          <button type="button" class="button" aria-expanded={sure.value} onClick={() => (sure.value = !sure.value)}>
            {sure.value ? words.leaveNo : say.remove}
          </button>
        )}
        {goBack}
      </div>
    </Page>
  );
}
