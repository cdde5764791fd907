/**
 * Opening ways in for a change: the daily one, then the spare key, with which it counts at once, or none; and this
 * device, if none of them opens it, such as where the words were changed on another one.
 */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { EngineError, type Key } from "@mindhaven/sdk/browser";

import { words } from "../../words.ts";
import { say } from "./words.ts";
import { OpenAgain } from "../../parts/OpenAgain.tsx";
import { Page } from "../../parts/Page.tsx";

interface ConfirmProps {
  readonly title: string;
  /** `here` is what opens this device, where nothing of `opened` does. */
  readonly act: (opened: readonly Key[], here: Key | null) => Promise<void>;
  readonly back: () => void;
  /** How the spare key is asked for, where it is not simply theirs. */
  readonly askSpare?: string;
  /** What the change means. */
  readonly children?: ComponentChildren;
}

export function Confirm({ title, act, back, askSpare, children }: ConfirmProps) {
  const daily = useSignal<Key | null>(null);
  const given = useSignal<readonly Key[]>([]);
  const elsewhere = useSignal(false);
  const first = daily.value;
  const go = async (opened: readonly Key[], here: Key | null): Promise<void> => {
    try {
      await act(opened, here);
    } catch (error) {
      given.value = opened;
      elsewhere.value = error instanceof EngineError && error.reason === "unlock-here";
      if (!elsewhere.value) throw error;
    }
  };
  return (
    <Page title={title}>
      {children !== undefined && <p>{children}</p>}
      {elsewhere.value ? (
        <>
          <p>{say.confirmHere}</p>
          <OpenAgain key="here" spare={false} opened={(key) => go(given.value, key)} />
        </>
      ) : first === null ? (
        <>
          <p>{say.confirmDaily}</p>
          <OpenAgain
            key="daily"
            spare={false}
            opened={(key) => {
              daily.value = key;
              return Promise.resolve();
            }}
          />
        </>
      ) : (
        <>
          <p>{askSpare ?? say.confirmSpare}</p>
          <OpenAgain key="spare" spare opened={(key) => go([key, first], null)} otherwise={() => go([first], null)} />
        </>
      )}
      <button type="button" class="link" onClick={back}>
        {words.back}
      </button>
    </Page>
  );
}
