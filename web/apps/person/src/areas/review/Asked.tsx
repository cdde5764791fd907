/** One question of the check-up: what is so, then what to do, done here or on the page that does it. */

import { useSignal } from "@preact/signals";

import { api, attempt, choices, choose, openPage, quietly, refresh, sync } from "../../app.ts";
import { dateText, dayText, localDay } from "../../parts/dates.ts";
import { partName } from "../../parts/names.ts";
import { OpenAgain } from "../../parts/OpenAgain.tsx";
import { Page } from "../../parts/Page.tsx";
import { fill } from "../../words.ts";
import type { PageName } from "../index.ts";
import { LOOK_STAYS, type Finding } from "./rules.ts";
import { say } from "./words.ts";

interface AskedProps {
  readonly asked: Finding;
  readonly place: number;
  readonly all: number;
  readonly next: () => void;
  readonly end: () => void;
}

type Of<W extends Finding["what"]> = Extract<Finding, { readonly what: W }>;

/** What another page mends. */
const OPENS = { noAccount: "finish", oneWay: "waysIn", noSpare: "waysIn", change: "waysIn", exit: "safety", look: "safety", lock: "safety" } as const satisfies Partial<
  Record<Finding["what"], PageName>
>;

function titleOf(asked: Finding): string {
  if (asked.what === "device") return fill(say.device.title, { name: asked.device.name || say.device.noName });
  if (asked.what === "share") return fill(say.share.title, { name: asked.name, part: partName(asked.share.part) });
  return say[asked.what].title;
}

function Elsewhere({ what }: { what: keyof typeof OPENS }) {
  return (
    <>
      <p>{say[what].text}</p>
      <div class="buttons">
        <button
          type="button"
          class="button"
          onClick={() => {
            openPage(OPENS[what]);
          }}
        >
          {say[what].act}
        </button>
        {what === "look" && <LookStays />}
      </div>
    </>
  );
}

/** The look is kept as it came: that answer is remembered, and not asked again. */
function LookStays() {
  const kept = choices.value.notNow?.includes(LOOK_STAYS) === true;
  return (
    <button
      type="button"
      class="button"
      aria-pressed={kept}
      onClick={() => {
        const others = (choices.value.notNow ?? []).filter((one) => one !== LOOK_STAYS);
        void quietly(() => choose("notNow", kept ? others : [...others, LOOK_STAYS]));
      }}
    >
      {say.look.keep}
    </button>
  );
}

function TrySpare() {
  const good = useSignal(false);
  return (
    <>
      <p>{say.trySpare.text}</p>
      {!good.value && (
        <OpenAgain
          spare
          opened={async (key) => {
            await api().tryWay(key);
            good.value = true;
            await choose("spareTriedOn", localDay(Date.now()));
          }}
        />
      )}
      <p role="status">{good.value && say.trySpare.good}</p>
    </>
  );
}

function Unseen({ asked: { device } }: { asked: Of<"device"> }) {
  const ending = useSignal(false);
  const ended = useSignal(false);
  return (
    <>
      <p>{fill(say.device.text, { date: dateText(device.lastSeenAt * 1000) })}</p>
      {ending.value ? (
        <OpenAgain
          spare={false}
          opened={async (key) => {
            await api().endDevice(device.session, key);
            ending.value = false;
            ended.value = true;
          }}
        />
      ) : (
        !ended.value && (
          <button type="button" class="button" onClick={() => (ending.value = true)}>
            {say.device.act}
          </button>
        )
      )}
      <p role="status">{ended.value && say.device.done}</p>
    </>
  );
}

/** Two equal answers; keeping it is also how this question is left out. */
function Shared({ asked, next }: { asked: Of<"share">; next: () => void }) {
  const stopped = useSignal(false);
  const { uid, name, share, reasons } = asked;
  const stop = async (): Promise<void> => {
    const good = await attempt(async () => {
      await api().stopSharing(share.part, uid);
      await refresh();
    });
    if (!good) return;
    stopped.value = true;
    void sync();
  };
  return (
    <>
      <ul class="lines">
        {reasons.map((one) => (
          <li key={one}>{fill(say.share.reasons[one], { date: dayText(share.until) })}</li>
        ))}
      </ul>
      <p role="status">{stopped.value && fill(say.share.stopped, { name })}</p>
      {stopped.value ? (
        <Next next={next} />
      ) : (
        <>
          <p>{say.share.text}</p>
          <p class="soft">{say.share.stopText}</p>
          <div class="pair">
            <button type="button" class="button" onClick={() => void stop()}>
              {say.share.stop}
            </button>
            <button type="button" class="button" onClick={next}>
              {say.share.keep}
            </button>
          </div>
        </>
      )}
    </>
  );
}

function Question({ asked, next }: { asked: Finding; next: () => void }) {
  if (asked.what === "device") return <Unseen asked={asked} />;
  if (asked.what === "share") return <Shared asked={asked} next={next} />;
  if (asked.what === "trySpare") return <TrySpare />;
  return <Elsewhere what={asked.what} />;
}

function Next({ next }: { next: () => void }) {
  return (
    <button type="button" class="button" onClick={next}>
      {say.next}
    </button>
  );
}

export function Asked({ asked, place, all, next, end }: AskedProps) {
  return (
    <Page title={titleOf(asked)}>
      <p class="soft small">{fill(say.place, { n: String(place), all: String(all) })}</p>
      <Question asked={asked} next={next} />
      <div class="buttons">
        {asked.what !== "share" && <Next next={next} />}
        <button type="button" class="link" onClick={end}>
          {say.end}
        </button>
      </div>
    </Page>
  );
}
