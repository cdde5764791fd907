/**
 * What this person allows the host, as a page asks for it. What is signed is what the page was last given. I/O: server.
 *
 * Types alone are imported: a part that two of the scripts share would be cut out of what is loaded first, which grew it.
 */

import type { Mindhaven, Purposes } from "@mindhaven/sdk";

import type { ChoiceAsked, ChoicesShown, PurposeShown } from "./logged.ts";

/** A browser's signal is about selling and sharing, and nothing else. */
const SALE = "sale";

/** What each client was last shown: nothing else is signed for it. */
const shown = new WeakMap<Mindhaven, Purposes>();

/** Answer what is asked (null: nothing), and return how every purpose stands then. */
export async function permissions(client: Mindhaven, asked: ChoiceAsked): Promise<ChoicesShown> {
  const its = await client.choices();
  if (asked === "letGo") await its.letGo();
  else if (asked !== null) {
    const seen = shown.get(client);
    if (seen === undefined) throw new TypeError("nothing was shown that could be answered");
    await its.choose({ ...asked, asked: seen });
  }
  const purposes = await its.asked();
  const chain = await its.giveBack();
  const history = its.answers(chain);
  shown.set(client, purposes); // last: the page draws these words if, and only if, everything came
  return {
    purposes: purposes.purposes.map((one): PurposeShown => {
      const last = history.findLast(({ purpose }) => purpose === one.id);
      return {
        id: one.id,
        offered: one.offered,
        says: Object.fromEntries(one.says),
        state: its.state(chain, one),
        at: last?.at ?? 0,
        signal: last?.signal ?? false,
      };
    }),
    history,
    lost: chain.lost.length,
  };
}

/** Return the receipt of one choice (its number) or of a consent to a share (its id), as a file for others. */
export async function receiptOf(client: Mindhaven, what: number | string): Promise<Uint8Array> {
  return typeof what === "number" ? (await client.choices()).receipt(what) : (await client.agreements()).receipt(what);
}

/** Keep the no of a browser that signals it (Global Privacy Control), unless a no stands. It is never undone by silence. */
export async function keepSignal(client: Mindhaven, language: string): Promise<void> {
  const its = await client.choices();
  const asked = await its.asked();
  const about = asked.purposes.find(({ id }) => id === SALE);
  const chain = await its.giveBack();
  if (about === undefined || chain.lost.length > 0 || its.state(chain, about) === "refused") return;
  await its.choose({ purpose: SALE, act: "refuse", language, asked, askedAt: client.now(), by: "signal" });
}

/** Return whether the policy changed since this device told of it; `told`: it was told now. */
export async function policyNews(client: Mindhaven, told: boolean): Promise<boolean> {
  const its = await client.choices();
  if (told) await its.policyTold();
  return its.policyNews();
}
