/** Moods as a line with their marks, and the same as a table: no smoothing, and no line over days without an entry. */

import { faceAt } from "../../moods.ts";
import { MARKS } from "../../parts/Icon.tsx";
import { moodWords } from "../../parts/Faces.tsx";
import { dateText } from "../../parts/dates.ts";
import { dayNumber, type Day } from "./days.ts";
import { say } from "./words.ts";

const WIDTH = 360;
const HEIGHT = 180;
const EDGE = 16;
/** Days side by side are joined; over a gap there is no line, since nobody knows what was. */
const JOINED_DAYS = 1;
const MARK = 13;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly number: number;
  readonly mood: number;
}

/** Return the pieces of the line: runs of days side by side. */
function runsOf(points: readonly Point[]): Point[][] {
  const runs: Point[][] = [];
  for (const one of points) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && one.number - before.number <= JOINED_DAYS) last.push(one);
    else runs.push([one]);
  }
  return runs;
}

interface MoodChartProps {
  readonly days: readonly Day[];
  /** The first and the last day of the chart, as days since 1970. */
  readonly from: number;
  readonly to: number;
}

export function MoodChart({ days, from, to }: MoodChartProps) {
  const points = days
    .flatMap((day): Point[] => {
      const number = dayNumber(day.day);
      if (day.mood === null || number < from || number > to) return [];
      const x = EDGE + ((number - from) / Math.max(1, to - from)) * (WIDTH - 2 * EDGE);
      return [{ x, y: HEIGHT - EDGE - ((day.mood + 1) / 2) * (HEIGHT - 2 * EDGE), number, mood: day.mood }];
    })
    .sort((one, other) => one.number - other.number);
  const shown = days.filter((day) => day.mood !== null && dayNumber(day.day) >= from && dayNumber(day.day) <= to);
  return (
    <>
      <svg class="chart" viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} aria-hidden="true">
        {[0, 1, 2, 3, 4].map((face) => {
          const y = HEIGHT - EDGE - (face / 4) * (HEIGHT - 2 * EDGE);
          return <path key={face} class="grid" d={`M${String(EDGE)} ${String(y)}H${String(WIDTH - EDGE)}`} />;
        })}
        {runsOf(points).map((run) => (
          <polyline key={run[0]?.number} points={run.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")} />
        ))}
        {points.map(({ x, y, number, mood }) => (
          <path
            key={number}
            class={`mark mood-${String(faceAt(mood) + 1)}`}
            d={MARKS[faceAt(mood)] ?? ""}
            transform={`translate(${(x - MARK / 2).toFixed(1)} ${(y - MARK / 2).toFixed(1)}) scale(${String(MARK / 24)})`}
          />
        ))}
      </svg>
      <p class="soft small">{say.higher}</p>
      <details class="fold">
        <summary>{say.table}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{say.date}</th>
              <th scope="col">{say.mood}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((day) => (
              <tr key={day.day}>
                <td>{dateText(Date.parse(`${day.day}T12:00:00`))}</td>
                <td>{day.mood === null ? "" : moodWords()[faceAt(day.mood)]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
