/** One more way in, or new words: made on this device first, then confirmed by the ways in that there are. */

import { useSignal } from "@preact/signals";

import type { Key } from "@mindhaven/sdk/browser";

import { api, fault, faultOf, refresh, refused } from "../app.ts";
import { ChooseWords } from "../parts/ChooseWords.tsx";
import { Confirm } from "../parts/Confirm.tsx";
import { Page } from "../parts/Page.tsx";
import { dayText } from "../parts/names.ts";
import { makePasskey } from "../passkeys.ts";
import { fill, words } from "../words.ts";

interface AddWayProps {
  readonly what: "passkey" | "words";
  /** Called with what came of it, "" if nothing did. */
  readonly done: (said: string) => void;
}

const DAY_SECONDS = 86_400;

function Passkey({ made, back }: { made: (key: Key) => void; back: () => void }) {
  const busy = useSignal(false);
  const make = async (): Promise<void> => {
    busy.value = true;
    fault.value = null;
    try {
      const { credential, prf } = await makePasskey();
      if (prf === null) fault.value = { message: words.noPrfMore, hint: null };
      else made({ with: "passkey", credential, prf });
    } catch (error) {
      fault.value = refused(error) ? { message: words.unchanged, hint: null } : faultOf(error);
    }
    busy.value = false;
  };
  return (
    <Page title={words.addPasskey}>
      <p>{words.addPasskeyText}</p>
      <div class="buttons">
        <button type="button" class="button main" disabled={busy.value} onClick={() => void make()}>
          {words.makePasskey}
        </button>
        <button type="button" class="button" onClick={back}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}

export function AddWay({ what, done }: AddWayProps) {
  const fresh = useSignal<Key | null>(null);
  const back = (): void => {
    done("");
  };
  const key = fresh.value;
  if (key !== null) {
    const act = async (opened: readonly Key[]): Promise<void> => {
      const dueAt = await api().addWay(key, opened);
      await refresh();
      const day = dueAt === null ? "" : dayText(Math.floor(dueAt / DAY_SECONDS));
      done(dueAt === null ? words.wayAdded : fill(words.wayWaits, { date: day }));
    };
    return <Confirm title={what === "passkey" ? words.addPasskey : words.newWords} act={act} back={back} />;
  }
  if (what === "passkey") return <Passkey made={(one) => (fresh.value = one)} back={back} />;
  const chosen = (text: string): Promise<void> => {
    fresh.value = { with: "passphrase", words: text };
    return Promise.resolve();
  };
  return <ChooseWords done={chosen} back={back} />;
}
