/** A page for an appointment: what the last weeks held, made on this device, to be shown, printed or kept as a PDF. */

import { useSignal } from "@preact/signals";

import { CHECKUP, MEDICINE, PLAN } from "../../kinds.ts";
import { entries } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { faceAt } from "../../moods.ts";
import { moodWords } from "../../parts/Faces.tsx";
import { Page } from "../../parts/Page.tsx";
import { dateText, localDay, numberText } from "../../parts/dates.ts";
import { titleOf } from "../../parts/saying.ts";
import { fill, words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { dayNumber, daysOf, mean, type Day } from "./days.ts";
import { MoodChart } from "./MoodChart.tsx";
import { sleepHours } from "./patterns.ts";
import { say } from "./words.ts";

const SPANS = [28, 90] as const;

/** Return the moods that came most, the most first. */
function usual(days: readonly Day[]): string {
  const counted = new Map<number, number>();
  for (const day of days) {
    if (day.mood === null) continue;
    const face = faceAt(day.mood);
    counted.set(face, (counted.get(face) ?? 0) + 1);
  }
  return [...counted]
    .sort(([face, one], [otherFace, other]) => other - one || otherFace - face)
    .map(([face, times]) => `${moodWords()[face] ?? ""} (${String(times)})`)
    .join(", ");
}

function Listed({ title, found }: { title: string; found: readonly EntryShown[] }) {
  if (found.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <table>
        <tbody>
          {found.map((one) => (
            <tr key={one.item}>
              <td>{dateText(one.createdAt)}</td>
              <td>{titleOf(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

export function Summary({ done }: PageProps) {
  const span = useSignal<(typeof SPANS)[number]>(SPANS[0]);
  const to = dayNumber(localDay(Date.now()));
  const from = to - span.value + 1;
  const mine = entries.value.filter((one) => one.mine && one.body !== null);
  const days = [...daysOf(mine).values()]
    .filter((day) => dayNumber(day.day) >= from && dayNumber(day.day) <= to)
    .sort((one, other) => (one.day < other.day ? -1 : 1));
  const within = days.flatMap((day) => day.entries);
  const nights = within.map(sleepHours).filter((hours) => hours !== null);
  const slept = mean(nights);
  const plan = mine.find((one) => one.kind === PLAN);
  return (
    <Page title={say.summaryTitle}>
      <p class="no-print">{say.summaryText}</p>
      <div class="chips no-print">
        {SPANS.map((one) => (
          <button key={one} type="button" class="button" aria-pressed={span.value === one} onClick={() => (span.value = one)}>
            {one === SPANS[0] ? say.weeks : say.months}
          </button>
        ))}
      </div>
      <p>{fill(say.entriesOn, { n: String(days.length), all: String(span.value) })}</p>
      {days.length === 0 && <p>{say.nothing}</p>}
      {days.some((day) => day.mood !== null) && (
        <>
          <h2>{say.mood}</h2>
          <p>
            {say.usual}: {usual(days)}
          </p>
          <MoodChart days={days} from={from} to={to} />
        </>
      )}
      {slept !== null && <p>{fill(say.sleepMean, { hours: numberText(slept), n: String(nights.length) })}</p>}
      <Listed title={say.checkups} found={within.filter((one) => one.kind === CHECKUP)} />
      <Listed title={say.medicine} found={within.filter((one) => one.kind === MEDICINE)} />
      {plan !== undefined && <p>{fill(say.planChanged, { date: dateText(plan.createdAt) })}</p>}
      <p class="soft small">{fill(say.madeOn, { date: dateText(Date.now()) })}</p>
      <div class="buttons no-print">
        <button type="button" class="button main" onClick={() => { print(); }}>
          {say.print}
        </button>
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
