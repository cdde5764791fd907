/** "I already use this": a passkey or the spare key finds the account without a name; five words need one. */

import { useSignal } from "@preact/signals";

import type { Key } from "@mindhaven/sdk/browser";

import { api, attempt, refresh, stage } from "../app.ts";
import { deviceName } from "../device.ts";
import { Page } from "../parts/Page.tsx";
import { passkeysWork, usePasskey } from "../passkeys.ts";
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
    busy.value = false;
    if (good) stage.value = "open";
  };

  const byPasskey = async (): Promise<Key> => {
    const touched = await usePasskey();
    if (touched.prf === null) throw new DOMException("no secret", "NotAllowedError");
    return { with: "passkey", credential: touched.credential, prf: touched.prf };
  };

  if (way.value === "choose") {
    return (
      <Page title={words.signInTitle}>
        {passkeysWork() && (
          <button type="button" class="choice" disabled={busy.value} onClick={() => void open(byPasskey)}>
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
          <label class="field">
            <span>{words.signInName}</span>
            <input
              type="text"
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              value={name.value}
              onInput={(event) => (name.value = event.currentTarget.value)}
            />
          </label>
        )}
        <label class="field">
          <span>{way.value === "spare" ? words.spareRows : words.typeWords}</span>
          <textarea
            class="mono"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </label>
        {way.value === "name" && (
          <label class="field">
            <span>{words.code}</span>
            <input
              type="text"
              inputMode="numeric"
              autocomplete="one-time-code"
              value={code.value}
              onInput={(event) => (code.value = event.currentTarget.value.trim())}
            />
          </label>
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
