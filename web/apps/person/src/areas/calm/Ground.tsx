/** Grounding by the senses: one step a page. What is typed lives on this page only, unless it is kept at the end. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { openPage } from "../../app.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { NoteIt } from "./NoteIt.tsx";
import { noted } from "./timing.ts";
import { say } from "./words.ts";

const SECOND_MS = 1000;
/** Who went through five steps gave it some time, however quick. */
const LEAST_MINUTES = 0.5;

export function Ground() {
  const at = useSignal(0);
  const typed = useSignal<readonly string[]>(say.steps.map(() => ""));
  const begunAt = useRef(performance.now());
  const step = say.steps[at.value];
  const leave = (): void => {
    openPage("calm");
  };
  if (step === undefined) {
    const minutes = noted((performance.now() - begunAt.current) / SECOND_MS) ?? LEAST_MINUTES;
    const note = typed.value.map((one) => one.trim()).filter((one) => one !== "").join("\n");
    return (
      <Page title={say.groundEnd}>
        {note !== "" && <p>{say.groundKeep}</p>}
        <NoteIt minutes={minutes} activity={say.ground} note={note} />
        <div class="buttons">
          <button type="button" class="button main" onClick={leave}>
            {say.end}
          </button>
          <button type="button" class="button" onClick={() => (at.value -= 1)}>
            {words.back}
          </button>
        </div>
      </Page>
    );
  }
  return (
    <Page title={step.title}>
      <p class="lead">{step.text}</p>
      <Field
        key={at.value}
        label={say.groundWrite}
        hint={say.groundWriteText}
        prose
        long
        value={typed.value[at.value] ?? ""}
        change={(text) => (typed.value = typed.value.map((one, number) => (number === at.value ? text : one)))}
      />
      <div class="buttons">
        <button type="button" class="button main" onClick={() => (at.value += 1)}>
          {say.next}
        </button>
        {at.value > 0 && (
          <button type="button" class="button" onClick={() => (at.value -= 1)}>
            {words.back}
          </button>
        )}
        <button type="button" class="button" onClick={leave}>
          {say.stop}
        </button>
      </div>
    </Page>
  );
}
