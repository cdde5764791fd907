/** One person: what they can read and until when, how to stop it, what they share, and the words to compare. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt, refresh } from "../../app.ts";
import type { ContactShown, EntryShown } from "../../engine/shown.ts";
import { CheckupsAsked } from "../index.ts";
import { REQUEST } from "../../kinds.ts";
import { Page } from "../../parts/Page.tsx";
import { partName } from "../../parts/names.ts";
import { shareText } from "./terms.ts";
import { fill, words } from "../../words.ts";
import { say } from "./words.ts";
import { Agreed } from "./Agreed.tsx";
import { say as agreedWords } from "./agreed.ts";
import { Seen } from "./Seen.tsx";
import { Share } from "./Share.tsx";

export function Person({ person, done }: { person: ContactShown; done: () => void }) {
  const sharing = useSignal(false);
  const agreed = useSignal(false);
  const stopping = useSignal<string | null>(null);
  const said = useSignal("");
  const compare = useSignal("");
  const theirs = useSignal<readonly EntryShown[]>([]);
  useEffect(() => {
    void attempt(async () => {
      compare.value = await api().safetyWords(person.uid);
      if (person.shares.length > 0) theirs.value = (await api().entries(person.uid)).filter((one) => one.kind !== REQUEST);
      const parts = [...new Set(theirs.value.map((one) => one.part))];
      if (parts.length > 0) void api().reportOpened(person.uid, parts);
    });
  }, [person.uid, person.shares.length]);

  const stop = async (part: string): Promise<void> => {
    const good = await attempt(async () => {
      await api().stopSharing(part, person.uid);
      await refresh();
    });
    if (!good) return;
    stopping.value = null;
    said.value = fill(say.stopped, { name: person.name });
  };

  const shared = (text: string): void => {
    said.value = text;
    sharing.value = false;
  };

  if (agreed.value) return <Agreed person={person} done={() => (agreed.value = false)} />;
  if (sharing.value) return <Share person={person} done={shared} />;
  if (stopping.value !== null) {
    const part = stopping.value;
    return (
      <Page title={fill(say.stopTitle, { name: person.name })}>
        <p>{say.stopText}</p>
        <div class="pair">
          <button type="button" class="button" onClick={() => void stop(part)}>
            {fill(say.stopSharing, { part: partName(part) })}
          </button>
          <button type="button" class="button" onClick={() => (stopping.value = null)}>
            {say.keep}
          </button>
        </div>
      </Page>
    );
  }
  return (
    <Page title={person.name}>
      {said.value !== "" && (
        <p class="notice" role="status">
          {said.value}
        </p>
      )}
      <ul class="rows">
        {person.reads.map((one) => (
          <li key={one.part}>
            <span class="grow">
              {fill(say.canRead, { parts: partName(one.part) })}
              <br />
              <span class="soft small">
                {shareText(one)}
              </span>
            </span>
            <button type="button" class="button" onClick={() => (stopping.value = one.part)}>
              {fill(say.stopSharing, { part: partName(one.part) })}
            </button>
          </li>
        ))}
      </ul>
      <div class="buttons">
        <button type="button" class="button main" onClick={() => (sharing.value = true)}>
          {say.shareSomething}
        </button>
        <button type="button" class="button" onClick={() => (agreed.value = true)}>
          {agreedWords.open}
        </button>
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
      <CheckupsAsked of={person.uid} />
      <h2>{say.compare}</h2>
      <p>{fill(say.compareText, { name: person.name })}</p>
      {compare.value !== "" && <p class="words">{compare.value}</p>}
      <p class="soft small">{say.keysLogged[person.keys]}</p>
      {theirs.value.length > 0 && (
        <>
          <h2>{fill(say.readFrom, { name: person.name })}</h2>
          <p class="soft small">{fill(say.theyKnow, { name: person.name })}</p>
          <Seen theirs entries={theirs.value} />
        </>
      )}
    </Page>
  );
}
