/** Check-ups that others ask for, as long as this is unlocked. I/O: the engine. */

import { effect, signal } from "@preact/signals";

import { api, choices, choose, contacts } from "../../app.ts";
import type { SettledAsks } from "../../engine/settled.ts";
import { todayNumber } from "../../parts/dates.ts";
import { asksIn, type Ask } from "./notes.ts";

/** What is asked now, by anybody whose notes reach this device. */
export const asks = signal<readonly Ask[]>([]);

effect(() => {
  if (contacts.value.length === 0) asks.value = []; // locked: the page holds nothing
});

async function settled<Name extends keyof SettledAsks>(
  name: Name,
  ...args: Parameters<SettledAsks[Name]>
): Promise<Awaited<ReturnType<SettledAsks[Name]>>> {
  return (await api().act("settled", name, args)) as Awaited<ReturnType<SettledAsks[Name]>>;
}

/** Read anew what is asked, and not decided on any device of this person's. */
export async function readAsks(): Promise<void> {
  const before = choices.value.asksSettled;
  if (before !== undefined) {
    await settled("settle", before);
    await choose("asksSettled", null);
  }
  const decided = await settled("all");
  const all: Ask[] = [];
  for (const one of contacts.value.filter(({ shares }) => shares.length > 0)) {
    all.push(...asksIn(one, await api().entries(one.uid), decided, todayNumber()));
  }
  asks.value = all;
}

/** Answered or declined, it is asked no more on any device of this person's; the other side and the server are told neither. */
export async function settleAsk(ask: Ask): Promise<void> {
  asks.value = asks.value.filter((one) => one.item !== ask.item);
  await settled("settle", [ask.item]);
}
