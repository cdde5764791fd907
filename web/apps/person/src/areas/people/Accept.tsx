/** Answering an invitation: the answer goes to the one who invited, sealed; nothing else is shown to them. */

import { useSignal } from "@preact/signals";

import { api, attempt, invitation, refresh } from "../../app.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { say } from "./words.ts";

const MOST = 60;

export function Accept({ link, done }: { link: string; done: (said: string) => void }) {
  const mine = useSignal("");
  const theirs = useSignal("");
  const busy = useSignal(false);

  const answer = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    const good = await attempt(async () => {
      await api().accept(link, mine.value.trim(), theirs.value.trim());
      await refresh();
    });
    busy.value = false;
    if (!good) return;
    invitation.value = null;
    done(say.acceptDone);
  };

  return (
    <Page title={words.acceptTitle}>
      <p>{say.acceptText}</p>
      <form onSubmit={(event) => void answer(event)}>
        <Field
          label={say.myName}
          prose
          required
          maxLength={MOST}
          value={mine.value}
          change={(text) => (mine.value = text)}
        />
        <Field
          label={say.theirName}
          prose
          required
          maxLength={MOST}
          value={theirs.value}
          change={(text) => (theirs.value = text)}
        />
        <div class="pair">
          <button type="submit" class="button" disabled={busy.value}>
            {say.acceptYes}
          </button>
          <button type="button" class="button" disabled={busy.value} onClick={() => (invitation.value = null)}>
            {say.acceptNo}
          </button>
        </div>
      </form>
    </Page>
  );
}
