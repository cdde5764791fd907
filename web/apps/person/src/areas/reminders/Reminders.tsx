/** Reminders of this device: what happens and who learns of it, the times, on and off. Nothing is asked of the browser before. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { EngineError } from "@mindhaven/sdk/browser";

import { api, attempt, fault, openPage, quietly, sharedDevice, stage, status } from "../../app.ts";
import type { PurposeShown, RemindersAsked, RemindersShown } from "../../engine/logged.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { language } from "../../words/language.ts";
import type { PageProps } from "../index.ts";
import { ability, address, keepWords, needsHomeScreen, permitted, subscribe, unsubscribe } from "./pushing.ts";
import { Times } from "./Times.tsx";
import { FIRST, chosen } from "./times.ts";
import { say } from "./words.ts";

/** What reminders need: a yes of the person's, once for all their devices. */
const PURPOSE = "reminders";

function allows(one: PurposeShown | null): boolean {
  return one !== null && (one.state === "given" || one.state === "renewed");
}

/** Why there can be none here, with what to do about it if there is something; null: there can. */
function hindrance(shown: RemindersShown | null): { readonly text: string; readonly act?: () => void; readonly label?: string } | null {
  const here = status.value;
  if (sharedDevice.value) return { text: say.shared };
  if (here.stage !== "open" || !here.finished) {
    return { text: say.account, label: words.finish, act: () => { openPage("finish"); } };
  }
  if (!here.signedIn) return { text: say.signIn, label: words.signInAgain, act: () => (stage.value = "join") };
  if (ability() === "unable") return { text: needsHomeScreen() ? say.homeScreen : say.unable };
  if (ability() === "blocked") return { text: say.blocked };
  return shown !== null && shown.key === null ? { text: say.server } : null;
}

/** What happens; `asks` is what the server asks about, in its own words: these are what is agreed to. */
function About({ asks, children }: { asks: PurposeShown | null; children: ComponentChildren }) {
  const its = asks?.says[language.value];
  return (
    <>
      <p>{say.text}</p>
      {its === undefined ? (
        <p>{say.learns}</p>
      ) : (
        <>
          <h2>{its.title}</h2>
          <p>{its.what}</p>
          <p>{its.then}</p>
        </>
      )}
      <p>{say.stops}</p>
      {children}
    </>
  );
}

export function Reminders({ done }: PageProps) {
  const shown = useSignal<RemindersShown | null>(null);
  const moved = useSignal(false);
  const times = useSignal<readonly string[]>([FIRST]);
  const editing = useSignal(false);
  const said = useSignal("");
  const busy = useSignal(false);
  const asks = useSignal<PurposeShown | null>(null);
  const askedAt = useSignal(0);
  const choose = async (act: "give" | "defer" | null): Promise<void> => {
    const answer = act === null ? null : { purpose: PURPOSE, act, language: language.value, askedAt: askedAt.value };
    const { purposes } = await api().permissions(answer);
    asks.value = purposes.find(({ id }) => id === PURPOSE) ?? null;
    askedAt.value = Date.now();
  };
  const take = async (asked: RemindersAsked): Promise<void> => {
    const now = await api().reminders(asked);
    shown.value = now;
    // A browser may have given itself another address since: the server's pushes would reach nobody.
    moved.value = now.endpoint !== null && (await address()) !== now.endpoint;
    if (now.times.length > 0) times.value = now.times;
    editing.value = false;
  };
  useEffect(() => {
    if (hindrance(null) === null) void attempt(() => Promise.all([take(null), choose(null)]).then(() => undefined));
  }, []);

  const during = async (act: () => Promise<void>): Promise<void> => {
    busy.value = true;
    said.value = "";
    await attempt(act);
    busy.value = false;
  };
  const turnOn = (key: string) => async (): Promise<void> => {
    const wanted = chosen(times.value);
    if (wanted.length === 0) {
      fault.value = { message: say.noTimes, hint: null };
      return;
    }
    if (!(await permitted())) {
      fault.value = { message: say.refused, hint: ability() === "blocked" ? say.blocked : null };
      return;
    }
    const endpoint = await subscribe(key).catch(() => null);
    if (endpoint === null) {
      fault.value = { message: say.noService, hint: null };
      return;
    }
    try {
      if (!allows(asks.value)) await choose("give");
      await take({ endpoint, times: wanted });
      await keepWords();
    } catch (error) {
      if (!(error instanceof EngineError) || error.reason !== "push-service") throw error;
      await unsubscribe();
      fault.value = { message: say.serviceRefused, hint: null };
    }
  };
  const turnOff = async (): Promise<void> => {
    await take("end");
    await unsubscribe();
    said.value = say.isOff;
  };

  const why = hindrance(shown.value);
  const now = shown.value;
  const on = now !== null && now.endpoint !== null && !now.ended && !moved.value && allows(asks.value);
  const back = (label: string) => (
    <button type="button" class="button" onClick={done}>
      {label}
    </button>
  );
  const key = now?.key ?? null;
  if (why !== null || now === null || key === null || asks.value === null) {
    return (
      <Page title={say.title}>
        <About asks={asks.value}>{why !== null && <p class="notice">{why.text}</p>}</About>
        <div class="buttons">
          {why?.act !== undefined && (
            <button type="button" class="button main" onClick={why.act}>
              {why.label}
            </button>
          )}
          {back(words.back)}
        </div>
      </Page>
    );
  }
  /** "Not now" is kept where nothing was answered before; the page closes either way. */
  const notNow = (): void => {
    if (asks.value?.state === "unasked") void quietly(() => choose("defer"));
    done();
  };
  const start = (): void => void during(turnOn(key));
  const about = (
    <About asks={asks.value}>
      <p class="soft small">{say.screen}</p>
    </About>
  );
  if (on && !editing.value) {
    return (
      <Page title={say.title}>
        <p>{say.on}</p>
        <ul class="lines">
          {now.times.map((time) => (
            <li key={time}>{time}</li>
          ))}
        </ul>
        <div class="pair">
          <button type="button" class="button" disabled={busy.value} onClick={() => (editing.value = true)}>
            {words.change}
          </button>
          <button type="button" class="button" disabled={busy.value} onClick={() => void during(turnOff)}>
            {say.turnOff}
          </button>
        </div>
        <h2>{say.what}</h2>
        {about}
        <div class="buttons">{back(words.back)}</div>
      </Page>
    );
  }
  return (
    <Page title={say.title}>
      {about}
      {now.endpoint !== null && !on && <p class="notice">{allows(asks.value) ? say.ended : say.takenBack}</p>}
      <p role="status">{said.value}</p>
      <Times times={times} />
      <div class="pair">
        <button type="button" class="button" disabled={busy.value} onClick={start}>
          {on ? say.keep : say.turnOn}
        </button>
        <button type="button" class="button" onClick={notNow}>
          {words.notNow}
        </button>
      </div>
    </Page>
  );
}
