/** The ways in: which there are, what waits and how to stop it, one more passkey, new words, a code beside them. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../app.ts";
import type { PasskeyShown, WaysShown } from "../engine/shown.ts";
import { Page } from "../parts/Page.tsx";
import { passkeysWork } from "../passkeys.ts";
import { fill, words } from "../words.ts";
import { AddPasskey, NewWords } from "./AddWay.tsx";
import { Code } from "./Code.tsx";
import { KnownPasskeys, PasskeyPage, type PasskeyAct } from "./KnownPasskeys.tsx";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

type Doing = "passkey" | "words" | "code" | PasskeyAct | null;

export function WaysIn({ done }: { done: () => void }) {
  const ways = useSignal<WaysShown | null>(null);
  const passkeys = useSignal<readonly PasskeyShown[]>([]);
  const first = useSignal(false);
  const doing = useSignal<Doing>(null);
  const said = useSignal("");
  const load = (): Promise<boolean> =>
    attempt(async () => {
      ways.value = await api().ways();
      passkeys.value = await api().passkeys();
      first.value = await api().unintroduced();
    });
  useEffect(() => void load(), []);

  const after = (text: string): void => {
    said.value = text;
    doing.value = null;
    void load();
  };
  const stop = async (id: string): Promise<void> => {
    const good = await attempt(() => api().stopChange(id));
    if (good) after(words.changeStopped);
  };

  const there = ways.value;
  const hasWords = there?.kinds.includes("passphrase") === true;
  const wordsTitle = hasWords ? words.changeWords : words.newWords;
  if (doing.value === "code") return <Code on={there?.code === true} done={after} />;
  if (doing.value === "passkey") return <AddPasskey hasWords={hasWords} done={after} />;
  if (doing.value === "words") return <NewWords title={wordsTitle} done={after} />;
  if (doing.value !== null) return <PasskeyPage act={doing.value} changed={after} />;
  return (
    <Page title={words.waysIn}>
      <p role="status">{said.value}</p>
      <ul class="rows">
        {there?.kinds.map((kind, number) => <li key={number}>{words.wayKinds[kind]}</li>)}
      </ul>
      {there?.waiting.map((one) => (
        <div key={one.id} class="notice">
          <p>{fill(words.changeWaits, { date: WHEN.format(one.dueAt * 1000) })}</p>
          <button type="button" class="button" onClick={() => void stop(one.id)}>
            {words.stopChange}
          </button>
        </div>
      ))}
      <KnownPasskeys
        passkeys={passkeys.value}
        first={first.value}
        hasWords={hasWords}
        begin={(act) => (doing.value = act)}
      />
      {there !== null && (
        <div class="buttons">
          {passkeysWork() && (
            <button type="button" class="button" onClick={() => (doing.value = "passkey")}>
              {words.addPasskey}
            </button>
          )}
          <button type="button" class="button" onClick={() => (doing.value = "words")}>
            {wordsTitle}
          </button>
          {hasWords && (
            <button type="button" class="button" onClick={() => (doing.value = "code")}>
              {there.code ? words.codeOff : words.codeOn}
            </button>
          )}
        </div>
      )}
      <button type="button" class="link" onClick={done}>
        {words.back}
      </button>
    </Page>
  );
}
