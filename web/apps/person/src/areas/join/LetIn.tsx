/** "Let a new device in?": what it will be able to do, then a way in opened once more. */

import { useSignal } from "@preact/signals";

import { api, pairLink } from "../../app.ts";
import { OpenAgain } from "../../parts/OpenAgain.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { say } from "./words.ts";

export function LetIn({ link }: { link: string }) {
  const sure = useSignal(false);
  const done = useSignal(false);
  const close = (): void => {
    pairLink.value = null;
  };
  if (done.value) {
    return (
      <Page title={words.devices}>
        <p class="notice" role="status">
          {say.letInDone}
        </p>
        <button type="button" class="button main" onClick={close}>
          {words.next}
        </button>
      </Page>
    );
  }
  return (
    <Page title={say.letInTitle}>
      <p>{say.letInText}</p>
      {sure.value ? (
        <OpenAgain
          spare={false}
          opened={async (key) => {
            await api().letIn(link, key);
            done.value = true;
          }}
        />
      ) : (
        <div class="pair">
          <button type="button" class="button" onClick={() => (sure.value = true)}>
            {say.letInYes}
          </button>
          <button type="button" class="button" onClick={close}>
            {say.letInNo}
          </button>
        </div>
      )}
    </Page>
  );
}
