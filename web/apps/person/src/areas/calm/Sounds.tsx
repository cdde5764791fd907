/** Whether something sounds, and which way: off until it is turned on, kept sealed on this device. */

import { choices, choose, quietly } from "../../app.ts";
import type { CalmChoices } from "../../engine/shown.ts";
import { hush, useCanSpeak } from "./sound.ts";
import { MINUTES } from "./timing.ts";
import { say } from "./words.ts";

const USUAL: CalmChoices = { minutes: MINUTES[0], tone: false, voice: false };

/** Return what was chosen here. */
export function calmChoices(): CalmChoices {
  return { ...USUAL, ...choices.value.calm };
}

/** Keep a change of it. */
export function keepCalm(change: Partial<CalmChoices>): void {
  hush();
  void quietly(() => choose("calm", { ...calmChoices(), ...change }));
}

export function Sounds() {
  const now = calmChoices();
  const speaks = useCanSpeak();
  const box = (name: "tone" | "voice", word: string) => (
    <label class="check">
      <input
        type="checkbox"
        checked={now[name]}
        onChange={(event) => {
          keepCalm({ [name]: event.currentTarget.checked });
        }}
      />
      <span>{word}</span>
    </label>
  );
  return (
    <>
      {box("tone", say.tone)}
      {speaks.value && box("voice", say.voice)}
    </>
  );
}
