/** Two versions after a restore of the server: what is only here, what each choice keeps, and going on with both. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt, refresh } from "../../app.ts";
import type { Histories as Room, SplitShown } from "../../engine/histories.ts";
import { EntryList } from "../../parts/EntryList.tsx";
import { Page } from "../../parts/Page.tsx";
import { partName } from "../../parts/names.ts";
import { fill, words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { linesOf } from "./lines.ts";
import { say } from "./words.ts";

async function histories<Name extends keyof Room>(
  name: Name,
  ...args: Parameters<Room[Name]>
): Promise<Awaited<ReturnType<Room[Name]>>> {
  return (await api().act("histories", name, args)) as Awaited<ReturnType<Room[Name]>>;
}

function nameOf({ part, owner }: SplitShown): string {
  if (part === null) return say.list;
  const name = owner === null ? partName(part) : fill(say.ofOther, { part: partName(part), name: owner });
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** The list of parts comes last: people look for what they wrote. */
function inOrder(splits: readonly SplitShown[]): SplitShown[] {
  return [...splits.filter((one) => one.part !== null), ...splits.filter((one) => one.part === null)];
}

function Part({ split }: { split: SplitShown }) {
  return (
    <section>
      <h2>{nameOf(split)}</h2>
      {split.again.length > 0 && (
        <>
          <p>{say.again}</p>
          <EntryList entries={split.again} />
        </>
      )}
      {linesOf(split).map((line) => (
        <p key={line}>{line}</p>
      ))}
    </section>
  );
}

type Now =
  | { readonly is: "looking" | "failed" }
  | { readonly is: "shown"; readonly splits: readonly SplitShown[] }
  | { readonly is: "done"; readonly left: boolean };

export function Histories({ done }: PageProps) {
  const now = useSignal<Now>({ is: "looking" });
  const busy = useSignal(false);
  const look = async (): Promise<void> => {
    const good = await attempt(async () => {
      now.value = { is: "shown", splits: await histories("look") };
    });
    if (!good) now.value = { is: "failed" };
  };
  useEffect(() => {
    void look();
    return () => void api().leaveRooms();
  }, []);
  const goOn = async (ready: readonly SplitShown[]): Promise<void> => {
    busy.value = true;
    const good = await attempt(async () => {
      const { held } = await histories("goOn", ready.map((one) => one.id));
      await refresh();
      now.value = { is: "done", left: held.length > 0 };
    });
    busy.value = false;
    if (!good) await look(); // some of it may be done
  };

  const at = now.value;
  const splits = at.is === "shown" ? at.splits : [];
  const ready = splits.filter((one) => one.can !== "wait");
  return (
    <Page title={say.title}>
      <div role="status">
        {at.is === "looking" && <p>{say.looking}</p>}
        {at.is === "done" && <p class="notice">{say.done}</p>}
        {at.is === "done" && at.left && <p>{say.left}</p>}
        {at.is === "shown" && splits.length === 0 && <p>{say.none}</p>}
      </div>
      {splits.length > 0 && <p>{say.what}</p>}
      {inOrder(splits).map((one) => (
        <Part key={one.id} split={one} />
      ))}
      {ready.length > 0 ? (
        <>
          <h2>{say.both}</h2>
          <p>{say.bothText}</p>
          <h2>{say.later}</h2>
          <p>{say.laterText}</p>
          <div class="pair">
            <button type="button" class="button" disabled={busy.value} onClick={() => void goOn(ready)}>
              {busy.value ? words.working : say.both}
            </button>
            <button type="button" class="button" disabled={busy.value} onClick={done}>
              {say.later}
            </button>
          </div>
        </>
      ) : (
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      )}
    </Page>
  );
}
