/** Before a check-up: how long, what for, who gets it; nothing is asked yet. */

import type { Instrument } from "@mindhaven/kinds";
import { useSignal } from "@preact/signals";

import { attempt, contacts } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { dayText } from "../../parts/dates.ts";
import { fill, words } from "../../words.ts";
import { language } from "../../words/language.ts";
import { settleAsk } from "./asks.ts";
import type { Ask } from "./notes.ts";
import { say } from "./words.ts";

const SECONDS_PER_QUESTION = 12;

interface BeforeProps {
  readonly instrument: Instrument;
  /** Who asked for it, if somebody did. */
  readonly ask: Ask | null;
  readonly begun: boolean;
  readonly start: (press: MouseEvent) => void;
  readonly back: () => void;
}

/** Who asked: who gets all answers, and when they may be read, before anything else. */
function AskedBy({ ask: { from, readsFrom } }: { ask: Ask }) {
  return (
    <>
      <p>
        {fill(say.askedBy, { name: from.name })}
        {readsFrom !== null && ` ${fill(say.askedLater, { name: from.name, date: dayText(readsFrom) })}`}
      </p>
      <p>{fill(say.askedNo, { name: from.name })}</p>
    </>
  );
}

export function Before({ instrument, ask, begun, start, back }: BeforeProps) {
  const busy = useSignal(false);
  const decline = async (one: Ask): Promise<void> => {
    busy.value = true;
    if (await attempt(() => settleAsk(one))) back();
    busy.value = false;
  };
  const count = instrument.items.length;
  const minutes = Math.max(1, Math.round((count * SECONDS_PER_QUESTION) / 60));
  const readers = contacts.value.filter((one) => one.reads.some((share) => share.part === "checkups"));
  return (
    <Page title={say.about[instrument.id] ?? instrument.about}>
      {ask !== null && <AskedBy ask={ask} />}
      <p>
        {fill(ask === null ? say.before : say.beforeAsked, {
          count: String(count),
          recall: say.recall[instrument.recall] ?? instrument.recall,
          minutes: minutes === 1 ? say.minute : fill(say.minutes, { n: String(minutes) }),
        })}
        {ask === null && readers.length > 0 && ` (${readers.map((one) => one.name).join(", ")})`}
      </p>
      {instrument.risk !== null && <p>{say.item9}</p>}
      {language.value !== instrument.language && <p>{say.english}</p>}
      <div class="buttons">
        <button type="button" class="button main" onClick={start}>
          {begun ? words.next : say.begin}
        </button>
        {ask !== null && (
          <button type="button" class="button" disabled={busy.value} onClick={() => void decline(ask)}>
            {say.decline}
          </button>
        )}
        <button type="button" class="button" onClick={back}>
          {words.back}
        </button>
      </div>
      <h2>{say.source}</h2>
      <p class="soft small" lang={instrument.language}>
        {instrument.title}. {instrument.licence.attribution}
      </p>
    </Page>
  );
}
