/**
 * One quiet line after a very low mood: at most once a day, never again after "not now" that day, and it can be turned off.
 *
 * Guarantees: what is pressed here is not recorded. That it was shown today rests sealed on this device, and never leaves.
 */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { choices, choose, openPage, quietly, show } from "../app.ts";
import { words } from "../words.ts";
import { helpPage } from "../words/language.ts";
import { localDay } from "./dates.ts";

export function QuietLine() {
  const today = localDay(Date.now());
  const shown = useSignal(choices.peek().noQuietLine !== true && choices.peek().quietLineOn !== today);
  useEffect(() => {
    if (shown.peek()) void quietly(() => choose("quietLineOn", today));
  }, []);
  if (!shown.value) return null;
  const end = (): void => {
    shown.value = false;
  };
  return (
    <>
      <p>{words.veryLow}</p>
      <p class="buttons">
        <button
          type="button"
          class="button"
          onClick={() => {
            openPage("calm");
          }}
        >
          {words.breathe}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            show("plan");
          }}
        >
          {words.myPlan}
        </button>
        <a class="button" href={helpPage()}>
          {words.talk}
        </a>
        <button type="button" class="button" onClick={end}>
          {words.notNow}
        </button>
      </p>
      <p>
        <button
          type="button"
          class="link"
          onClick={() => {
            end();
            void quietly(() => choose("noQuietLine", true));
          }}
        >
          {words.neverAgain}
        </button>
      </p>
    </>
  );
}
