/** Guided rest: short texts, a line at a time, which go on by themselves, wait, and go back and forth. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { openPage } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { useFrames } from "./frames.ts";
import { NoteIt } from "./NoteIt.tsx";
import { HERTZ, hush, speakAloud, tone, useSilence } from "./sound.ts";
import { Sounds, calmChoices } from "./Sounds.tsx";
import { lineSeconds, noted } from "./timing.ts";
import { say } from "./words.ts";

const TONE_SECONDS = 4;
type Text = (typeof say.texts)[number];

function Lines({ text, leave }: { text: Text; leave: () => void }) {
  const at = useSignal(0);
  const going = useSignal(true);
  const shownFor = useRef(0);
  const all = useRef(0);
  useSilence();
  const line = text.lines[at.value];

  const sounds = (): void => {
    const now = text.lines[at.peek()];
    const chosen = calmChoices();
    if (now === undefined) return;
    if (chosen.tone) tone(HERTZ.line, TONE_SECONDS);
    if (chosen.voice) speakAloud(now);
  };
  const go = (to: number): void => {
    shownFor.current = 0;
    at.value = to;
    if (to >= text.lines.length) {
      going.value = false;
      hush();
    } else sounds();
  };
  const begun = useRef(false);
  useFrames(going.value, (passed) => {
    if (!begun.current) sounds();
    begun.current = true;
    shownFor.current += passed;
    all.current += passed;
    if (shownFor.current >= lineSeconds(text.lines[at.peek()] ?? "")) go(at.peek() + 1);
  });

  if (line === undefined) {
    const minutes = noted(all.current);
    return (
      <Page title={text.title}>
        <p class="rest-line">{say.restEnd}</p>
        {minutes !== null && <NoteIt minutes={minutes} activity={text.title} />}
        <div class="buttons">
          <button type="button" class="button main" onClick={leave}>
            {say.end}
          </button>
        </div>
      </Page>
    );
  }
  const wait = (): void => {
    going.value = !going.value;
    if (!going.value) hush();
  };
  return (
    <Page title={text.title} quiet>
      <p class="rest-line" role="status">
        <span key={at.value}>{line}</span>
      </p>
      <div class="buttons">
        <button type="button" class="button main" onClick={wait}>
          {going.value ? say.pause : say.goOn}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            go(Math.max(0, at.value - 1));
          }}
        >
          {say.lineBefore}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            go(at.value + 1);
          }}
        >
          {say.next}
        </button>
        <button type="button" class="button" onClick={leave}>
          {say.stop}
        </button>
      </div>
    </Page>
  );
}

export function Rest() {
  const chosen = useSignal<number | null>(null);
  const text = chosen.value === null ? undefined : say.texts[chosen.value];
  if (text !== undefined) return <Lines text={text} leave={() => (chosen.value = null)} />;
  return (
    <Page title={say.rest}>
      <p>{say.restText}</p>
      {say.texts.map((one, number) => (
        <button key={number} type="button" class="choice" onClick={() => (chosen.value = number)}>
          <strong>{one.title}</strong>
          {one.about}
        </button>
      ))}
      <Sounds />
      <div class="buttons">
        <button
          type="button"
          class="button"
          onClick={() => {
            openPage("calm");
          }}
        >
          {words.back}
        </button>
      </div>
    </Page>
  );
}
