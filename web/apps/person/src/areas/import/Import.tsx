/** Bring in from another app: choose a file, say what it needs, look, bring it in, or take it back. */

import { useSignal } from "@preact/signals";

import { api, attempt, refresh, sync } from "../../app.ts";
import type { Looked, LookedInto, Telling } from "../../engine/imports.ts";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { Batches } from "./Batches.tsx";
import { Columns } from "./Columns.tsx";
import { countText } from "./counts.ts";
import { Look } from "./Look.tsx";
import { MoodNames } from "./MoodNames.tsx";
import { say } from "./words.ts";

type Asking =
  | { readonly now: "choose"; readonly said: string }
  | { readonly now: "look"; readonly file: File; readonly told: Telling; readonly found: Looked }
  | { readonly now: "add"; readonly done: number; readonly all: number }
  | { readonly now: "done"; readonly added: number; readonly corrected: number };

function fresh(): Telling {
  return { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, zoneChosen: false, moods: {}, columns: "" };
}

function ChooseFile({ busy, chosen }: { busy: boolean; chosen: (file: File) => void }) {
  return (
    <div class="attach">
      <label class="button main">
        {busy ? say.reading : say.choose}
        <input
          type="file"
          class="hidden"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          disabled={busy}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file !== undefined) chosen(file);
            event.currentTarget.value = "";
          }}
        />
      </label>
    </div>
  );
}

export function Import({ done }: PageProps) {
  const asking = useSignal<Asking>({ now: "choose", said: "" });
  const busy = useSignal(false);
  const now = asking.value;

  const look = async (file: File, told: Telling): Promise<void> => {
    busy.value = true;
    await attempt(async () => {
      asking.value = { now: "look", file, told, found: await api().lookInto(file, told) };
    });
    busy.value = false;
  };
  const add = async ({ fresh: all }: LookedInto): Promise<void> => {
    let [added, corrected, over] = [0, 0, false];
    asking.value = { now: "add", done: 0, all };
    const good = await attempt(async () => {
      while (!over) {
        const step = await api().bringMore();
        added += step.added;
        corrected += step.corrected;
        over = step.done;
        asking.value = { now: "add", done: added, all };
      }
    });
    await refresh();
    void sync();
    asking.value = good || added > 0 ? { now: "done", added, corrected } : { now: "choose", said: "" };
  };
  const again = (said = ""): void => {
    asking.value = { now: "choose", said };
  };

  switch (now.now) {
    case "choose":
      return (
        <Page title={say.title}>
          <p>{say.lead}</p>
          <p role="status">{now.said}</p>
          <ChooseFile busy={busy.value} chosen={(file) => void look(file, fresh())} />
          <Batches took={again} />
          <div class="buttons">
            <button type="button" class="button" onClick={done}>
              {words.back}
            </button>
          </div>
        </Page>
      );
    case "look": {
      const { file, told, found } = now;
      const tell = (more: Partial<Telling>): void => void look(file, { ...told, ...more });
      if (!found.known) return <Columns table={found} tell={tell} back={again} />;
      if (found.unknownMoods.length > 0) return <MoodNames names={found.unknownMoods} told={told} tell={tell} back={again} />;
      return <Look found={found} told={told} busy={busy.value} tell={tell} add={() => void add(found)} back={again} />;
    }
    case "add": {
      const line = fill(say.adding, { done: countText(now.done), all: countText(now.all) });
      return (
        <Page title={say.title}>
          <p role="status">{line}</p>
          <progress class="progress" aria-label={say.title} value={now.done} max={Math.max(1, now.all)} />
        </Page>
      );
    }
    case "done":
      return (
        <Page title={say.doneTitle}>
          <p role="status">{fill(say.added, { count: countText(now.added) })}</p>
          {now.corrected > 0 && <p>{fill(say.corrected, { count: countText(now.corrected) })}</p>}
          <div class="buttons">
            <button type="button" class="button main" onClick={done}>
              {words.back}
            </button>
            <button type="button" class="button" onClick={() => { again(); }}>
              {say.another}
            </button>
          </div>
          <Batches took={again} />
        </Page>
      );
  }
}
