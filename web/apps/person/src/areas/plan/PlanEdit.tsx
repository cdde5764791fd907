/** Writing the plan: every part on one page, one thing a line; kept, sealed, while it is written. */

import { useSignal } from "@preact/signals";

import { PLAN } from "../../kinds.ts";
import { api, attempt, entries, fault, refresh, show, sync } from "../../app.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { useDraft } from "../../parts/drafting.ts";
import { here } from "../../moods.ts";
import { words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { PARTS, bodyOf, isPeople, newestPlan, writtenOf, type Part, type Written } from "./plan.ts";
import { say } from "./words.ts";

const DRAFT = "plan";

/** Return a draft of this page, null for what is none. */
function begunPlan(text: string): Written | null {
  try {
    const begun: unknown = JSON.parse(text);
    if (typeof begun !== "object" || begun === null) return null;
    const lines = begun as Readonly<Record<string, unknown>>;
    const parts = PARTS.map((part) => [part, typeof lines[part] === "string" ? lines[part] : ""]);
    return Object.fromEntries(parts) as Written;
  } catch {
    return null;
  }
}

export function PlanEdit({ done }: PageProps) {
  const before = newestPlan(entries.value);
  const { text, change, drop } = useDraft(DRAFT);
  const busy = useSignal(false);
  const written = begunPlan(text.value) ?? writtenOf(before?.body ?? null);

  const type = (part: Part) => (typed: string): void => {
    change(JSON.stringify({ ...written, [part]: typed }));
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const body = bodyOf(written, before?.body ?? null);
    if (PARTS.every((part) => body[part] === undefined)) {
      fault.value = { message: say.empty, hint: null };
      return;
    }
    busy.value = true;
    const good = await attempt(async () => {
      const entry = { kind: PLAN, body, ...here() };
      if (before === null) await api().add(entry);
      else await api().revise(before.item, entry);
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    drop();
    show("plan");
    void sync();
  };

  return (
    <Page title={say.editTitle}>
      <p>{say.editText}</p>
      <form onSubmit={(event) => void save(event)}>
        {PARTS.map((part) => (
          <Field
            key={part}
            label={say.heads[part]}
            {...(isPeople(part) ? { hint: say.person } : {})}
            prose
            long
            value={written[part]}
            change={type(part)}
          />
        ))}
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value}>
            {words.save}
          </button>
          <button type="button" class="button" onClick={done}>
            {words.back}
          </button>
        </div>
      </form>
    </Page>
  );
}
