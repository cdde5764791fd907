/** Breathing with a count, in 4 and out 6, for as long as was chosen; it ends by itself and asks nothing. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

import { fill } from "../../words.ts";
import { useFrames, wantsStill } from "./frames.ts";
import { NoteIt } from "./NoteIt.tsx";
import { Ring, Steps, radiusAt } from "./Ring.tsx";
import { HERTZ, hush, speakAloud, tone, useSilence } from "./sound.ts";
import { Sounds, calmChoices, keepCalm } from "./Sounds.tsx";
import { MINUTES, breathAt, clockText, fullAt, leftAt, noted, overAt, type Breath } from "./timing.ts";
import { say } from "./words.ts";

/** A ring at rest is half full. */
const AT_REST = 0.5;

interface BreathingProps {
  /** Whether it can be noted afterwards. */
  readonly notes: boolean;
  /** What stands below while nobody breathes. */
  readonly children?: ComponentChildren;
}

export function Breathing({ notes, children }: BreathingProps) {
  const going = useSignal(false);
  const still = useSignal(wantsStill());
  const breath = useSignal<Breath>(breathAt(0));
  const radius = useSignal(radiusAt(AT_REST));
  const left = useSignal(0);
  /** How many seconds were breathed last; null: not yet. */
  const breathed = useSignal<number | null>(null);
  const seconds = useRef(0);
  const { minutes } = calmChoices();

  useSilence();
  const begins = ({ phase, of }: Breath): void => {
    const chosen = calmChoices();
    if (chosen.tone) tone(HERTZ[phase], of);
    if (chosen.voice) speakAloud(say[phase]);
  };
  const show = (): void => {
    const next = breathAt(seconds.current);
    const turned = next.phase !== breath.peek().phase;
    if (turned || next.count !== breath.peek().count) breath.value = next;
    if (turned) begins(next);
    if (!still.peek()) radius.value = radiusAt(fullAt(seconds.current));
    left.value = leftAt(seconds.current, minutes);
  };
  const stop = (): void => {
    hush();
    going.value = false;
    breathed.value = seconds.current;
    radius.value = radiusAt(AT_REST);
  };
  const start = (): void => {
    still.value = wantsStill();
    seconds.current = 0;
    breathed.value = null;
    breath.value = breathAt(0);
    show();
    begins(breath.value);
    going.value = true;
  };
  useFrames(going.value, (passed) => {
    if (!going.peek()) return; // stopped, and the frame that was asked for before came still
    seconds.current += passed;
    if (overAt(seconds.current, minutes)) stop();
    else show();
  });

  const word = say[breath.value.phase];
  const toNote = breathed.value === null ? null : noted(breathed.value);
  return (
    <>
      <Ring radius={radius} count={going.value ? String(breath.value.count) : ""} word={going.value ? word : say.inOut} />
      {going.value && still.value && <Steps breath={breath.value} />}
      <p class="hidden" role="status">
        {going.value ? word : breathed.value === null ? "" : say.over}
      </p>
      <p class="breath-line soft" aria-hidden="true">
        {going.value ? fill(say.left, { time: clockText(left.value) }) : breathed.value === null ? say.stopText : say.over}
      </p>
      <div class="buttons centred">
        <button type="button" class={going.value ? "button" : "button main"} onClick={going.value ? stop : start}>
          {going.value ? say.stop : say.start}
        </button>
        {notes && !going.value && toNote !== null && <NoteIt minutes={toNote} activity={say.breathing} />}
      </div>
      {!going.value && (
        <>
          <h2>{say.howLong}</h2>
          <div class="chips">
            {MINUTES.map((one) => (
              <button
                key={one}
                type="button"
                class="button"
                aria-pressed={minutes === one}
                onClick={() => {
                  keepCalm({ minutes: one });
                }}
              >
                {one === 1 ? say.minute : fill(say.minutes, { n: String(one) })}
              </button>
            ))}
          </div>
          <Sounds />
        </>
      )}
      {!going.value && children}
    </>
  );
}
