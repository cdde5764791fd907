/** The passkeys that the server knows: what each is for, what was noticed of it, and how it is asked for no more. */

import { useSignal } from "@preact/signals";

import { api } from "../app.ts";
import type { PasskeyShown } from "../engine/shown.ts";
import { OpenAgain } from "../parts/OpenAgain.tsx";
import { tellAccepted } from "../passkeys.ts";
import { fill, words } from "../words.ts";

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

interface KnownPasskeysProps {
  readonly passkeys: readonly PasskeyShown[];
  readonly hasWords: boolean;
  readonly changed: (said: string) => void;
}

type Doing = { readonly what: "remove" | "factor"; readonly one: PasskeyShown } | null;

export function KnownPasskeys({ passkeys, hasWords, changed }: KnownPasskeysProps) {
  const doing = useSignal<Doing>(null);
  const now = doing.value;
  if (passkeys.length === 0) return null;
  if (now !== null) {
    const { what, one } = now;
    return (
      <>
        <h2>{one.name || words.wayKinds.passkey}</h2>
        <p>{what === "remove" ? words.passkeyRemoveText : one.secondFactor ? words.factorOffText : words.factorOnText}</p>
        <OpenAgain
          spare={false}
          opened={async (key) => {
            if (what === "remove") await api().removePasskey(one.id, key);
            else await api().setSecondFactor(one.id, !one.secondFactor, key);
            await tellAccepted(await api().accepted());
            changed(words.changesMade);
          }}
        />
        <button type="button" class="link" onClick={() => (doing.value = null)}>
          {words.back}
        </button>
      </>
    );
  }
  return (
    <>
      <h2>{words.passkeysKnown}</h2>
      <ul class="rows">
        {passkeys.map((one) => (
          <li key={one.id}>
            <span class="grow">
              {one.name || words.wayKinds.passkey}
              <br />
              <span class="soft small">
                {fill(words.since, { date: DATE.format(one.createdAt * 1000) })}
                {one.secondFactor && `. ${words.factorIs}`}
              </span>
              {one.noticed && <span class="notice">{words.passkeyNoticed}</span>}
            </span>
            {(hasWords || one.secondFactor) && (
              <button type="button" class="button" onClick={() => (doing.value = { what: "factor", one })}>
                {one.secondFactor ? words.factorOff : words.factorOn}
              </button>
            )}
            {!one.unlocks && (
              <button type="button" class="button" onClick={() => (doing.value = { what: "remove", one })}>
                {words.remove}
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
