/** Sharing one part: what, from when, until when, then the agreement, each a page with one question. */

import { useSignal } from "@preact/signals";

import { api, attempt, entries, refresh } from "../app.ts";
import type { ContactShown } from "../engine/shown.ts";
import { Page } from "../parts/Page.tsx";
import { monthBack, partName, shareText, todayNumber } from "../parts/names.ts";
import { fill, words } from "../words.ts";

const DAYS = 90;
const DAY_MS = 86_400_000;

type Step = "what" | "from" | "until" | "agree";

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function Share({ person, done }: { person: ContactShown; done: (said: string) => void }) {
  const step = useSignal<Step>("what");
  const part = useSignal("");
  const since = useSignal(0);
  const until = useSignal(todayNumber() + DAYS);
  const busy = useSignal(false);
  const parts = [...new Set(entries.value.map((one) => one.part))];
  const name = person.name;

  const text = shareText({ since: since.value, until: until.value });
  const without = (): void => {
    done("");
  };
  const agree = async (): Promise<void> => {
    busy.value = true;
    const good = await attempt(async () => {
      await api().share(part.value, person.uid, since.value, until.value, text);
      await refresh();
    });
    busy.value = false;
    if (good) done(fill(words.shared, { name, part: partName(part.value) }));
  };

  switch (step.value) {
    case "what":
      return (
        <Page title={fill(words.shareWhat, { name })}>
          {parts.map((one) => (
            <button
              key={one}
              type="button"
              class="choice"
              onClick={() => {
                part.value = one;
                step.value = "from";
              }}
            >
              <strong>{partName(one)}</strong>
              {entries.value.filter((entry) => entry.part === one).length}
            </button>
          ))}
          {parts.length === 0 && <p class="soft">{words.nothingYet}</p>}
          <p>{words.shareLess}</p>
          <button type="button" class="link" onClick={without}>
            {words.back}
          </button>
        </Page>
      );
    case "from":
      return (
        <Page title={words.shareFrom}>
          {[
            { word: words.thisMonth, month: monthBack(0) },
            { word: words.lastThree, month: monthBack(2) },
            { word: words.everything, month: 0 },
          ].map(({ word, month }) => (
            <button
              key={word}
              type="button"
              class="choice"
              onClick={() => {
                since.value = month;
                step.value = "until";
              }}
            >
              <strong>{word}</strong>
            </button>
          ))}
          <button type="button" class="link" onClick={() => (step.value = "what")}>
            {words.back}
          </button>
        </Page>
      );
    case "until":
      return (
        <Page title={words.shareUntil}>
          <label class="field">
            <span>{words.lastDay}</span>
            <input
              type="date"
              required
              min={dateOf(todayNumber())}
              value={dateOf(until.value)}
              onInput={(event) => {
                const day = Math.floor(event.currentTarget.valueAsNumber / DAY_MS);
                if (Number.isSafeInteger(day) && day >= todayNumber()) until.value = day;
              }}
            />
          </label>
          <div class="buttons">
            <button type="button" class="button main" onClick={() => (step.value = "agree")}>
              {words.next}
            </button>
            <button type="button" class="button" onClick={() => (step.value = "from")}>
              {words.back}
            </button>
          </div>
        </Page>
      );
    case "agree":
      return (
        <Page title={fill(words.shareConfirm, { part: partName(part.value), name })}>
          <p>{text}</p>
          <div class="pair">
            <button type="button" class="button" disabled={busy.value} onClick={() => void agree()}>
              {busy.value ? words.working : words.shareYes}
            </button>
            <button type="button" class="button" disabled={busy.value} onClick={without}>
              {words.shareNo}
            </button>
          </div>
        </Page>
      );
  }
}
