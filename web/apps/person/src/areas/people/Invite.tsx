/** Inviting one person: a square to scan, or a link to send. It shows them nothing; it lets them answer. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { Qr } from "../../parts/Qr.tsx";
import { words } from "../../words.ts";
import { lookForAnswers } from "./answers.ts";
import { say } from "./words.ts";

export function Invite({ done }: { done: (said: string) => void }) {
  const link = useSignal("");
  const said = useSignal("");
  useEffect(() => {
    void attempt(async () => {
      link.value = await api().invite();
    });
  }, []);

  const look = async (): Promise<void> => {
    const text = await lookForAnswers();
    if (text === say.noAnswer) said.value = text;
    else if (text !== null) done(text);
  };
  const copy = (): Promise<boolean> =>
    attempt(async () => {
      await navigator.clipboard.writeText(link.value);
      said.value = say.copied;
    });

  return (
    <Page title={say.inviteTitle}>
      <p>{say.inviteText}</p>
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
          onClick={() => void copy()}
        >
          {words.copyLink}
        </button>
        <button type="button" class="button" onClick={() => void look()}>
          {say.lookAnswers}
        </button>
        <button type="button" class="button" onClick={() => { done(""); }}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
