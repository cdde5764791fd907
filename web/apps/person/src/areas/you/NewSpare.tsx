/** A new spare key: when it helps, its rows, two of them given back, then the ways in that let it count. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { Key } from "@mindhaven/sdk/browser";

import { api, refresh } from "../../app.ts";
import type { NewSpare as Made } from "../../engine/newspare.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { SpareKey } from "../first/SpareKey.tsx";
import { came } from "./AddWay.tsx";
import { Confirm } from "./Confirm.tsx";
import { say } from "./words.ts";

async function spare<Name extends keyof Made>(
  name: Name,
  ...args: Parameters<Made[Name]>
): Promise<Awaited<ReturnType<Made[Name]>>> {
  return (await api().act("spare", name, args)) as Awaited<ReturnType<Made[Name]>>;
}

const SOURCE = { rows: () => spare("rows"), check: (given: Record<number, string>) => spare("prove", given) };

type Step = "why" | "rows" | "confirm";

/** `done` is called with what came of it, "" if nothing did. */
export function NewSpare({ done }: { done: (said: string) => void }) {
  const step = useSignal<Step>("why");
  useEffect(() => () => void api().leaveRooms(), []);
  const back = (): void => {
    done("");
  };
  if (step.value === "why") {
    return (
      <Page title={say.newSpare}>
        <p>{say.newSpareText}</p>
        <div class="buttons">
          <button type="button" class="button main" onClick={() => (step.value = "rows")}>
            {words.next}
          </button>
          <button type="button" class="button" onClick={back}>
            {words.back}
          </button>
        </div>
      </Page>
    );
  }
  if (step.value === "rows") {
    return (
      <SpareKey
        source={SOURCE}
        text={say.newSpareRows}
        kept={() => (step.value = "confirm")}
        later={back}
        laterLabel={words.back}
      />
    );
  }
  const act = async (opened: readonly Key[], here: Key | null): Promise<void> => {
    const dueAt = await spare("set", opened, here);
    await refresh();
    done(came(dueAt, say.spareChanged, say.spareWaits));
  };
  return <Confirm title={say.newSpare} act={act} back={back} askSpare={say.confirmOldSpare} />;
}
