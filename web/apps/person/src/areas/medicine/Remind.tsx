/** A reminder of one medicine: a row on Today from a time on, on this device only, until it is turned off or unanswered. */

import { useSignal } from "@preact/signals";

import { choices, openPage, quietly, sharedDevice } from "../../app.ts";
import { fill } from "../../words.ts";
import { answeredOn, now, remind } from "./answering.ts";
import { hasStopped } from "./medicine.ts";
import { say } from "./words.ts";

const USUAL = "08:00";

export function Remind({ item, name }: { item: string; name: string }) {
  const reminder = choices.value.reminders?.[item];
  const at = useSignal(reminder?.at ?? USUAL);
  const stopped = reminder !== undefined && hasStopped(reminder, answeredOn(name), now());
  const on = reminder !== undefined && !stopped;
  const turn = (): void => {
    void quietly(() => remind(item, on ? null : { at: at.value, since: now().day }));
  };
  return (
    <>
      <h2>{say.reminder}</h2>
      <p class="soft">{say.reminderText}</p>
      {!sharedDevice.value && (
        <button type="button" class="link block" onClick={() => { openPage("reminders"); }}>
          {say.reminderPush}
        </button>
      )}
      <p role="status">{on ? fill(say.reminderOn, { time: reminder.at }) : stopped ? say.reminderStopped : ""}</p>
      <div class="beside">
        {!on && (
          <label class="field">
            <span>{say.reminderAt}</span>
            <input
              type="time"
              required
              value={at.value}
              onInput={(event) => {
                at.value = event.currentTarget.value;
              }}
            />
          </label>
        )}
        <button type="button" class="button" disabled={!on && at.value === ""} onClick={turn}>
          {on ? say.turnOff : say.turnOn}
        </button>
      </div>
    </>
  );
}
