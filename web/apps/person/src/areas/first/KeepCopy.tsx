/** "Keep a sealed copy on this server?" Until the person says yes here, nothing of theirs has left the device. */

import { useSignal } from "@preact/signals";

import { api, attempt, fault, status } from "../../app.ts";
import { deviceName } from "../../device.ts";
import { introduce } from "./introducing.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { PolicyLink } from "../../parts/PolicyLink.tsx";
import { words } from "../../words.ts";
import { say } from "./words.ts";

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
      fault.value = { message: say.nameWrong, hint: null };
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
    <Page title={say.copyTitle}>
      <p>{say.copyText}</p>
      {!needsName() && <p>{say.copyTouch}</p>}
      {needsName() && (
        <Field
          label={say.nameLabel}
          hint={say.nameText}
          value={name.value}
          change={(text) => (name.value = text.trim())}
        />
      )}
      <div class="pair">
        <button type="button" class="button" disabled={busy.value} onClick={() => void agree()}>
          {busy.value ? words.working : say.copyYes}
        </button>
        <button type="button" class="button" disabled={busy.value} onClick={done}>
          {say.copyNo}
        </button>
      </div>
      <PolicyLink text={say.copyPolicy} />
      <p class="soft small" role="status">
        {busy.value ? words.opening : ""}
      </p>
    </Page>
  );
}
