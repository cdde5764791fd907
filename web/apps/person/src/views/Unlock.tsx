/** Opening what is on this device: by the lock or the words, without any server; by the spare key if need be. */

import { useSignal } from "@preact/signals";

import type { Key } from "@mindhaven/sdk/browser";

import { api, attempt, refresh, stage, status, sync } from "../app.ts";
import { Page } from "../parts/Page.tsx";
import { usePasskey } from "../passkeys.ts";
import { words } from "../words.ts";
import { bytesOf } from "../hex.ts";

const PASSPHRASE = 1;
const SPARE = 2;
const PASSKEY = 3;

export function Unlock() {
  const ways = status.value.stage === "locked" ? status.value.ways : [];
  const typed = useSignal("");
  const spare = useSignal("");
  const bySpare = useSignal(false);
  const busy = useSignal(false);

  const open = async (keyOf: () => Promise<Key>): Promise<void> => {
    busy.value = true;
    const good = await attempt(async () => {
      await api().unlock(await keyOf());
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    stage.value = "open";
    void sync();
  };

  const byLock = (): Promise<Key> =>
    usePasskey(ways.filter((one) => one.kind === PASSKEY).map((one) => bytesOf(one.params))).then((touched) => {
      if (touched.prf === null) throw new DOMException("no secret", "NotAllowedError");
      return { with: "passkey", credential: touched.credential, prf: touched.prf };
    });

  const has = (kind: number): boolean => ways.some((one) => one.kind === kind);
  return (
    <Page title={words.unlockTitle}>
      {has(PASSKEY) && (
        <button type="button" class="button main" disabled={busy.value} onClick={() => void open(byLock)}>
          {words.unlockLock}
        </button>
      )}
      {has(PASSPHRASE) && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void open(() => Promise.resolve({ with: "passphrase", words: typed.value.trim() }));
          }}
        >
          <label class="field">
            <span>{words.typeWords}</span>
            <input
              type="password"
              autocomplete="current-password"
              value={typed.value}
              onInput={(event) => (typed.value = event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button main" disabled={busy.value}>
            {busy.value ? words.working : words.unlock}
          </button>
        </form>
      )}
      {has(SPARE) && !bySpare.value && (
        <p>
          <button type="button" class="link" onClick={() => (bySpare.value = true)}>
            {words.unlockSpare}
          </button>
        </p>
      )}
      {bySpare.value && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void open(() => Promise.resolve({ with: "spare", rows: spare.value }));
          }}
        >
          <label class="field">
            <span>{words.spareRows}</span>
            <textarea
              class="mono"
              autocomplete="off"
              spellcheck={false}
              value={spare.value}
              onInput={(event) => (spare.value = event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button" disabled={busy.value}>
            {words.unlock}
          </button>
        </form>
      )}
    </Page>
  );
}
