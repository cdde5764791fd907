/** "How do you want to open it?": two equal ways, each with its risk in the sentence; none is chosen beforehand. */

import { useSignal } from "@preact/signals";

import { api, fault, faultOf, refused, stage } from "../../app.ts";
import { ChooseWords } from "./ChooseWords.tsx";
import { Page } from "../../parts/Page.tsx";
import { makePasskey, passkeysWork } from "../../passkeys.ts";
import { words } from "../../words.ts";
import { say } from "./words.ts";

export function WayIn({ done }: { done: () => void }) {
  const byWords = useSignal(false);
  const busy = useSignal(false);

  const byLock = async (): Promise<void> => {
    busy.value = true;
    fault.value = null;
    try {
      const { credential, prf, registration } = await makePasskey();
      if (prf === null) {
        byWords.value = true;
        fault.value = { message: say.noPrf, hint: null };
      } else {
        await api().begin({ with: "passkey", credential, prf }, registration);
        done();
      }
    } catch (error) {
      fault.value = refused(error) ? { message: say.refused, hint: null } : faultOf(error);
    }
    busy.value = false;
  };

  if (byWords.value) {
    return (
      <ChooseWords
        done={async (chosen) => {
          await api().begin({ with: "passphrase", words: chosen });
          done();
        }}
        back={() => (byWords.value = false)}
      />
    );
  }
  return (
    <Page title={say.howTitle}>
      {passkeysWork() && (
        <button type="button" class="choice" disabled={busy.value} onClick={() => void byLock()}>
          <strong>{say.byLock}</strong>
          {say.byLockText} {words.byLockNext}
        </button>
      )}
      <button type="button" class="choice" disabled={busy.value} onClick={() => (byWords.value = true)}>
        <strong>{say.byWords}</strong>
        {say.byWordsText}
      </button>
      <button type="button" class="link" onClick={() => (stage.value = "welcome")}>
        {words.back}
      </button>
    </Page>
  );
}
