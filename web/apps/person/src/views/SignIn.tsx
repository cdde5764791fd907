/** "I already use this": a passkey or the spare key finds the account without a name; five words need one. */

import { useSignal } from "@preact/signals";

import type { Key } from "@mindhaven/sdk/browser";

import { api, attempt, refresh, stage, sync } from "../app.ts";
import { deviceName } from "../device.ts";
import { Field } from "../parts/Field.tsx";
import { Page } from "../parts/Page.tsx";
import { passkeyKey, passkeysWork } from "../passkeys.ts";
import { words } from "../words.ts";
import { Pair } from "./Pair.tsx";

type Way = "choose" | "name" | "spare" | "device";

export function SignIn() {
  const way = useSignal<Way>("choose");
  const name = useSignal("");
  const typed = useSignal("");
  const code = useSignal("");
  const busy = useSignal(false);

  const open = async (keyOf: () => Promise<Key>): Promise<void> => {
    busy.value = true;
    const good = await attempt(async () => {
      const key = await keyOf();
      await api().signIn(key, name.value.trim() || null, deviceName(), code.value || null);
      await refresh();
    });
    if (good) {
      await sync();
      stage.value = "open";
    }
    busy.value = false;
  };

  if (way.value === "choose") {
    return (
      <Page title={words.signInTitle}>
        {passkeysWork() && (
          <button type="button" class="choice" disabled={busy.value} onClick={() => void open(passkeyKey)}>
            <strong>{words.withPasskey}</strong>
            {words.byLockNext}
          </button>
        )}
        <button type="button" class="choice" onClick={() => (way.value = "device")}>
          <strong>{words.withDevice}</strong>
          {words.withDeviceText}
        </button>
        <button type="button" class="choice" onClick={() => (way.value = "name")}>
          <strong>{words.withName}</strong>
        </button>
        <button type="button" class="choice" onClick={() => (way.value = "spare")}>
          <strong>{words.withSpare}</strong>
        </button>
        <p role="status">{busy.value ? words.opening : ""}</p>
        <button type="button" class="link" onClick={() => (stage.value = "welcome")}>
          {words.back}
        </button>
      </Page>
    );
  }
  if (way.value === "device") return <Pair />;
  const keyOf = (): Promise<Key> =>
    Promise.resolve(
      way.value === "spare"
        ? { with: "spare", rows: typed.value }
        : { with: "passphrase", words: typed.value.trim() },
    );
  return (
    <Page title={way.value === "spare" ? words.withSpare : words.withName}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void open(keyOf);
        }}
      >
        {way.value === "name" && (
          <Field
            label={words.signInName}
            autocomplete="username"
            value={name.value}
            change={(text) => (name.value = text)}
          />
        )}
        <Field
          label={way.value === "spare" ? words.spareRows : words.typeWords}
          long
          mono
          value={typed.value}
          change={(text) => (typed.value = text)}
        />
        {way.value === "name" && (
          <Field
            label={words.code}
            inputMode="numeric"
            autocomplete="one-time-code"
            value={code.value}
            change={(text) => (code.value = text.trim())}
          />
        )}
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value}>
            {busy.value ? words.working : words.signIn}
          </button>
          <button type="button" class="button" onClick={() => (way.value = "choose")}>
            {words.back}
          </button>
        </div>
        <p role="status">{busy.value ? words.opening : ""}</p>
      </form>
    </Page>
  );
}
