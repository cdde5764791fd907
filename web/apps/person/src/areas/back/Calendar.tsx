/** A month: a mark on each day that has a mood, a dot where something was written; a day without is a number and no more. */

import { Mark } from "../../parts/Icon.tsx";
import { faceAt } from "../../moods.ts";
import { moodWords } from "../../parts/Faces.tsx";
import { dateText, monthText, weekdayText } from "../../parts/dates.ts";
import { fill } from "../../words.ts";
import { locale } from "../../words/language.ts";
import { monthAfter, weeksOf, type Day } from "./days.ts";
import { say } from "./words.ts";

const DAYS_IN_WEEK = 7;
const MONDAY = 1;
/** 2024-01-01 was a Monday. */
const A_MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** Return the day on which a week begins here: 1 is Monday, 7 Sunday. */
function firstDayOfWeek(): number {
  const here = new Intl.Locale(locale()) as { getWeekInfo?: () => { firstDay: number } };
  return here.getWeekInfo?.().firstDay ?? MONDAY;
}

interface CalendarProps {
  readonly month: string;
  readonly days: ReadonlyMap<string, Day>;
  readonly chosen: string | null;
  readonly choose: (day: string | null) => void;
  readonly turn: (month: string) => void;
}

function Cell({ day, number, chosen, choose }: { day: Day; number: string; chosen: boolean; choose: () => void }) {
  const mood = day.mood === null ? say.written : (moodWords()[faceAt(day.mood)] ?? "");
  const date = dateText(Date.parse(`${day.day}T12:00:00`));
  return (
    <button type="button" class="day" aria-pressed={chosen} aria-label={fill(say.dayOf, { date, mood })} onClick={choose}>
      <span aria-hidden="true">{number}</span>
      {day.mood === null ? <span class="dot" aria-hidden="true" /> : <Mark mood={faceAt(day.mood)} />}
    </button>
  );
}

export function Calendar({ month, days, chosen, choose, turn }: CalendarProps) {
  const first = firstDayOfWeek();
  const [year = 0, number = 0] = month.split("-").map(Number);
  return (
    <section aria-label={say.calendar}>
      <div class="month">
        <button type="button" class="button" aria-label={say.before} onClick={() => { turn(monthAfter(month, -1)); }}>
          ‹
        </button>
        <h2>{monthText(year * 100 + number)}</h2>
        <button type="button" class="button" aria-label={say.after} onClick={() => { turn(monthAfter(month, 1)); }}>
          ›
        </button>
      </div>
      <table class="calendar">
        <thead>
          <tr>
            {Array.from({ length: DAYS_IN_WEEK }, (_one, at) => (
              <th key={at} scope="col">
                {weekdayText(A_MONDAY + ((first - MONDAY + at) % DAYS_IN_WEEK) * DAY_MS)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month, first).map((week, row) => (
            <tr key={row}>
              {week.map((name, column) => {
                const day = name === null ? undefined : days.get(name);
                const shown = String(Number(name?.slice(-2) ?? 0));
                return (
                  <td key={column}>
                    {name !== null && day === undefined && <span class="soft day">{shown}</span>}
                    {day !== undefined && (
                      <Cell
                        day={day}
                        number={shown}
                        chosen={chosen === name}
                        choose={() => {
                          choose(chosen === name ? null : name);
                        }}
                      />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
