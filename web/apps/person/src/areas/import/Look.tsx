/** What a file holds, before anything is written: how many, from when to when, the first of them, what can't be read. */

import { useSignal } from "@preact/signals";

import type { FirstShown, LookedInto, Telling } from "../../engine/imports.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { noteOf } from "../../moods.ts";
import { momentText } from "../../parts/dates.ts";
import { Field } from "../../parts/Field.tsx";
import { partName } from "../../parts/names.ts";
import { Page } from "../../parts/Page.tsx";
import { titleOf } from "../../parts/saying.ts";
import { fill, words } from "../../words.ts";
import { language } from "../../words/language.ts";
import { countText, isoDayText } from "./counts.ts";
import { say } from "./words.ts";

/** Lines of problems that are listed; all are counted. */
const LISTED = 20;

interface LookProps {
  readonly found: LookedInto;
  readonly told: Telling;
  readonly busy: boolean;
  readonly tell: (more: Partial<Telling>) => void;
  readonly add: () => void;
  readonly back: () => void;
}

function entryOf(one: FirstShown): EntryShown {
  return { ...one, item: "", mine: true, waits: false, error: null, conflict: false, files: [] };
}

function First({ first }: { first: readonly FirstShown[] }) {
  return (
    <>
      <h2>{say.first}</h2>
      <ul class="rows">
        {first.map((one, number) => (
          <li key={number}>
            <div class="grow">
              <strong>{titleOf(entryOf(one))}</strong> <span class="soft small">{momentText(one.createdAt)}</span>
              <div class="entry-text">{noteOf(entryOf(one))}</div>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Problems({ found }: { found: LookedInto }) {
  if (found.problemCount === 0) return null;
  return (
    <details class="fold">
      <summary>{fill(say.problems, { count: countText(found.problemCount) })}</summary>
      <ul class="lines">
        {found.problems.slice(0, LISTED).map(({ line, field, message }, number) => {
          const told = say.problemTexts[message] ?? (language.value === "en" ? message : say.problemOther);
          return <li key={number}>{fill(say.problemLine, { line: String(line), field, message: told })}</li>;
        })}
      </ul>
      {found.problemCount > LISTED && <p class="soft small">{fill(say.problemMore, { count: String(LISTED) })}</p>}
    </details>
  );
}

function Zone({ told, busy, tell }: Pick<LookProps, "told" | "busy" | "tell">) {
  const typed = useSignal(told.zone);
  return (
    <details class="fold">
      <summary>{fill(say.zone, { zone: told.zone })}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          tell({ zone: typed.value.trim(), zoneChosen: true });
        }}
      >
        <Field label={say.zoneLabel} hint={say.zoneText} value={typed.value} change={(text) => (typed.value = text)} />
        <button type="submit" class="button" disabled={busy}>
          {say.zoneUse}
        </button>
      </form>
    </details>
  );
}

export function Look({ found, told, busy, tell, add, back }: LookProps) {
  const { parts, firstDay, lastDay, fresh, here, corrections, edited } = found;
  const any = parts.length > 0;
  const counts = [
    [say.here, here],
    [say.corrections, corrections],
    [say.edited, edited],
  ] as const;
  return (
    <Page title={say.lookTitle}>
      {!any && <p>{say.nothing}</p>}
      {firstDay !== null && lastDay !== null && (
        <p>{fill(say.from, { first: isoDayText(firstDay), last: isoDayText(lastDay) })}</p>
      )}
      <ul class="lines">
        {parts.map(({ part, count }, number) => (
          <li key={number}>{fill(say.partLine, { part: partName(part), count: countText(count) })}</li>
        ))}
      </ul>
      {any && <p>{fresh > 0 ? fill(say.fresh, { count: countText(fresh) }) : say.nothingNew}</p>}
      {counts.map(([text, count]) => count > 0 && <p key={text}>{fill(text, { count: countText(count) })}</p>)}
      <Problems found={found} />
      <Zone told={told} busy={busy} tell={tell} />
      {any && <First first={found.first} />}
      <p role="status">{busy ? say.reading : ""}</p>
      <div class="buttons">
        {fresh + corrections > 0 && (
          <button type="button" class="button main" disabled={busy} onClick={add}>
            {say.add}
          </button>
        )}
        <button type="button" class="button" onClick={() => { back(); }}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
