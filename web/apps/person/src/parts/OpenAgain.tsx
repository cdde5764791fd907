/** Opening a way in once more, for an act that asks for one: the lock, the words, or the spare key. */

import { useSignal } from "@preact/signals";

import type { Key } from "@mindhaven/sdk/browser";

import { attempt, status } from "../app.ts";
import { bytesOf } from "../hex.ts";
import { usePasskey } from "../passkeys.ts";
import { words } from "../words.ts";

const PASSPHRASE = 1;
const PASSKEY = 3;

/** `spare`: the spare key is asked for; else the way that is used each day. */
export function OpenAgain({ spare, opened }: { spare: boolean; opened: (key: Key) => Promise<void> }) {
  const typed = useSignal("");
  const busy = useSignal(false);
  const ways = status.value.stage === "open" ? status.value.ways : [];
  const passkeys = ways.filter((one) => one.kind === PASSKEY).map((one) => bytesOf(one.params));

  const act = async (keyOf: () => Promise<Key>): Promise<void> => {
    busy.value = true;
    await attempt(async () => {
      await opened(await keyOf());
    });
    busy.value = false;
  };

  if (!spare && passkeys.length > 0) {
    const byLock = async (): Promise<Key> => {
      const touched = await usePasskey(passkeys);
      if (touched.prf === null) throw new DOMException("no secret", "NotAllowedError");
      return { with: "passkey", credential: touched.credential, prf: touched.prf };
    };
    return (
      <button type="button" class="button" disabled={busy.value} onClick={() => void act(byLock)}>
        {words.unlockLock}
      </button>
    );
  }
  const words_ = !spare && ways.some((one) => one.kind === PASSPHRASE);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const text = typed.value.trim();
        void act(() => Promise.resolve(words_ ? { with: "passphrase", words: text } : { with: "spare", rows: text }));
      }}
    >
      <label class="field">
        <span>{words_ ? words.typeWords : words.spareRows}</span>
        <textarea
          class="mono"
          autocomplete="off"
          spellcheck={false}
          value={typed.value}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button" disabled={busy.value}>
        {busy.value ? words.working : words.unlock}
      </button>
    </form>
  );
}
