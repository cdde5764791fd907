/**
 * "I already use this": a passkey or the spare key finds the account without a name; five words need one. A device that
 * was signed out signs in again here: what is on it stays.
 */

import { useSignal } from "@preact/signals";

import type { Assertion } from "@mindhaven/sdk";
import { EngineError, type Key } from "@mindhaven/sdk/browser";

import { api, attempt, refresh, sharedDevice, signedOut, stage, status, sync } from "../../app.ts";
import { deviceName } from "../../device.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { passkeyKey, passkeyProof, passkeysWork } from "../../passkeys.ts";
import { words } from "../../words.ts";
import { say } from "./words.ts";
import { Pair } from "./Pair.tsx";

/** What a server says that wants a passkey beside the words. */
const PASSKEY_ASKED: ReadonlySet<string> = new Set(["passkey-needed", "totp-or-passkey-needed"]);

const none = (): Promise<null> => Promise.resolve(null);

type Way = "choose" | "name" | "spare" | "device";

export function SignIn() {
  const way = useSignal<Way>("choose");
  const here = status.value.stage === "open" ? status.value : null;
  const name = useSignal(here?.handle ?? "");
  const typed = useSignal("");
  const code = useSignal("");
  const busy = useSignal(false);
  /** Whether the account asks for a passkey beside the words. */
  const beside = useSignal(false);

  const open = async (keyOf: () => Promise<Key>, proofOf: () => Promise<Assertion | null> = none): Promise<void> => {
    busy.value = true;
    const good = await attempt(async () => {
      const [key, assertion] = [await keyOf(), await proofOf()];
      try {
        await api().signIn(key, name.value.trim() || null, deviceName(), { code: code.value || null, assertion });
      } catch (error) {
        beside.value = error instanceof EngineError && PASSKEY_ASKED.has(error.reason);
        throw error;
      }
      await refresh();
      signedOut.value = false;
    });
    if (good) {
      await sync();
      stage.value = "open";
    }
    busy.value = false;
  };
  const byPasskey = async (): Promise<Key> => passkeyKey([], await api().loginChallenge());
  const typedKey = (): Promise<Key> =>
    Promise.resolve(
      way.value === "spare"
        ? { with: "spare", rows: typed.value }
        : { with: "passphrase", words: typed.value.trim() },
    );
  const proof = async (): Promise<Assertion | null> => {
    const challenge = await api().loginChallenge();
    return challenge === null ? null : passkeyProof(challenge);
  };

  if (way.value === "choose") {
    return (
      <Page title={say.signInTitle}>
        {here === null && (
          <label class="check">
            <input
              type="checkbox"
              checked={sharedDevice.value}
              onChange={(event) => {
                const on = event.currentTarget.checked;
                void attempt(async () => {
                  await api().shareDevice(on);
                  sharedDevice.value = on;
                });
              }}
            />
            <span>
              {say.shared} <span class="soft small">{say.sharedText}</span>
            </span>
          </label>
        )}
        {passkeysWork() && (
          <button type="button" class="choice" disabled={busy.value} onClick={() => void open(byPasskey)}>
            <strong>{say.withPasskey}</strong>
            {words.byLockNext}
          </button>
        )}
        {here === null && (
          <button type="button" class="choice" onClick={() => (way.value = "device")}>
            <strong>{say.withDevice}</strong>
            {say.withDeviceText}
          </button>
        )}
        <button type="button" class="choice" onClick={() => (way.value = "name")}>
          <strong>{say.withName}</strong>
        </button>
        <button type="button" class="choice" onClick={() => (way.value = "spare")}>
          <strong>{say.withSpare}</strong>
        </button>
        <p role="status">{busy.value ? words.opening : ""}</p>
        <button type="button" class="link" onClick={() => (stage.value = here === null ? "welcome" : "open")}>
          {words.back}
        </button>
      </Page>
    );
  }
  if (way.value === "device") return <Pair />;
  return (
    <Page title={way.value === "spare" ? say.withSpare : say.withName}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void open(typedKey);
        }}
      >
        {way.value === "name" && (
          <Field
            label={say.signInName}
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
            label={say.code}
            inputMode="numeric"
            autocomplete="one-time-code"
            value={code.value}
            change={(text) => (code.value = text.trim())}
          />
        )}
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value}>
            {busy.value ? words.working : say.signIn}
          </button>
          {beside.value && (
            <button type="button" class="button" disabled={busy.value} onClick={() => void open(typedKey, proof)}>
              {say.passkeyToo}
            </button>
          )}
          <button type="button" class="button" onClick={() => (way.value = "choose")}>
            {words.back}
          </button>
        </div>
        <p role="status">{busy.value ? words.opening : ""}</p>
      </form>
    </Page>
  );
}
