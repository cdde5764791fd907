/** What was agreed to with each share between two people, in the words that were signed, with receipts of one's own. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../../app.ts";
import type { AgreedShown } from "../../engine/logged.ts";
import type { ContactShown } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { dateText } from "../../parts/dates.ts";
import { partName } from "../../parts/names.ts";
import { saveAs } from "../../parts/saving.ts";
import { fill, words } from "../../words.ts";
import { say } from "./agreed.ts";

const PURPOSES = ["care", "notes", "proceedings"] as const;

function dayOf(seconds: number): string {
  return dateText(seconds * 1000);
}

function One({ one, name, save }: { one: AgreedShown; name: string; save: () => void }) {
  const purpose = PURPOSES.find((known) => known === one.purpose);
  const part = one.part === null ? "" : partName(one.part);
  const when = fill(one.mine ? say.mine : say.theirs, { name, date: dayOf(one.givenAt) });
  return (
    <section>
      <h2>
        {part !== "" && <><bdi>{part}</bdi>: </>}
        {purpose === undefined ? one.purpose : say.for[purpose]}
      </h2>
      {one.words !== null && <blockquote lang={one.language}><bdi>{one.words}</bdi></blockquote>}
      {one.words === null && <p class="soft">{one.differs ? say.differs : say.noWords}</p>}
      <p class="soft small">
        {when} {one.endedAt !== null && fill(say.ended, { date: dayOf(one.endedAt) })}
      </p>
      {one.mine && one.words !== null && (
        <div class="buttons">
          <button type="button" class="button" aria-label={`${say.receipt}: ${part}, ${dayOf(one.givenAt)}`} onClick={save}>
            {say.receipt}
          </button>
        </div>
      )}
    </section>
  );
}

export function Agreed({ person, done }: { person: ContactShown; done: () => void }) {
  const shown = useSignal<readonly AgreedShown[] | null>(null);
  const said = useSignal("");
  useEffect(() => {
    void attempt(async () => {
      shown.value = (await api().agreed()).filter((one) => one.by === person.uid || one.to === person.uid);
    });
  }, [person.uid]);
  const save = async (one: AgreedShown): Promise<void> => {
    said.value = "";
    await attempt(async () => {
      const file = await api().receiptOf(one.id);
      saveAs(new Blob([new Uint8Array(file)], { type: "application/json" }), `share-${one.id.slice(0, 8)}.json`);
      said.value = say.saved;
    });
  };
  const all = shown.value;
  return (
    <Page title={fill(say.title, { name: person.name })}>
      <p>{all?.length === 0 ? say.none : say.text}</p>
      <p role="status">{said.value}</p>
      {all?.map((one) => <One key={one.id} one={one} name={person.name} save={() => void save(one)} />)}
      <div class="buttons">
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
