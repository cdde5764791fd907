/** Mood over time, and what goes together with it: only if the person wants it, and never before there is enough. */

import { choices, choose, entries, quietly } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { localDay } from "../../parts/dates.ts";
import { fill, words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { dayNumber, daysOf, type Day } from "./days.ts";
import { MoodChart } from "./MoodChart.tsx";
import { halvesOf, patternsOf, type Pattern } from "./patterns.ts";
import { say } from "./words.ts";

const DAYS_SHOWN = 90;
/** Return what the two halves of the time say, in a sentence; null before there is enough of each. */
function direction(days: readonly Day[], middle: number): string | null {
  const found = halvesOf(days, middle);
  return found === null ? null : { higher: say.moodUp, lower: say.moodDown, same: say.moodSame }[found];
}

function sentence({ what, name, higher, days, of }: Pattern): string {
  const text = what === "sleep" ? (higher ? say.sleepHigher : say.sleepLower) : higher ? say.tagHigher : say.tagLower;
  return fill(text, { name, days: String(days), of: String(of) });
}

function Together({ days }: { days: readonly Day[] }) {
  if (choices.value.patterns !== true) {
    return (
      <>
        <p>{say.goesOff}</p>
        <div class="pair">
          <button type="button" class="button" onClick={() => void quietly(() => choose("patterns", true))}>
            {say.goesOn}
          </button>
          <button type="button" class="button" onClick={() => void quietly(() => choose("patterns", false))}>
            {say.goesNo}
          </button>
        </div>
      </>
    );
  }
  const found = patternsOf(days);
  const counted = days.filter((day) => day.mood !== null).length;
  return (
    <>
      {found === null && <p>{fill(say.goesFew, { n: String(counted) })}</p>}
      {found?.length === 0 && <p>{say.goesNone}</p>}
      <ul class="rows">
        {found?.map((one) => (
          <li key={`${one.what}/${one.name}`}>
            <span>
              {sentence(one)} <span class="soft">{say.chance}</span>
            </span>
          </li>
        ))}
      </ul>
      <button type="button" class="link" onClick={() => void quietly(() => choose("patterns", null))}>
        {say.goesEnd}
      </button>
    </>
  );
}

export function Patterns({ done }: PageProps) {
  const to = dayNumber(localDay(Date.now()));
  const from = to - DAYS_SHOWN + 1;
  const mine = entries.value.filter((one) => one.mine);
  const days = [...daysOf(mine).values()].filter((day) => dayNumber(day.day) >= from).sort((one, other) => (one.day < other.day ? -1 : 1));
  const moods = days.filter((day) => day.mood !== null);
  /** A time before the first mood is no half of anything. */
  const first = dayNumber(moods[0]?.day ?? localDay(Date.now()));
  const told = direction(moods, (first + to + 1) / 2);
  return (
    <Page title={say.patterns}>
      <h2>{fill(say.moodTitle, { n: String(DAYS_SHOWN) })}</h2>
      {moods.length < 2 ? (
        <p>{say.moodFew}</p>
      ) : (
        <>
          {told !== null && (
            <p>
              {told} <span class="soft">{say.chance}</span>
            </p>
          )}
          <MoodChart days={days} from={first} to={to} />
        </>
      )}
      <h2>{say.goesTitle}</h2>
      <Together days={days} />
      <div class="buttons">
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
