/** Inviting one person: a square to scan, or a link to send. It shows them nothing; it lets them answer. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt, refresh } from "../app.ts";
import { Page } from "../parts/Page.tsx";
import { Qr } from "../parts/Qr.tsx";
import { fill, words } from "../words.ts";

export function Invite({ done }: { done: () => void }) {
  const link = useSignal("");
  const said = useSignal("");
  useEffect(() => {
    void attempt(async () => {
      link.value = await api().invite();
    });
  }, []);

  const look = (): Promise<boolean> =>
    attempt(async () => {
      const names = await api().answers();
      await refresh();
      said.value = names.length > 0 ? fill(words.answered, { names: names.join(", ") }) : words.noAnswer;
      if (names.length > 0) done();
    });

  return (
    <Page title={words.inviteTitle}>
      <p>{words.inviteText}</p>
      {link.value !== "" && (
        <>
          <Qr text={link.value} />
          <input class="link-text" readOnly value={link.value} aria-label={words.copyLink} />
        </>
      )}
      <p role="status">{said.value}</p>
      <div class="buttons">
        <button
          type="button"
          class="button main"
          disabled={link.value === ""}
          onClick={() => void navigator.clipboard.writeText(link.value).then(() => (said.value = words.copied))}
        >
          {words.copyLink}
        </button>
        <button type="button" class="button" onClick={() => void look()}>
          {words.lookAnswers}
        </button>
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
