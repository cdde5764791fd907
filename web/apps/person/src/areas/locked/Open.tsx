/** Opening the lock: by its words, or by the spare key. */

import { useSignal } from "@preact/signals";

import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { LostClosed } from "./Lost.tsx";
import { locker, tried } from "./locker.ts";
import { say } from "./words.ts";

export function Open({ opened, back }: { opened: () => void; back: () => void }) {
  const spare = useSignal(false);
  const typed = useSignal("");
  const busy = useSignal(false);
  const open = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    const key = spare.value ? { rows: typed.value } : { words: typed.value.trim() };
    const good = await tried(() => locker("open", key));
    busy.value = false;
    if (!good) return;
    typed.value = "";
    opened();
    // A newer spare key is to open it too; without the server that has to wait.
    void locker("renew").catch(() => undefined);
  };
  return (
    <Page title={say.title}>
      <p>{say.what}</p>
      <LostClosed />
      <form onSubmit={(event) => void open(event)}>
        {spare.value ? (
          <Field label={say.spareRows} mono long autocapitalize="characters" value={typed.value} change={(text) => (typed.value = text)} />
        ) : (
          <Field label={say.opensWith} secret value={typed.value} change={(text) => (typed.value = text)} />
        )}
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value || typed.value.trim() === ""}>
            {busy.value ? words.working : say.open}
          </button>
          <button type="button" class="button" onClick={back}>
            {words.back}
          </button>
        </div>
      </form>
      <button
        type="button"
        class="link"
        onClick={() => {
          spare.value = !spare.value;
          typed.value = "";
        }}
      >
        {spare.value ? say.withWords : say.withSpare}
      </button>
    </Page>
  );
}
