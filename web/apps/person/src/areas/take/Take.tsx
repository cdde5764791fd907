/** Take everything: one's entries as a file, made on this device; what was attached; and the way to delete everything. */

import { useSignal } from "@preact/signals";

import { api, attempt, entries, fault, openPage } from "../../app.ts";
import type { Form } from "../../engine/giving.ts";
import { localDay } from "../../parts/dates.ts";
import { partName } from "../../parts/names.ts";
import { Page } from "../../parts/Page.tsx";
import { saveAs } from "../../parts/saving.ts";
import { fill, words } from "../../words.ts";
import { locale } from "../../words/language.ts";
import type { PageProps } from "../index.ts";
import { AttachedFiles } from "./AttachedFiles.tsx";
import { LockedOut } from "./LockedOut.tsx";
import { FORMS, asksOfJournal, attachedTo, fileName, partsOf, type PartCounted } from "./taking.ts";
import { say } from "./words.ts";

function countText(count: number): string {
  return count.toLocaleString(locale());
}

function Parts({ parts, without, change }: { parts: readonly PartCounted[]; without: readonly string[]; change: (part: string) => void }) {
  const some = parts.length - without.length;
  const chosen = without.length === 0 ? say.allParts : fill(say.someParts, { some: String(some), all: String(parts.length) });
  return (
    <details class="fold details">
      <summary>
        {say.parts}: {chosen}
      </summary>
      {parts.map(({ part, open, shut }) => (
        <label key={part} class="check">
          <input
            type="checkbox"
            checked={!without.includes(part)}
            onChange={() => {
              change(part);
            }}
          />
          <span>{fill(say.partLine, { part: partName(part), count: countText(open + shut) })}</span>
        </label>
      ))}
    </details>
  );
}

/** What of the chosen parts does not open, and so is in no file. */
function Shut({ parts }: { parts: readonly PartCounted[] }) {
  const found = parts.filter((one) => one.shut > 0);
  if (found.length === 0) return null;
  return (
    <div class="notice">
      <p>{say.shut}</p>
      <ul class="lines">
        {found.map(({ part, shut }) => (
          <li key={part}>{fill(say.partLine, { part: partName(part), count: countText(shut) })}</li>
        ))}
      </ul>
    </div>
  );
}

export function Take({ done }: PageProps) {
  const form = useSignal<Form>("page");
  const without = useSignal<readonly string[]>([]);
  const journal = useSignal(false);
  const busy = useSignal(false);
  const said = useSignal("");
  const parts = partsOf(entries.value);
  const chosen = parts.filter((one) => !without.value.includes(one.part));
  const asks = asksOfJournal(form.value, entries.value, without.value);

  const change = (part: string): void => {
    const rest = without.value.filter((one) => one !== part);
    without.value = rest.length < without.value.length ? rest : [...rest, part];
    said.value = "";
  };
  const make = async (): Promise<void> => {
    said.value = "";
    if (chosen.length === 0) {
      fault.value = { message: say.pickPart, hint: null };
      return;
    }
    busy.value = true;
    await attempt(async () => {
      const madeAt = Date.now();
      const name = fileName(form.value, localDay(madeAt));
      const wanted = { form: form.value, parts: chosen.map((one) => one.part), journalInFhir: asks && journal.value, madeAt };
      const given = await api().give(wanted);
      saveAs(given.file, name);
      const left = given.journalLeftOut > 0 ? ` ${fill(say.leftOut, { count: countText(given.journalLeftOut) })}` : "";
      said.value = fill(say.made, { name, count: countText(given.entries) }) + left;
    });
    busy.value = false;
  };

  return (
    <Page title={say.title}>
      <p>{say.lead}</p>
      {parts.length === 0 && <p>{say.nothing}</p>}
      {parts.length > 0 && (
        <>
          <h2>{say.which}</h2>
          {FORMS.map((one) => (
            <button
              key={one}
              type="button"
              class="choice"
              aria-pressed={form.value === one}
              onClick={() => {
                form.value = one;
                said.value = "";
              }}
            >
              <strong>{say.forms[one].name}</strong>
              {say.forms[one].what}
            </button>
          ))}
          <Parts parts={parts} without={without.value} change={change} />
          {asks && (
            <label class="check">
              <input type="checkbox" checked={journal.value} onChange={() => (journal.value = !journal.value)} />
              <span>
                {say.journal}
                <span class="soft small block">{say.journalText}</span>
              </span>
            </label>
          )}
          <Shut parts={chosen} />
          <LockedOut />
          <p class="notice">{say.notSealed}</p>
          <p role="status">{busy.value ? words.working : said.value}</p>
        </>
      )}
      <div class="buttons">
        {parts.length > 0 && (
          <button type="button" class="button main" disabled={busy.value} onClick={() => void make()}>
            {say.save}
          </button>
        )}
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
      <AttachedFiles files={attachedTo(entries.value)} />
      <h2>{say.leave}</h2>
      <p class="soft">{say.leaveText}</p>
      <button
        type="button"
        class="button"
        onClick={() => {
          openPage("leave");
        }}
      >
        {say.leave}
      </button>
    </Page>
  );
}
