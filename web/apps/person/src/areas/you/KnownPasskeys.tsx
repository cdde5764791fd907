/** The passkeys that the server knows: what each is for, what was noticed of it, and how it is asked for no more. */

import type { Key } from "@mindhaven/sdk/browser";

import { api } from "../../app.ts";
import type { PasskeyShown } from "../../engine/shown.ts";
import { introduce } from "../first/introducing.ts";
import { Confirm } from "./Confirm.tsx";
import { OpenAgain } from "../../parts/OpenAgain.tsx";
import { dateText } from "../../parts/dates.ts";
import { Page } from "../../parts/Page.tsx";
import { tellAccepted } from "../../passkeys.ts";
import { fill, words } from "../../words.ts";
import { say } from "./words.ts";
import { came } from "./AddWay.tsx";


interface KnownPasskeysProps {
  readonly passkeys: readonly PasskeyShown[];
  /** The passkey that this device began with is not among them yet. */
  readonly first: boolean;
  readonly hasWords: boolean;
  readonly begin: (act: PasskeyAct) => void;
}

/** What a person does to one of them, or to the one that the server does not know yet. */
export type PasskeyAct =
  | { readonly what: "remove" | "factor"; readonly one: PasskeyShown }
  | { readonly what: "tell" };

interface PasskeyPageProps {
  readonly act: PasskeyAct;
  readonly changed: (said: string) => void;
}

/** The page of one act: what it means, then the ways in once more. */
export function PasskeyPage({ act: now, changed }: PasskeyPageProps) {
  const back = (): void => {
    changed("");
  };
  if (now.what === "tell") {
    const tell = async (key: Key): Promise<void> => {
      await introduce(key);
      await tellAccepted(await api().accepted());
      changed(say.passkeyTold);
    };
    return (
      <Page title={say.passkeyTell}>
        <p>{say.passkeyTellText}</p>
        <OpenAgain spare={false} opened={tell} />
        <button type="button" class="link" onClick={back}>
          {words.back}
        </button>
      </Page>
    );
  }
  if (now.what === "remove") {
    const remove = async (opened: readonly Key[], here: Key | null): Promise<void> => {
      const dueAt = await api().removePasskey(now.one.id, opened, here);
      await tellAccepted(await api().accepted());
      changed(came(dueAt, say.wayRemoved, say.removeWaits));
    };
    return (
      <Confirm title={say.passkeyRemove} act={remove} back={back}>
        {now.one.unlocks ? say.wayRemoveText : say.passkeyRemoveText}
      </Confirm>
    );
  }
  const { one } = now;
  return (
    <Page title={one.secondFactor ? say.factorOff : say.factorOn}>
      <p>{one.secondFactor ? say.factorOffText : say.factorOnText}</p>
      <OpenAgain
        spare={false}
        opened={async (key) => {
          await api().setSecondFactor(one.id, !one.secondFactor, key);
          changed(say.changesMade);
        }}
      />
      <button type="button" class="link" onClick={back}>
        {words.back}
      </button>
    </Page>
  );
}

export function KnownPasskeys({ passkeys, first, hasWords, begin }: KnownPasskeysProps) {
  if (passkeys.length === 0 && !first) return null;
  return (
    <>
      <h2>{say.passkeysKnown}</h2>
      <ul class="rows">
        {passkeys.map((one) => (
          <li key={one.id}>
            <span class="grow">
              {one.name || say.wayKinds.passkey}
              <br />
              <span class="soft small">
                {fill(say.since, { date: dateText(one.createdAt * 1000) })}
                {one.secondFactor && `. ${say.factorIs}`}
              </span>
            </span>
            {one.noticed && <p class="notice">{say.passkeyNoticed}</p>}
            {(hasWords || one.secondFactor) && (
              <button type="button" class="button" onClick={() => { begin({ what: "factor", one }); }}>
                {one.secondFactor ? say.factorOff : say.factorOn}
              </button>
            )}
            <button type="button" class="button" onClick={() => { begin({ what: "remove", one }); }}>
              {words.remove}
            </button>
          </li>
        ))}
        {first && (
          <li>
            <span class="grow">{say.passkeyFirst}</span>
            <button type="button" class="button" onClick={() => { begin({ what: "tell" }); }}>
              {say.passkeyTell}
            </button>
          </li>
        )}
      </ul>
    </>
  );
}
