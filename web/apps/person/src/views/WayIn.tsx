/** "How do you want to open it?": two equal ways, each with its risk in the sentence; none is chosen beforehand. */

import { useSignal } from "@preact/signals";

import { api, attempt, fault, faultOf, refused, stage } from "../app.ts";
import { Field } from "../parts/Field.tsx";
import { Page } from "../parts/Page.tsx";
import { makePasskey, passkeysWork } from "../passkeys.ts";
import { words } from "../words.ts";

type Step = "choose" | "show" | "type";

export function WayIn({ done }: { done: () => void }) {
  const step = useSignal<Step>("choose");
  const made = useSignal("");
  const typed = useSignal("");
  const busy = useSignal(false);

  const byLock = async (): Promise<void> => {
    busy.value = true;
    fault.value = null;
    try {
      const { credential, prf } = await makePasskey();
      if (prf === null) {
        await makeWords();
        fault.value = { message: words.noPrf, hint: null };
      } else {
        await api().begin({ with: "passkey", credential, prf });
        done();
      }
    } catch (error) {
      fault.value = refused(error) ? { message: words.refused, hint: null } : faultOf(error);
    }
    busy.value = false;
  };

  /** Make up words; their list is fetched only now, since most people never need it. */
  const makeWords = (): Promise<boolean> =>
    attempt(async () => {
      const { passphrase } = await import("../passphrase.ts");
      made.value = passphrase();
      step.value = "show";
    });

  const byWords = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (tidy(typed.value) !== made.value) {
      fault.value = { message: words.wordsDiffer, hint: null };
      return;
    }
    busy.value = true;
    const good = await attempt(() => api().begin({ with: "passphrase", words: made.value }));
    busy.value = false;
    if (good) done();
  };

  if (step.value === "choose") {
    return (
      <Page title={words.howTitle}>
        {passkeysWork() && (
          <button type="button" class="choice" disabled={busy.value} onClick={() => void byLock()}>
            <strong>{words.byLock}</strong>
            {words.byLockText} {words.byLockNext}
          </button>
        )}
        <button type="button" class="choice" disabled={busy.value} onClick={() => void makeWords()}>
          <strong>{words.byWords}</strong>
          {words.byWordsText}
        </button>
        <button type="button" class="link" onClick={() => (stage.value = "welcome")}>
          {words.back}
        </button>
      </Page>
    );
  }
  if (step.value === "show") {
    return (
      <Page title={words.wordsTitle}>
        <p>{words.wordsText}</p>
        <p class="words">{made.value}</p>
        <div class="buttons">
          <button type="button" class="button main" onClick={() => ((fault.value = null), (step.value = "type"))}>
            {words.haveThem}
          </button>
          <button type="button" class="button" onClick={() => void makeWords()}>
            {words.otherWords}
          </button>
        </div>
      </Page>
    );
  }
  return (
    <Page title={words.typeWords}>
      <form onSubmit={(event) => void byWords(event)}>
        <Field label={words.wordsTitle} mono value={typed.value} change={(text) => (typed.value = text)} />
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value}>
            {busy.value ? words.working : words.next}
          </button>
          <button type="button" class="button" onClick={() => (step.value = "show")}>
            {words.back}
          </button>
        </div>
      </form>
    </Page>
  );
}

/** Return words as they were made, however they were spaced or written. */
function tidy(text: string): string {
  return text.trim().toLowerCase().split(/[\s-]+/).join(" ");
}
