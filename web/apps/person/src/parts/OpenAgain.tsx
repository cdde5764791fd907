/** Opening a way in once more, for an act that asks for one: the lock, the words, or the spare key. */

import { useSignal } from "@preact/signals";

import type { Key } from "@mindhaven/sdk/browser";

import { api, attempt, status } from "../app.ts";
import { passkeyIds, passkeyKey } from "../passkeys.ts";
import { words } from "../words.ts";
import { Field } from "./Field.tsx";

interface OpenAgainProps {
  /** The spare key is asked for; else the way that is used each day. */
  readonly spare: boolean;
  readonly opened: (key: Key) => Promise<void>;
  /** What goes on without it, if anything does. */
  readonly otherwise?: () => Promise<void>;
}

export function OpenAgain({ spare, opened, otherwise }: OpenAgainProps) {
  const typed = useSignal("");
  const busy = useSignal(false);
  const ways = status.value.stage === "open" ? status.value.ways : [];
  const passkeys = passkeyIds(ways);

  const goOn = async (act: () => Promise<void>): Promise<void> => {
    busy.value = true;
    await attempt(act);
    busy.value = false;
  };
  const act = (keyOf: () => Promise<Key>): Promise<void> => goOn(async () => opened(await keyOf()));

  if (!spare && passkeys.length > 0) {
    const byLock = async (): Promise<Key> => passkeyKey(passkeys, await api().wayChallenge());
    return (
      <button type="button" class="button" disabled={busy.value} onClick={() => void act(byLock)}>
        {words.unlockLock}
      </button>
    );
  }
  const byWords = !spare && ways.some((one) => one.kind === "passphrase");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const text = typed.value.trim();
        void act(() => Promise.resolve(byWords ? { with: "passphrase", words: text } : { with: "spare", rows: text }));
      }}
    >
      <Field
        label={byWords ? words.typeWords : words.spareRows}
        long
        mono
        value={typed.value}
        change={(text) => (typed.value = text)}
      />
      <div class="buttons">
        <button type="submit" class="button" disabled={busy.value}>
          {busy.value ? words.working : words.unlock}
        </button>
        {otherwise !== undefined && (
          <button type="button" class="button" disabled={busy.value} onClick={() => void goOn(otherwise)}>
            {words.withoutIt}
          </button>
        )}
      </div>
    </form>
  );
}
