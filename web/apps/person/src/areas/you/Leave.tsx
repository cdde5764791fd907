/** Leaving for good: what it means first, then both ways in, then everything is gone. */

import { useSignal } from "@preact/signals";

import type { Key } from "@mindhaven/sdk/browser";

import { api, attempt, stage, status } from "../../app.ts";
import { OpenAgain } from "../../parts/OpenAgain.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { unsubscribe } from "../reminders/pushing.ts";
import { erased } from "./Gone.tsx";
import { say } from "./words.ts";

export function Leave({ done }: { done: () => void }) {
  const sure = useSignal(false);
  const first = useSignal<Key | null>(null);
  const account = status.value.stage === "open" && status.value.finished;

  const leave = async (keys: readonly Key[]): Promise<void> => {
    if (account) erased.value = await api().leave(keys);
    else await api().forget();
    void unsubscribe().catch(() => undefined); // the server has forgotten this device's address already
    stage.value = "gone";
  };

  if (!sure.value) {
    return (
      <Page title={say.leave}>
        <p>{say.leaveText}</p>
        <div class="pair">
          <button
            type="button"
            class="button"
            onClick={() => {
              if (account) sure.value = true;
              else void attempt(() => leave([]));
            }}
          >
            {say.leaveYes}
          </button>
          <button type="button" class="button" onClick={done}>
            {words.leaveNo}
          </button>
        </div>
      </Page>
    );
  }
  const opened = first.value;
  return (
    <Page title={say.leave}>
      <p>{say.leaveNeeds}</p>
      {opened === null ? (
        <OpenAgain
          key="daily"
          spare={false}
          opened={(key) => {
            first.value = key;
            return Promise.resolve();
          }}
        />
      ) : (
        <OpenAgain key="spare" spare opened={(key) => leave([opened, key])} />
      )}
      <button type="button" class="link" onClick={done}>
        {words.leaveNo}
      </button>
    </Page>
  );
}
