/** "Keep a sealed copy on this server?" Until the person says yes here, nothing of theirs has left the device. */

import { useSignal } from "@preact/signals";

import { api, attempt, fault, status } from "../app.ts";
import { deviceName } from "../device.ts";
import { introduce } from "../introducing.ts";
import { Field } from "../parts/Field.tsx";
import { Page } from "../parts/Page.tsx";
import { words } from "../words.ts";

const NAME = /^[a-z][a-z0-9]{1,23}$/;
const SUGGESTED = "haven";

/** Tell whether this device is opened by words: then the account needs a name to sign in with. */
function needsName(): boolean {
  return status.value.stage === "open" && status.value.ways.some((one) => one.kind === "passphrase");
}

export function KeepCopy({ done }: { done: () => void }) {
  const busy = useSignal(false);
  const name = useSignal(SUGGESTED);

  const agree = async (): Promise<void> => {
    if (needsName() && !NAME.test(name.value)) {
      fault.value = { message: words.nameWrong, hint: null };
      return;
    }
    busy.value = true;
    const good = await attempt(async () => {
      await api().keepSealedCopy(deviceName(), needsName() ? name.value : null);
    });
    // The account is there; what does not work of this now is offered among the ways in.
    if (good) await introduce(null).catch(() => undefined);
    busy.value = false;
    if (good) done();
  };

  return (
    <Page title={words.copyTitle}>
      <p>{words.copyText}</p>
      {!needsName() && <p>{words.copyTouch}</p>}
      {needsName() && (
        <Field
          label={words.nameLabel}
          hint={words.nameText}
          value={name.value}
          change={(text) => (name.value = text.trim())}
        />
      )}
      <div class="pair">
        <button type="button" class="button" disabled={busy.value} onClick={() => void agree()}>
          {busy.value ? words.working : words.copyYes}
        </button>
        <button type="button" class="button" disabled={busy.value} onClick={done}>
          {words.copyNo}
        </button>
      </div>
      <p class="soft small" role="status">
        {busy.value ? words.opening : ""}
      </p>
    </Page>
  );
}
