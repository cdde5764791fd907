/** Writing or changing a locked entry; what is typed is kept under the lock, too, within half a second. */

import type { UnplacedFile } from "@mindhaven/sdk";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { JOURNAL } from "../../kinds.ts";
import { fault, quietly } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { here } from "../../moods.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { Attach, type Waiting } from "../journal/Attach.tsx";
import { bodyOf, fromDraft, pageOf } from "../journal/journal.ts";
import { locker, tried } from "./locker.ts";
import { say } from "./words.ts";

/** How long after the last key what was typed is sealed. */
const DRAFT_AFTER_MS = 400;

/** What is attached waits under the lock, as what is typed does. */
function waitingUnder(item: string | null): Waiting {
  return {
    attach: (file) => locker("attach", file, item),
    shown: () => locker("waiting", item),
    read: (id) => locker("readWaiting", id),
    putAway: (id) => locker("putAway", id),
  };
}

interface Props {
  /** What is changed; null: a new entry. */
  readonly entry: EntryShown | null;
  readonly done: () => void;
  readonly back: () => void;
}

export function WriteLocked({ entry, done, back }: Props) {
  const item = entry?.item ?? null;
  const page = useSignal(pageOf(entry?.body ?? null));
  const attached = useSignal<readonly UnplacedFile[]>([]);
  const attaching = useSignal(false);
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
    if (page.value.text.trim() === "" && attached.value.length === 0) {
      fault.value = { message: say.empty, hint: null };
      return;
    }
    clearTimeout(timer.current);
    timer.current = 0;
    busy.value = true;
    const when = entry === null ? here() : { createdAt: entry.createdAt, zone: entry.zone };
    const body = bodyOf(page.value, entry?.body ?? null);
    const files = attached.value.map((one) => one.id);
    const good = await tried(() => locker("write", { kind: entry?.kind ?? JOURNAL, ...when, body }, item, files));
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
        <Attach
          waiting={waitingUnder(item)}
          attached={attached.value}
          change={(to) => (attached.value = to)}
          busy={(is) => (attaching.value = is)}
        />
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value || attaching.value}>
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
