/** The open lock: what is in it, one of them, writing another, other words for it, and its end. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, quietly, refresh, sync } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { momentText } from "../../parts/dates.ts";
import { words } from "../../words.ts";
import { ChooseWords } from "../first/ChooseWords.tsx";
import { beginningOf, pageOf } from "../journal/journal.ts";
import { LockedEntry } from "./LockedEntry.tsx";
import { Lost } from "./Lost.tsx";
import { locker, tried } from "./locker.ts";
import { say } from "./words.ts";
import { WriteLocked } from "./WriteLocked.tsx";

type Step = "list" | "write" | "words" | "end" | { readonly item: string };

function Row({ entry, open }: { entry: EntryShown; open: () => void }) {
  const { title } = pageOf(entry.body);
  return (
    <li>
      <button type="button" class="choice" onClick={open}>
        <strong>{title === "" ? momentText(entry.createdAt) : title}</strong>
        {title !== "" && <span class="block soft small">{momentText(entry.createdAt)}</span>}
        {entry.error === null ? beginningOf(entry) : words.notOpen}
      </button>
    </li>
  );
}

export function Inside({ back, ended }: { back: () => void; ended: () => void }) {
  const step = useSignal<Step>("list");
  const listed = useSignal<readonly EntryShown[]>([]);
  const said = useSignal("");
  const load = (): Promise<boolean> =>
    tried(async () => {
      listed.value = await locker("entries");
    });
  useEffect(() => void load(), []);
  /** Something was changed: show the list again, and say what was done. */
  const done = async (told: string): Promise<void> => {
    await load();
    said.value = told;
    step.value = "list";
    await quietly(refresh);
    void sync();
  };
  const end = async (): Promise<void> => {
    const good = await tried(async () => {
      await locker("remove");
    });
    if (!good) return;
    await quietly(refresh);
    ended();
    void sync();
  };
  const toList = (): void => {
    step.value = "list";
  };
  const now = step.value;
  if (now === "write") return <WriteLocked entry={null} done={() => void done(say.saved)} back={toList} />;
  if (now === "words") {
    const change = async (chosen: string): Promise<void> => {
      if (await tried(() => locker("change", chosen))) await done(say.changed);
    };
    return <ChooseWords title={say.makeTitle} text={say.makeText} done={change} back={toList} />;
  }
  if (now === "end") {
    return (
      <Page title={say.end}>
        <p>{say.endText}</p>
        <div class="buttons">
          <button type="button" class="button" onClick={() => void end()}>
            {say.endYes}
          </button>
          <button type="button" class="button" onClick={toList}>
            {say.endNo}
          </button>
        </div>
      </Page>
    );
  }
  if (now !== "list") {
    const entry = listed.value.find((one) => one.item === now.item);
    if (entry !== undefined) return <LockedEntry entry={entry} done={(told) => void done(told)} back={toList} />;
  }
  return (
    <Page title={say.title}>
      <div role="status">{said.value !== "" && <p class="notice">{said.value}</p>}</div>
      {listed.value.length === 0 && <p>{say.none}</p>}
      <p class="soft small">{say.stays}</p>
      <ul class="plain">
        {listed.value.map((one) => (
          <Row key={one.item} entry={one} open={() => (step.value = { item: one.item })} />
        ))}
      </ul>
      <Lost />
      <div class="buttons">
        <button type="button" class="button main" onClick={() => (step.value = "write")}>
          {say.write}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            void quietly(() => api().leaveRooms());
            back();
          }}
        >
          {say.close}
        </button>
      </div>
      <p>
        <button type="button" class="link" onClick={() => (step.value = "words")}>
          {say.change}
        </button>
      </p>
      <p>
        <button type="button" class="link" onClick={() => (step.value = "end")}>
          {say.end}
        </button>
      </p>
    </Page>
  );
}
