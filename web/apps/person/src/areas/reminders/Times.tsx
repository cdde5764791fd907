/** Choosing times of day: up to eight, each with the browser's own picker. */

import type { Signal } from "@preact/signals";

import { fill } from "../../words.ts";
import { MOST, withOneMore } from "./times.ts";
import { say } from "./words.ts";

export function Times({ times }: { times: Signal<readonly string[]> }) {
  const change = (at: number, time: string | null): void => {
    times.value = times.value.flatMap((one, number) => (number !== at ? [one] : time === null ? [] : [time]));
  };
  return (
    <fieldset class="tags">
      <legend>{say.times}</legend>
      {times.value.map((time, at) => {
        const n = String(at + 1);
        return (
          <div class="beside" key={at}>
            <label class="field">
              <span>{fill(say.time, { n })}</span>
              <input
                type="time"
                required
                value={time}
                onInput={(event) => {
                  change(at, event.currentTarget.value);
                }}
              />
            </label>
            {times.value.length > 1 && (
              <button
                type="button"
                class="button"
                aria-label={fill(say.removeTime, { n })}
                onClick={() => {
                  change(at, null);
                }}
              >
                {say.remove}
              </button>
            )}
          </div>
        );
      })}
      {times.value.length < MOST && (
        <button type="button" class="link" onClick={() => (times.value = withOneMore(times.value))}>
          {say.add}
        </button>
      )}
    </fieldset>
  );
}
