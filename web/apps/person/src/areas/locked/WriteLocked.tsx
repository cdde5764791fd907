/** Writing or changing a locked entry; what is typed is kept under the lock, too, within half a second. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { JOURNAL } from "../../kinds.ts";
import { fault, quietly } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { here } from "../../moods.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { bodyOf, fromDraft, pageOf } from "../journal/journal.ts";
import { locker, tried } from "./locker.ts";
import { say } from "./words.ts";

/** How long after the last key what was typed is sealed. */
const DRAFT_AFTER_MS = 400;

interface Props {
  /** What is changed; null: a new entry. */
  readonly entry: EntryShown | null;
  readonly done: () => void;
  readonly back: () => void;
}

export function WriteLocked({ entry, done, back }: Props) {
  const item = entry?.item ?? null;
  const page = useSignal(pageOf(entry?.body ?? null));
  const busy = useSignal(false);
  const timer = useRef(0);
  const keep = (): void => {
    clearTimeout(timer.current);
    timer.current = 0;
    const { title, text } = page.value;
    void quietly(() => locker("keepDraft", item, title === "" && text === "" ? "" : JSON.stringify({ title, text })));
  };
  useEffect(() => {
    void quietly(async () => {
      page.value = fromDraft(await locker("draft", item)) ?? page.value;
    });
    return () => {
      if (timer.current !== 0) keep(); // the last words, before the page closes the lock
    };
  }, []);
  const type = (typed: Partial<typeof page.value>): void => {
    page.value = { ...page.value, ...typed };
    clearTimeout(timer.current);
    timer.current = window.setTimeout(keep, DRAFT_AFTER_MS);
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (page.value.text.trim() === "") {
      fault.value = { message: say.empty, hint: null };
      return;
    }
    clearTimeout(timer.current);
    timer.current = 0;
    busy.value = true;
    const when = entry === null ? here() : { createdAt: entry.createdAt, zone: entry.zone };
    const body = bodyOf(page.value, entry?.body ?? null);
    const good = await tried(() => locker("write", { kind: entry?.kind ?? JOURNAL, ...when, body }, item));
    busy.value = false;
    if (good) done();
  };
  return (
    <Page title={entry === null ? say.write : say.edit}>
      <form onSubmit={(event) => void save(event)}>
        <Field
          label={say.label}
          prose
          long
          value={page.value.text}
          change={(text) => {
            type({ text });
          }}
        />
        <Field
          label={say.heading}
          prose
          maxLength={500}
          value={page.value.title}
          change={(title) => {
            type({ title });
          }}
        />
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value}>
            {busy.value ? words.working : say.save}
          </button>
          <button type="button" class="button" onClick={back}>
            {words.back}
          </button>
        </div>
      </form>
    </Page>
  );
}
