/** One more passkey, or new words: confirmed by the ways in that there are; with the spare key it counts at once. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { Started } from "@mindhaven/sdk";
import type { Key } from "@mindhaven/sdk/browser";

import { api, fault, faultOf, passkeyThere, refresh, refused } from "../../app.ts";
import { deviceName } from "../../device.ts";
import { ChooseWords } from "../first/ChooseWords.tsx";
import { Confirm } from "./Confirm.tsx";
import { Page } from "../../parts/Page.tsx";
import { dayText } from "../../parts/dates.ts";
import { makePasskey, tellAccepted } from "../../passkeys.ts";
import { fill, words } from "../../words.ts";
import { say } from "./words.ts";

/** `done` is called with what came of it, "" if nothing did. */
type Done = (said: string) => void;

const DAY_SECONDS = 86_400;

/** Return what to say of a change that counts from `dueAt` (seconds since 1970; null: now). */
export function came(dueAt: number | null, now: string, waits: string): string {
  return dueAt === null ? now : fill(waits, { date: dayText(Math.floor(dueAt / DAY_SECONDS)) });
}

/** New words in the place of the old ones, or the first. */
export function NewWords({ title, done }: { title: string; done: Done }) {
  const chosen = useSignal("");
  const back = (): void => {
    done("");
  };
  if (chosen.value !== "") {
    const act = async (opened: readonly Key[], here: Key | null): Promise<void> => {
      const dueAt = await api().setWords(chosen.value, opened, here);
      await refresh();
      done(came(dueAt, say.wayAdded, say.wayWaits));
    };
    return <Confirm title={title} act={act} back={back} />;
  }
  const take = (text: string): Promise<void> => {
    chosen.value = text;
    return Promise.resolve();
  };
  return <ChooseWords done={take} back={back} />;
}

/** A second passkey. `hasWords`: one that has no secret can still be asked for beside the words. */
export function AddPasskey({ hasWords, done }: { hasWords: boolean; done: Done }) {
  const begun = useSignal(false);
  const ready = useSignal(false);
  const asked = useSignal<Started | null>(null);
  const busy = useSignal(false);
  const back = (): void => {
    done("");
  };

  const make = async (): Promise<void> => {
    busy.value = true;
    fault.value = null;
    try {
      const made = await makePasskey(asked.value);
      const known = asked.value === null ? null : made.registration;
      if (made.prf === null && (!hasWords || known === null)) {
        fault.value = { message: say.noPrfMore, hint: null };
      } else {
        const name = fill(words.passkeyOf, { device: deviceName() });
        const dueAt = await api().addPasskey({ ...made, registration: known, name });
        await tellAccepted(await api().accepted());
        await refresh();
        done(made.prf === null ? say.passkeyBeside : came(dueAt, say.wayAdded, say.wayWaits));
      }
    } catch (error) {
      fault.value = refused(error) ? { message: words.unchanged, hint: null } : faultOf(error);
      ready.value = refused(error) || passkeyThere(error); // else what was opened is used up
    }
    busy.value = false;
  };
  useEffect(() => () => void api().letGo(), []);

  if (!begun.value) {
    return (
      <Page title={say.addPasskey}>
        <p>{say.addPasskeyText}</p>
        <div class="buttons">
          <button type="button" class="button main" onClick={() => (begun.value = true)}>
            {words.next}
          </button>
          <button type="button" class="button" onClick={back}>
            {words.back}
          </button>
        </div>
      </Page>
    );
  }
  if (!ready.value) {
    const act = async (opened: readonly Key[], here: Key | null): Promise<void> => {
      asked.value = await api().startPasskey(opened, here);
      ready.value = true;
    };
    return <Confirm title={say.addPasskey} act={act} back={back} />;
  }
  return (
    <Page title={say.addPasskey}>
      <p>{words.byLockNext}</p>
      <div class="buttons">
        <button type="button" class="button main" disabled={busy.value} onClick={() => void make()}>
          {say.makePasskey}
        </button>
        <button type="button" class="button" onClick={back}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
