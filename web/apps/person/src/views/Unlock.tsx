/** Opening what is on this device: by the lock or the words, without any server; by the spare key if need be. */

import { useSignal } from "@preact/signals";

import type { Key } from "@mindhaven/sdk/browser";

import { api, attempt, refresh, stage, status, sync } from "../app.ts";
import { Field } from "../parts/Field.tsx";
import { Page } from "../parts/Page.tsx";
import { passkeyIds, passkeyKey } from "../passkeys.ts";
import { words } from "../words.ts";

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

  const byLock = (): Promise<Key> => passkeyKey(passkeyIds(ways));

  const has = (kind: Key["with"]): boolean => ways.some((one) => one.kind === kind);
  return (
    <Page title={words.unlockTitle}>
      {has("passkey") && (
        <button type="button" class="button main" disabled={busy.value} onClick={() => void open(byLock)}>
          {words.unlockLock}
        </button>
      )}
      {has("passphrase") && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void open(() => Promise.resolve({ with: "passphrase", words: typed.value.trim() }));
          }}
        >
          <Field
            label={words.typeWords}
            secret
            autocomplete="current-password"
            value={typed.value}
            change={(text) => (typed.value = text)}
          />
          <button type="submit" class="button main" disabled={busy.value}>
            {busy.value ? words.working : words.unlock}
          </button>
        </form>
      )}
      {has("spare") && !bySpare.value && (
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
          <Field label={words.spareRows} long mono value={spare.value} change={(text) => (spare.value = text)} />
          <button type="submit" class="button" disabled={busy.value}>
            {words.unlock}
          </button>
        </form>
      )}
    </Page>
  );
}
