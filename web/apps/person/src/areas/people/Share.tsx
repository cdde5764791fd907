/** Sharing: what, from when, until when, a look at exactly what will be seen, then the agreement; a page each. */

import { useSignal } from "@preact/signals";

import { api, attempt, entries, refresh } from "../../app.ts";
import type { ContactShown, Terms } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { monthBack, todayNumber } from "../../parts/dates.ts";
import { partName } from "../../parts/names.ts";
import { fill, words } from "../../words.ts";
import { language } from "../../words/language.ts";
import { Agree } from "./Agree.tsx";
import { Look } from "./Look.tsx";
import { Pick } from "./Pick.tsx";
import { seenBy, type Sharing } from "./sharing.ts";
import { copiesText, shareText } from "./terms.ts";
import { say } from "./words.ts";

const DAYS = 90;
const DAY_MS = 86_400_000;

type Step = "what" | "pick" | "from" | "until" | "look" | "agree";

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function Back({ to }: { to: () => void }) {
  return (
    <button type="button" class="link" onClick={to}>
      {words.back}
    </button>
  );
}

function What({ name, choose, done }: { name: string; choose: (part: string | null) => void; done: () => void }) {
  const mine = entries.value.filter((one) => one.mine);
  const parts = [...new Set(mine.map((one) => one.part))];
  const count = (part: string): number => mine.filter((one) => one.part === part).length;
  return (
    <Page title={fill(say.shareWhat, { name })}>
      {parts.map((one) => (
        <button key={one} type="button" class="choice" onClick={() => { choose(one); }}>
          <strong>{partName(one)}</strong>
          {count(one)}
        </button>
      ))}
      {parts.length === 0 && <p class="soft">{words.nothingYet}</p>}
      {parts.length > 0 && (
        <button type="button" class="choice" onClick={() => { choose(null); }}>
          <strong>{say.copies}</strong>
          {say.copiesWhy}
        </button>
      )}
      <p>{say.shareLess}</p>
      <Back to={done} />
    </Page>
  );
}

function From({ part, choose, back }: { part: string; choose: (since: number) => void; back: () => void }) {
  const spans = [
    { word: say.thisMonth, month: monthBack(0) },
    { word: say.lastThree, month: monthBack(2) },
    { word: say.everything, month: 0 },
  ];
  return (
    <Page title={say.shareFrom}>
      {spans.map(({ word, month }) => (
        <button key={word} type="button" class="choice" onClick={() => { choose(month); }}>
          <strong>{word}</strong>
          {seenBy(entries.value, { what: "part", part, since: month }).length}
        </button>
      ))}
      <Back to={back} />
    </Page>
  );
}

function Until({ day, change, next, back }: { day: number; change: (day: number) => void; next: () => void; back: () => void }) {
  return (
    <Page title={say.shareUntil}>
      <label class="field">
        <span>{say.lastDay}</span>
        <input
          type="date"
          required
          min={dateOf(todayNumber())}
          value={dateOf(day)}
          onInput={(event) => {
            const typed = Math.floor(event.currentTarget.valueAsNumber / DAY_MS);
            if (Number.isSafeInteger(typed) && typed >= todayNumber()) change(typed);
          }}
        />
      </label>
      <div class="buttons">
        <button type="button" class="button main" onClick={next}>
          {words.next}
        </button>
        <button type="button" class="button" onClick={back}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}

interface ShareProps {
  readonly person: ContactShown;
  /** Copies of these and of nothing else: what is shared is no question then. */
  readonly items?: readonly string[];
  readonly done: (said: string) => void;
}

export function Share({ person, items, done }: ShareProps) {
  const step = useSignal<Step>(items === undefined ? "what" : "until");
  const sharing = useSignal<Sharing>(items === undefined ? { what: "part", part: "", since: 0 } : { what: "copies", items });
  const until = useSignal(todayNumber() + DAYS);
  const busy = useSignal(false);
  const { name } = person;
  const now = sharing.value;
  const to = (next: Step) => (): void => {
    step.value = next;
  };
  const without = (): void => {
    done("");
  };
  const what = now.what === "part" ? partName(now.part) : say.copies;
  const terms = now.what === "part" ? shareText({ since: now.since, until: until.value }) : copiesText(now.items.length, until.value);
  const agree = async (purpose: Terms["purpose"], text: string): Promise<void> => {
    busy.value = true;
    const agreed = { until: until.value, text, language: language.value, purpose };
    const good = await attempt(async () => {
      if (now.what === "part") await api().share(now.part, person.uid, now.since, agreed);
      else await api().shareCopies(now.items, person.uid, agreed);
      await refresh();
    });
    busy.value = false;
    if (good) done(fill(say.shared, { name, part: what }));
  };

  switch (step.value) {
    case "what":
      return (
        <What
          name={name}
          done={without}
          choose={(part) => {
            sharing.value = part === null ? { what: "copies", items: [] } : { what: "part", part, since: 0 };
            step.value = part === null ? "pick" : "from";
          }}
        />
      );
    case "pick":
      return <Pick back={to("what")} picked={(items) => { sharing.value = { what: "copies", items }; step.value = "until"; }} />;
    case "from":
      return <From part={what === "" || now.what !== "part" ? "" : now.part} back={to("what")} choose={(since) => { if (now.what === "part") sharing.value = { ...now, since }; step.value = "until"; }} />;
    case "until":
      return <Until day={until.value} change={(day) => (until.value = day)} next={to("look")} back={items === undefined ? to(now.what === "part" ? "from" : "pick") : without} />;
    case "look":
      return <Look name={name} seen={seenBy(entries.value, now)} copies={now.what === "copies"} next={to("agree")} back={to("until")} />;
    case "agree":
      return <Agree name={name} part={what} terms={terms} busy={busy.value} yes={(purpose, text) => void agree(purpose, text)} no={without} />;
  }
}
