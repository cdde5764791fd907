/** Answering an invitation: the answer goes to the one who invited, sealed; nothing else is shown to them. */

import { useSignal } from "@preact/signals";

import { api, attempt, invitation, refresh } from "../app.ts";
import { Page } from "../parts/Page.tsx";
import { words } from "../words.ts";

const MOST = 60;

export function Accept({ link }: { link: string }) {
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
    if (good) invitation.value = null;
  };

  return (
    <Page title={words.acceptTitle}>
      <p>{words.acceptText}</p>
      <form onSubmit={(event) => void answer(event)}>
        <label class="field">
          <span>{words.myName}</span>
          <input
            required
            maxLength={MOST}
            autocomplete="off"
            value={mine.value}
            onInput={(event) => (mine.value = event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{words.theirName}</span>
          <input
            required
            maxLength={MOST}
            autocomplete="off"
            value={theirs.value}
            onInput={(event) => (theirs.value = event.currentTarget.value)}
          />
        </label>
        <div class="pair">
          <button type="submit" class="button" disabled={busy.value}>
            {words.acceptYes}
          </button>
          <button type="button" class="button" disabled={busy.value} onClick={() => (invitation.value = null)}>
            {words.acceptNo}
          </button>
        </div>
      </form>
    </Page>
  );
}
