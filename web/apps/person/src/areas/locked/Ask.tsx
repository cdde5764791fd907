/** Whether an entry of the journal is to be locked, and what that does not undo. */

import { useSignal } from "@preact/signals";

import { entries, sync } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { beginningOf, pageOf } from "../journal/journal.ts";
import { locker, tried } from "./locker.ts";
import { say } from "./words.ts";

export function Ask({ item, done }: { item: string; done: () => void }) {
  const busy = useSignal(false);
  const entry = entries.value.find((one) => one.item === item);
  const lock = async (): Promise<void> => {
    busy.value = true;
    await sync(); // what was changed on another device is to be locked as it is now
    const good = await tried(() => locker("put", item));
    busy.value = false;
    if (good) done();
  };
  return (
    <Page title={say.askTitle}>
      {entry !== undefined && (
        <p class="quote">
          <strong>{pageOf(entry.body).title}</strong> {beginningOf(entry)}
        </p>
      )}
      <p>{say.ask}</p>
      <p class="soft small">
        {say.older} {say.seen}
      </p>
      <div class="buttons">
        <button type="button" class="button" disabled={busy.value} onClick={() => void lock()}>
          {busy.value ? words.working : say.lockIt}
        </button>
        <button type="button" class="button" disabled={busy.value} onClick={done}>
          {say.notNow}
        </button>
      </div>
    </Page>
  );
}
