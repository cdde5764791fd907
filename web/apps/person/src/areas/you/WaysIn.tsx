/** The ways in: which there are, what waits and how to stop it, one more passkey, new words, a code beside them. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../../app.ts";
import type { PasskeyShown, WaysShown } from "../../engine/shown.ts";
import { momentText } from "../../parts/dates.ts";
import { Page } from "../../parts/Page.tsx";
import { passkeysWork } from "../../passkeys.ts";
import { fill, words } from "../../words.ts";
import { say } from "./words.ts";
import { AddPasskey, NewWords } from "./AddWay.tsx";
import { Code } from "./Code.tsx";
import { NewSpare } from "./NewSpare.tsx";
import { KnownPasskeys, PasskeyPage, type PasskeyAct } from "./KnownPasskeys.tsx";

type Doing = "spare" | "passkey" | "words" | "code" | PasskeyAct | null;

export function WaysIn({ done }: { done: () => void }) {
  const ways = useSignal<WaysShown | null>(null);
  const passkeys = useSignal<readonly PasskeyShown[]>([]);
  const first = useSignal(false);
  const doing = useSignal<Doing>(null);
  const said = useSignal("");
  const load = (): Promise<boolean> =>
    attempt(async () => {
      await api().act("standing", "settle", []);
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
    if (good) after(say.changeStopped);
  };

  const there = ways.value;
  const hasWords = there?.kinds.includes("passphrase") === true;
  const wordsTitle = hasWords ? say.changeWords : say.newWords;
  if (doing.value === "code") return <Code on={there?.code === true} done={after} />;
  if (doing.value === "passkey") return <AddPasskey hasWords={hasWords} done={after} />;
  if (doing.value === "spare") return <NewSpare done={after} />;
  if (doing.value === "words") return <NewWords title={wordsTitle} done={after} />;
  if (doing.value !== null) return <PasskeyPage act={doing.value} changed={after} />;
  return (
    <Page title={say.waysIn}>
      <p role="status">{said.value}</p>
      <ul class="rows">
        {there?.kinds.map((kind, number) => <li key={number}>{say.wayKinds[kind]}</li>)}
      </ul>
      {there?.waiting.map((one) => (
        <div key={one.id} class="notice">
          <p>{fill(say.changeWaits, { date: momentText(one.dueAt * 1000) })}</p>
          <button type="button" class="button" onClick={() => void stop(one.id)}>
            {say.stopChange}
          </button>
        </div>
      ))}
      <KnownPasskeys
        passkeys={passkeys.value}
        first={first.value}
        hasWords={hasWords}
        begin={(act) => (doing.value = act)}
      />
      <div class="buttons">
        {there !== null && passkeysWork() && (
          <button type="button" class="button" onClick={() => (doing.value = "passkey")}>
            {say.addPasskey}
          </button>
        )}
        {there !== null && (
          <button type="button" class="button" onClick={() => (doing.value = "words")}>
            {wordsTitle}
          </button>
        )}
        {there !== null && (
          <button type="button" class="button" onClick={() => (doing.value = "spare")}>
            {say.newSpare}
          </button>
        )}
        {there !== null && hasWords && (
          <button type="button" class="button" onClick={() => (doing.value = "code")}>
            {there.code ? say.codeOff : say.codeOn}
          </button>
        )}
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
