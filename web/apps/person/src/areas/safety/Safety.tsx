/** Where Exit leads, what the app is called, when it locks, and the person's own words for the faces. */

import { useSignal } from "@preact/signals";

import { choices, choose, fault, openPage, quietly } from "../../app.ts";
import { BLANK, LOOKS, NOWHERE, comfort, comforts, hostExit, mayExitTo } from "../../comforts.ts";
import { USUAL_MINUTES } from "../../idle.ts";
import { moodWords } from "../../parts/Faces.tsx";
import { installing } from "../../install.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { useNoticeWords } from "../reminders/following.ts";
import { say } from "./words.ts";

const MINUTES = [1, USUAL_MINUTES, 5, 15, 0];
/** As long as a word under a face may be on a phone. */
const WORD_LONGEST = 20;

function ExitTo() {
  const host = hostExit();
  const typed = useSignal(comforts.value.exitTo === BLANK ? NOWHERE : comforts.value.exitTo);
  const said = useSignal("");
  const keep = (address: string): void => {
    fault.value = null;
    comfort({ exitTo: address === NOWHERE ? BLANK : address });
    typed.value = address;
    said.value = say.kept;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const address = typed.value.trim();
        said.value = "";
        if (address !== "" && address !== NOWHERE && !mayExitTo(address)) {
          fault.value = { message: say.exitWrong, hint: null };
          return;
        }
        keep(address);
      }}
    >
      <Field
        label={say.exitTo}
        hint={`${say.exitToText} ${host === NOWHERE ? say.exitEmpty : fill(say.exitEmptyHost, { page: host })}`}
        value={typed.value}
        change={(text) => (typed.value = text)}
      />
      <div class="buttons">
        <button type="submit" class="button">
          {say.keep}
        </button>
        {host !== NOWHERE && (
          <button
            type="button"
            class="button"
            onClick={() => {
              keep(NOWHERE);
            }}
          >
            {say.exitBlank}
          </button>
        )}
        <button
          type="button"
          class="button"
          onClick={() => {
            openPage("practice");
          }}
        >
          {say.practise}
        </button>
      </div>
      <p role="status">{said.value}</p>
    </form>
  );
}

function MoodWords() {
  const change = (number: number, text: string): void => {
    const own = moodWords().map((word, at) => (at === number ? text : word));
    void quietly(() => choose("moodWords", own));
  };
  return (
    <>
      <h2>{say.words}</h2>
      {moodWords().map((word, number) => (
        <Field
          key={number}
          label={words.moods[number] ?? ""}
          prose
          maxLength={WORD_LONGEST}
          value={word}
          change={(text) => {
            change(number, text);
          }}
        />
      ))}
      <button type="button" class="button" onClick={() => void quietly(() => choose("moodWords", null))}>
        {say.wordsBack}
      </button>
    </>
  );
}

export function Safety({ done }: PageProps) {
  useNoticeWords();
  const minutes = choices.value.lockAfterMinutes ?? USUAL_MINUTES;
  return (
    <Page title={say.title}>
      <h2>{say.exit}</h2>
      <p>{say.exitText}</p>
      <ExitTo />
      <label class="check">
        <input
          type="checkbox"
          checked={!comforts.value.noShift}
          onChange={(event) => {
            comfort({ noShift: !event.currentTarget.checked });
          }}
        />
        <span>{say.shift}</span>
      </label>
      <h2>{say.look}</h2>
      <p class="soft">{say.lookText}</p>
      <div class="chips">
        {LOOKS.map((one) => (
          <button
            key={one}
            type="button"
            class="button"
            aria-pressed={comforts.value.look === one}
            onClick={() => {
              comfort({ look: one });
            }}
          >
            {say.looks[one]}
          </button>
        ))}
      </div>
      {installing.value !== null && (
        <button
          type="button"
          class="button"
          onClick={() => {
            void installing.value?.prompt();
            installing.value = null;
          }}
        >
          {fill(say.install, { name: say.looks[comforts.value.look] })}
        </button>
      )}
      <h2>{say.lock}</h2>
      <p class="soft">{say.lockText}</p>
      <div class="chips">
        {MINUTES.map((one) => (
          <button
            key={one}
            type="button"
            class="button"
            aria-pressed={minutes === one}
            onClick={() => void quietly(() => choose("lockAfterMinutes", one))}
          >
            {one === 0 ? say.lockNever : one === 1 ? say.lockOne : fill(say.lockAfter, { n: String(one) })}
          </button>
        ))}
      </div>
      <h2>{say.hard}</h2>
      <label class="check">
        <input
          type="checkbox"
          checked={choices.value.noQuietLine !== true}
          onChange={(event) => {
            const off = !event.currentTarget.checked;
            void quietly(() => choose("noQuietLine", off ? true : null));
          }}
        />
        <span>{say.hardShow}</span>
      </label>
      <MoodWords />
      <div class="buttons">
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
