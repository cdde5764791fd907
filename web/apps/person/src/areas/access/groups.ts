/** Looks at one's data by person, then by day and part: what the page lists. No I/O. */

import type { ActShown, PartShown, WhoShown } from "../../engine/logged.ts";
import { localDay } from "../../parts/dates.ts";

/** What somebody's devices fetched of one part on one day, here. */
export interface Look {
  /** The day as yyyy-mm-dd, and its newest hour in milliseconds since 1970 UTC. */
  readonly day: string;
  readonly at: number;
  readonly part: PartShown | null;
  readonly times: number;
  readonly fileParts: number;
  /** Their app reports that it showed the part that day. */
  readonly opened: boolean;
  /** What the least proven of them lacks; null: all are verified. */
  readonly missing: ActShown["missing"];
}

/** One person's looks, the newest first. */
export interface Looker {
  readonly who: WhoShown;
  readonly looks: readonly Look[];
}

/** From what may be wrong to what is only early. */
const WORST = ["late", "unvouched", "waiting", "erased", null] as const;

function worse(one: ActShown["missing"], other: ActShown["missing"]): ActShown["missing"] {
  return WORST.indexOf(one) < WORST.indexOf(other) ? one : other;
}

function keyOf({ name, isList }: PartShown): string {
  return `${String(isList)} ${name ?? ""}`;
}

/** Acts that say the same of one hour, told once. */
export interface Folded {
  readonly act: ActShown;
  readonly times: number;
}

/** Return acts, the newest first; what one hour has several times over is told once, where it came last. */
export function folded(acts: readonly ActShown[]): Folded[] {
  const found = new Map<string, { act: ActShown; times: number }>();
  for (const act of [...acts].reverse()) {
    const { at, what, who, whom, part, missing } = act;
    const key = what === null ? String(act.seq) : JSON.stringify([at, what, who, whom, part, missing]);
    const there = found.get(key);
    if (there === undefined) found.set(key, { act, times: 1 });
    else there.times += 1;
  }
  return [...found.values()];
}

/** Return who fetched what, each person once; who looked last comes first. One's own devices are left out. */
export function lookers(acts: readonly ActShown[]): Looker[] {
  const people = new Map<string, { who: WhoShown; looks: Map<string, Look> }>();
  for (const { at, who, part, fetched, opened, missing } of acts) {
    if ((fetched === null && !opened) || at === null || who.kind === "self") continue;
    const person = people.get(who.id) ?? { who, looks: new Map<string, Look>() };
    const day = localDay(at * 1000);
    const key = `${day} ${part === null ? "" : keyOf(part)}`;
    const before = person.looks.get(key);
    person.looks.set(key, {
      day,
      at: at * 1000,
      part,
      times: (before?.times ?? 0) + (fetched?.file === false ? 1 : 0),
      fileParts: (before?.fileParts ?? 0) + (fetched?.file === true ? 1 : 0),
      opened: before?.opened === true || opened,
      missing: before === undefined ? missing : worse(before.missing, missing),
    });
    people.set(who.id, person);
  }
  return [...people.values()]
    .map(({ who, looks }) => ({ who, looks: [...looks.values()].sort((one, other) => other.at - one.at) }))
    .sort((one, other) => (other.looks[0]?.at ?? 0) - (one.looks[0]?.at ?? 0));
}
