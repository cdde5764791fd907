/** One questionnaire, one question a screen; what was answered is kept, sealed, at each step. */

import { useSignal } from "@preact/signals";

import { checkupBody, optionsOf, serve, type Instrument } from "@mindhaven/kinds";

import { CHECKUP } from "../../kinds.ts";
import { api, attempt, refresh, sync } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { here } from "../../moods.ts";
import { Page } from "../../parts/Page.tsx";
import { useDraft } from "../../parts/drafting.ts";
import { fill, words } from "../../words.ts";
import { language } from "../../words/language.ts";
import { Before } from "./Before.tsx";
import { DRAFT_OF } from "./Checkups.tsx";
import type { Ask } from "./notes.ts";
import { Result } from "./Result.tsx";
import { settle } from "./settle.ts";
import { EMPTY, answered, before, fromDraft, questionOf, raised, toDraft, type Sheet } from "./sheet.ts";
import { Support } from "./Support.tsx";
import { say } from "./words.ts";

interface AskingProps {
  readonly instrument: Instrument;
  /** Who asked for it, if somebody did. */
  readonly ask: Ask | null;
  /** Back to the list. */
  readonly back: () => void;
  readonly done: () => void;
}

type Showing = "before" | "questions" | "support" | "stop" | "result";

export function Asking({ instrument, ask, back, done }: AskingProps) {
  const sheet = serve(instrument, "commercial");
  const { text, change, drop } = useDraft(DRAFT_OF + instrument.id);
  const begun = text.value === "" ? null : fromDraft(instrument, text.value);
  const now = useSignal<Sheet>(begun ?? EMPTY);
  const showing = useSignal<Showing>("before");
  const saved = useSignal<EntryShown["item"] | null>(null);
  const busy = useSignal(false);

  const finish = async (last: Sheet): Promise<void> => {
    busy.value = true;
    const good = await attempt(async () => {
      const body = { ...checkupBody(instrument, last.answers, last.difficulty) };
      saved.value = await api().add({ kind: CHECKUP, ...here(), body });
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    drop();
    showing.value = "result";
    void sync();
  };
  /** Go to where the sheet stands: the next question, or the end. */
  const goOn = (to: Sheet): void => {
    showing.value = "questions";
    if (questionOf(instrument, to) === null) void finish(to);
  };
  /** Take an answer to the question at that place: a second tap on one that is gone already answers nothing. */
  const answer = (at: number, code: number): void => {
    if (at !== now.value.at || showing.value !== "questions") return;
    const item = instrument.items[at];
    const next = answered(instrument, now.value, code);
    now.value = next;
    change(toDraft(next));
    if (item !== undefined && raised(instrument, next, item.linkId)) showing.value = "support";
    else goOn(next);
  };
  const start = (): void => {
    const first = instrument.risk?.items.find((item) => raised(instrument, now.value, item));
    if (first === undefined) goOn(now.value);
    else showing.value = "support"; // begun again: what was answered then is met before anything else
  };

  switch (showing.value) {
    case "before":
      return <Before instrument={sheet} ask={ask} begun={begun !== null} start={(event) => { settle(event); start(); }} back={back} />;
    case "support":
      return <Support carryOn={() => { goOn(now.value); }} />;
    case "stop":
      return (
        <Page title={say.stopTitle}>
          <p>{say.stopText}</p>
          <div class="pair">
            <button type="button" class="button" onClick={back}>
              {say.stopKeep}
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                drop();
                back();
              }}
            >
              {say.stopDrop}
            </button>
          </div>
          <button type="button" class="link" onClick={() => (showing.value = "questions")}>
            {words.back}
          </button>
        </Page>
      );
    case "result":
      return <Result instrument={instrument} ask={ask} item={saved.value ?? ""} done={done} />;
    case "questions":
      break;
  }

  const question = questionOf(instrument, now.value);
  const { at } = now.value;
  const counted = at < instrument.items.length;
  const place = fill(say.place, { n: String(at + 1), all: String(instrument.items.length) });
  const given = question === null ? null : counted ? now.value.answers[question.linkId] : now.value.difficulty;
  return (
    <Page title={question === null ? (say.about[instrument.id] ?? instrument.title) : counted ? place : say.uncounted} quiet>
      {question !== null && (
        <fieldset class="answers" lang={instrument.language} disabled={busy.value}>
          <legend>
            {counted && <span class="block soft">{instrument.stem}</span>}
            <span class="question">{question.text}</span>
          </legend>
          {optionsOf(instrument, question).map((option) => (
            <button
              key={`${question.linkId}/${String(option.code)}`}
              type="button"
              class="choice"
              aria-pressed={given === option.code}
              onClick={(event) => {
                settle(event);
                answer(at, option.code);
              }}
            >
              {option.text}
              {given === option.code && (
                <span class="soft small" lang={language.value}>
                  {" "}
                  ({say.yours})
                </span>
              )}
            </button>
          ))}
        </fieldset>
      )}
      <div class="buttons">
        {question === null && (
          <button type="button" class="button main" disabled={busy.value} onClick={() => void finish(now.value)}>
            {words.save}
          </button>
        )}
        {at > 0 && (
          <button type="button" class="button" onClick={() => (now.value = before(instrument, now.value))}>
            {words.back}
          </button>
        )}
        <button type="button" class="button" onClick={() => (showing.value = "stop")}>
          {say.stop}
        </button>
      </div>
    </Page>
  );
}
