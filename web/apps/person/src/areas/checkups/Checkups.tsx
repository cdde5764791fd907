/** Check-ups: which there are, and the one that is being answered. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { loadAll, mayServe, type Instrument } from "@mindhaven/kinds";

import { chosenItem, contacts, entries, quietly } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { dateText } from "../../parts/dates.ts";
import { begunOf } from "../../parts/drafting.ts";
import { fill, words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { Asked } from "./Asked.tsx";
import { Asking } from "./Asking.tsx";
import { asks, readAsks } from "./asks.ts";
import { earlierOf } from "./results.ts";
import { say } from "./words.ts";

export const DRAFT_OF = "checkup/";

function Row({ one, open }: { one: Instrument; open: () => void }) {
  const last = earlierOf(entries.value, one.id)[0];
  const begun = begunOf(DRAFT_OF + one.id) !== null;
  return (
    <button type="button" class="choice" onClick={open}>
      <strong>{say.about[one.id] ?? one.about}</strong>
      <span class="soft small">
        {one.title}
        {begun && `. ${say.goOn}`}
        {!begun && last !== undefined && `. ${fill(say.last, { date: dateText(last.createdAt) })}`}
      </span>
    </button>
  );
}

export function Checkups({ done }: PageProps) {
  const chosen = useSignal<Instrument | null>(null);
  useEffect(() => void quietly(readAsks), [contacts.value]);
  const asked = useSignal(asks.value.find((one) => one.item === chosenItem.value) ?? null);
  const choose = (one: Instrument): void => {
    asked.value = asks.value.find(({ instrument }) => instrument.id === one.id) ?? null;
    chosen.value = one;
  };
  const back = (): void => {
    chosen.value = null;
    asked.value = null;
  };
  const instrument = asked.value?.instrument ?? chosen.value;
  if (instrument !== null) return <Asking instrument={instrument} ask={asked.value} back={back} done={done} />;
  return (
    <Page title={say.title}>
      <p>{say.none}</p>
      <Asked />
      {loadAll()
        .filter((one) => mayServe(one.licence, "commercial"))
        .map((one) => (
          <Row key={one.id} one={one} open={() => { choose(one); }} />
        ))}
      <button type="button" class="link" onClick={done}>
        {words.back}
      </button>
    </Page>
  );
}
