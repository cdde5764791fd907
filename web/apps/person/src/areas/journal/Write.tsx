/** Writing an entry of the journal, or changing one; every letter is kept, sealed, within half a second. */

import type { UnplacedFile } from "@mindhaven/sdk";
import { useSignal } from "@preact/signals";

import { JOURNAL } from "../../kinds.ts";
import { api, attempt, fault, refresh, sync } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { here } from "../../moods.ts";
import { Field } from "../../parts/Field.tsx";
import { useDraft } from "../../parts/drafting.ts";
import { words } from "../../words.ts";
import { Attach, waitingFor } from "./Attach.tsx";
import { bodyOf, fromDraft, pageOf } from "./journal.ts";
import { say } from "./words.ts";

interface WriteProps {
  /** What is changed; absent: a new entry. */
  readonly entry?: EntryShown;
  readonly saved: () => void;
}

export function Write({ entry, saved }: WriteProps) {
  const name = entry?.item ?? JOURNAL;
  const { text, change, drop } = useDraft(name);
  const attached = useSignal<readonly UnplacedFile[]>([]);
  const attaching = useSignal(false);
  const question = useSignal<number | null>(null);
  const busy = useSignal(false);
  const page = fromDraft(text.value) ?? pageOf(entry?.body ?? null);
  const prompt = question.value === null ? undefined : say.prompts[question.value % say.prompts.length];

  const type = (typed: Partial<typeof page>): void => {
    const next = { ...page, ...typed };
    change(next.title === "" && next.text === "" ? "" : JSON.stringify(next));
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (page.text.trim() === "" && attached.value.length === 0) {
      fault.value = { message: say.empty, hint: null };
      return;
    }
    busy.value = true;
    const good = await attempt(async () => {
      const files = attached.value.map((one) => one.id);
      if (entry === undefined) await api().add({ kind: JOURNAL, ...here(), body: bodyOf(page, null) }, files);
      else {
        const { createdAt, zone } = entry;
        await api().revise(entry.item, { kind: JOURNAL, createdAt, zone, body: bodyOf(page, entry.body) }, files);
      }
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    drop();
    attached.value = [];
    question.value = null;
    saved();
    void sync();
  };

  return (
    <form onSubmit={(event) => void save(event)}>
      {prompt !== undefined && (
        <p class="lead" role="status">
          {prompt}
        </p>
      )}
      <Field
        label={say.label}
        prose
        long
        value={page.text}
        change={(typed) => {
          type({ text: typed });
        }}
      />
      <Field
        label={say.heading}
        prose
        maxLength={500}
        value={page.title}
        change={(typed) => {
          type({ title: typed });
        }}
      />
      <Attach waiting={waitingFor(name)} attached={attached.value} change={(to) => (attached.value = to)} busy={(is) => (attaching.value = is)} />
      <div class="buttons">
        <button type="submit" class="button main" disabled={busy.value || attaching.value}>
          {busy.value ? words.working : say.save}
        </button>
        {entry === undefined && (
          <button type="button" class="button" onClick={() => (question.value = (question.value ?? -1) + 1)}>
            {say.prompt}
          </button>
        )}
      </div>
    </form>
  );
}
