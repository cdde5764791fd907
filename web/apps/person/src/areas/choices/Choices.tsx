/** What a person allows the host, purpose by purpose: how it stands, yes and no alike, and every answer so far. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt, openPage, show, status } from "../../app.ts";
import type { ChoiceAsked, ChoicesShown, PurposeShown } from "../../engine/logged.ts";
import { dateText } from "../../parts/dates.ts";
import { Page } from "../../parts/Page.tsx";
import { PolicyLink } from "../../parts/PolicyLink.tsx";
import { saveAs } from "../../parts/saving.ts";
import { fill, words } from "../../words.ts";
import { language } from "../../words/language.ts";
import type { PageProps } from "../index.ts";
import { unsubscribe } from "../reminders/pushing.ts";
import { say } from "./words.ts";

/** The purpose that needs more than a yes: each device has its own times, and its own address at a push service. */
const REMINDERS = "reminders";

type Act = Exclude<ChoiceAsked, "letGo" | null>["act"];

/** Return when something was answered, as a day: the server keeps the hour. */
function dayOf(seconds: number): string {
  return dateText(seconds * 1000);
}

/** Return a purpose in the language on screen. */
function textOf(one: PurposeShown): { readonly title: string; readonly what: string; readonly then: string } {
  return one.says[language.value] ?? one.says["en"] ?? { title: one.id, what: "", then: "" };
}

interface PurposeProps {
  readonly one: PurposeShown;
  readonly busy: boolean;
  readonly answer: (act: Act) => void;
}

function Purpose({ one, busy, answer }: PurposeProps) {
  const { title, what, then } = textOf(one);
  const allowed = one.state === "given" || one.state === "renewed";
  const button = (act: Act, text: string) => (
    <button type="button" class="button" disabled={busy} aria-label={`${text}: ${title}`} onClick={() => { answer(act); }}>
      {text}
    </button>
  );
  return (
    <section>
      <h2>{title}</h2>
      <p>{what}</p>
      <p>{then}</p>
      <p>
        <strong>{fill(one.signal ? say.signal : say.states[one.state], { date: dayOf(one.at) })}</strong>
      </p>
      {allowed && (
        <div class="buttons">
          {button("withdraw", say.takeBack)}
          {one.id === REMINDERS && (
            <button type="button" class="button" onClick={() => { openPage("reminders"); }}>
              {say.times}
            </button>
          )}
        </div>
      )}
      {!allowed && one.offered && (
        <div class="pair">
          {button("give", say.yes)}
          {button("refuse", say.no)}
        </div>
      )}
      {!one.offered && one.state !== "refused" && <div class="buttons">{button("refuse", say.sayNo)}</div>}
    </section>
  );
}

/** The server forgot this device's address already; the browser and its push service forget it, too. */
async function letGoOfPush(): Promise<void> {
  await api().reminders("end");
  await unsubscribe();
}

function History({ shown, save }: { shown: ChoicesShown; save: (number: number) => void }) {
  const titles = new Map(shown.purposes.map((one) => [one.id, textOf(one).title]));
  return (
    <>
      <h2>{say.history}</h2>
      <p class="soft">{shown.history.length === 0 ? say.none : say.historyText}</p>
      <ul class="rows">
        {shown.history.toReversed().map((one) => (
          <li key={one.number}>
            <span class="grow">
              {titles.get(one.purpose) ?? one.purpose}: {one.signal ? say.bySignal : say.acts[one.act]}
            </span>
            <span class="soft small">{dayOf(one.at)}</span>
            <button
              type="button"
              class="button"
              aria-label={`${say.receipt}: ${titles.get(one.purpose) ?? one.purpose}, ${dayOf(one.at)}`}
              onClick={() => { save(one.number); }}
            >
              {say.receipt}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

export function Choices({ done }: PageProps) {
  const shown = useSignal<ChoicesShown | null>(null);
  const askedAt = useSignal(0);
  const busy = useSignal(false);
  const said = useSignal("");
  const here = status.value;
  const signedIn = here.stage === "open" && here.signedIn;
  const ask = async (asked: ChoiceAsked, kept: string): Promise<void> => {
    busy.value = true;
    said.value = "";
    const good = await attempt(async () => {
      shown.value = await api().permissions(asked);
      if (asked !== null && asked !== "letGo" && asked.purpose === REMINDERS && asked.act !== "give") await letGoOfPush();
      askedAt.value = Date.now();
    });
    busy.value = false;
    if (good) said.value = kept;
  };
  const save = async (number: number): Promise<void> => {
    said.value = "";
    await attempt(async () => {
      const file = await api().receiptOf(number);
      saveAs(new Blob([new Uint8Array(file)], { type: "application/json" }), `choice-${String(number + 1)}.json`);
      said.value = say.saved;
    });
  };
  useEffect(() => {
    if (signedIn) void ask(null, "");
  }, [signedIn]);
  const now = shown.value;
  return (
    <Page title={say.title}>
      <p>{say.text}</p>
      {!signedIn && <p class="notice">{say.signIn}</p>}
      <p role="status">{said.value}</p>
      {now !== null && now.lost > 0 && (
        <div class="notice">
          <p>{fill(say.lost, { n: String(now.lost) })}</p>
          <button type="button" class="button" disabled={busy.value} onClick={() => void ask("letGo", "")}>
            {say.seen}
          </button>
        </div>
      )}
      {now?.purposes.map((one) => (
        <Purpose
          key={one.id}
          one={one}
          busy={busy.value}
          answer={(act) => void ask({ purpose: one.id, act, language: language.value, askedAt: askedAt.value }, say.kept)}
        />
      ))}
      <h2>{say.shares}</h2>
      <p>{say.sharesText}</p>
      <div class="buttons">
        <button type="button" class="button" onClick={() => { show("people"); }}>
          {say.people}
        </button>
      </div>
      {now !== null && <History shown={now} save={(number) => void save(number)} />}
      <PolicyLink text={say.policy} />
      <div class="buttons">
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
