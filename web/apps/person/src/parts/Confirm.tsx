/** Opening ways in for a change: the daily one, then the spare key, with which it counts at once, or none. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import type { Key } from "@mindhaven/sdk/browser";

import { words } from "../words.ts";
import { OpenAgain } from "./OpenAgain.tsx";
import { Page } from "./Page.tsx";

interface ConfirmProps {
  readonly title: string;
  readonly act: (opened: readonly Key[]) => Promise<void>;
  readonly back: () => void;
  /** What the change means. */
  readonly children?: ComponentChildren;
}

export function Confirm({ title, act, back, children }: ConfirmProps) {
  const daily = useSignal<Key | null>(null);
  const first = daily.value;
  return (
    <Page title={title}>
      {children !== undefined && <p>{children}</p>}
      {first === null ? (
        <>
          <p>{words.confirmDaily}</p>
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
          <p>{words.confirmSpare}</p>
          <OpenAgain key="spare" spare opened={(key) => act([key, first])} otherwise={() => act([first])} />
        </>
      )}
      <button type="button" class="link" onClick={back}>
        {words.back}
      </button>
    </Page>
  );
}
