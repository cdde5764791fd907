/** What this person allows the host, as a page asks for it. What is signed is what the page was last given. I/O: server. */

import { choice } from "@mindhaven/crypto";
import type { Mindhaven, Purposes } from "@mindhaven/sdk";

import type { ChoiceAsked, ChoicesShown, PurposeShown } from "./logged.ts";

const ACTS = { give: choice.GIVEN, refuse: choice.REFUSED, defer: choice.DEFERRED, withdraw: choice.WITHDRAWN } as const;
const NAMES = { 1: "given", 2: "refused", 3: "deferred", 4: "withdrawn" } as const;
/** A browser's signal is about selling and sharing, and nothing else. */
const SALE = "sale";

/** What each client was last shown: nothing else is signed for it. */
const shown = new WeakMap<Mindhaven, Purposes>();

/** Answer what is asked (null: nothing), and return how every purpose stands then. */
export async function permissions(client: Mindhaven, asked: ChoiceAsked): Promise<ChoicesShown> {
  const its = await client.choices();
  if (asked === "letGo") await its.letGo();
  else if (asked !== null) {
    const words = shown.get(client) ?? (await its.asked());
    const { purpose, language, askedAt } = asked;
    await its.choose({ purpose, act: ACTS[asked.act], language, asked: words, askedAt });
  }
  const purposes = await its.asked();
  shown.set(client, purposes);
  const chain = await its.chain();
  return {
    purposes: purposes.purposes.map((one): PurposeShown => ({
      id: one.id,
      offered: one.offered,
      says: Object.fromEntries(one.says),
      state: its.state(chain, one),
      at: chain.choices.findLast(({ purpose }) => purpose === one.id)?.at ?? 0,
      signal: chain.choices.findLast(({ purpose }) => purpose === one.id)?.by === "signal",
    })),
    history: chain.choices.map((one) => ({
      number: one.number,
      purpose: one.purpose,
      act: NAMES[one.act],
      at: one.at,
      signal: one.by === "signal",
    })),
    lost: chain.lost.length,
  };
}

/** Keep the no of a browser that signals it (Global Privacy Control), unless a no stands. It is never undone by silence. */
export async function keepSignal(client: Mindhaven, language: string): Promise<void> {
  const its = await client.choices();
  const asked = await its.asked();
  const about = asked.purposes.find(({ id }) => id === SALE);
  if (about === undefined || its.state(await its.chain(), about) === "refused") return;
  await its.choose({ purpose: SALE, act: choice.REFUSED, language, asked, askedAt: client.now(), by: "signal" });
}
