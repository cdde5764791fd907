/** Check-ups that others ask for, as long as this is unlocked. I/O: the engine. */

import { effect, signal } from "@preact/signals";

import { api, choices, choose, contacts } from "../../app.ts";
import { todayNumber } from "../../parts/dates.ts";
import { asksIn, type Ask } from "./notes.ts";

/** What is asked now, by anybody whose notes reach this device. */
export const asks = signal<readonly Ask[]>([]);

effect(() => {
  if (contacts.value.length === 0) asks.value = []; // locked: the page holds nothing
});

/** Read anew what is asked. */
export async function readAsks(): Promise<void> {
  const all: Ask[] = [];
  for (const one of contacts.value.filter(({ shares }) => shares.length > 0)) {
    all.push(...asksIn(one, await api().entries(one.uid), choices.value.asksSettled ?? [], todayNumber()));
  }
  asks.value = all;
}

/** Answered or declined, it is asked no more on this device; the other side is told neither. */
export async function settleAsk(ask: Ask): Promise<void> {
  asks.value = asks.value.filter((one) => one.item !== ask.item);
  const others = (choices.value.asksSettled ?? []).filter((one) => one !== ask.item);
  await choose("asksSettled", [...others, ask.item]);
}
