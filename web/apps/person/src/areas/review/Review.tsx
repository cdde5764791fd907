/** A check-up of one's privacy: one question a page, each can be left out, nothing is scored or counted. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, choices, contacts, status } from "../../app.ts";
import { comforts, exitPage } from "../../comforts.ts";
import { USUAL_MINUTES } from "../../idle.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { Asked } from "./Asked.tsx";
import { findings, type Finding } from "./rules.ts";
import { say } from "./words.ts";

interface Found {
  readonly asked: readonly Finding[];
  /** The server could not be asked. */
  readonly lacking: boolean;
}

async function look(): Promise<Found> {
  const here = status.value;
  const signedIn = here.stage === "open" && here.signedIn;
  // What can't be asked for now is left out, and said: the rest of the tour needs no server.
  const [ways, devices] = signedIn
    ? await Promise.all([api().ways().catch(() => null), api().devices().catch(() => null)])
    : [null, null];
  const finished = here.stage === "open" && here.finished;
  const asked = findings({
    now: Date.now(),
    finished,
    ways,
    devices,
    contacts: contacts.value,
    comforts: { ...comforts.value, exitTo: exitPage() },
    lockAfterMinutes: choices.value.lockAfterMinutes ?? USUAL_MINUTES,
    spareTriedOn: choices.value.spareTriedOn,
    notNow: choices.value.notNow ?? [],
  });
  return { asked, lacking: finished && (ways === null || devices === null) };
}

export function Review({ done }: PageProps) {
  const found = useSignal<Found | null>(null);
  /** Which question is open; -1: none yet. */
  const place = useSignal(-1);
  useEffect(() => {
    void look().then((all) => (found.value = all));
  }, []);

  const all = found.value?.asked ?? [];
  const asked = all[place.value];
  const next = (): void => {
    place.value += 1;
  };
  if (asked !== undefined) {
    return <Asked key={place.value} asked={asked} place={place.value + 1} all={all.length} next={next} end={done} />;
  }
  const over = place.value >= 0;
  const nothing = found.value !== null && all.length === 0;
  return (
    <Page title={over ? say.over : say.title}>
      {found.value === null && <p role="status">{words.working}</p>}
      {found.value !== null && <p>{over ? say.overText : nothing ? say.none : say.lead}</p>}
      {!over && found.value?.lacking === true && <p class="notice">{say.offline}</p>}
      <div class="buttons">
        {!over && all.length > 0 && (
          <button type="button" class="button main" onClick={next}>
            {say.begin}
          </button>
        )}
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
