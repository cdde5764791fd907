/** Choices before a real server: asked in its words, answered, taken back, and what a server that bends them is told. */

import { expect, test } from "vitest";

import type { Answered, Choices } from "../src/choices.ts";
import { device, person, type Device } from "./support/world.ts";

const PUSH = { endpoint: "https://fcm.googleapis.com/fcm/send/no-such-device", times: ["08:00"] };

async function of({ client }: Device): Promise<Choices> {
  return client.choices();
}

async function answer(its: Choices, more: Partial<Answered> = {}): Promise<void> {
  await its.choose({ purpose: "reminders", act: "give", language: "en", asked: await its.asked(), askedAt: Date.now(), ...more });
}

test("a purpose is asked for in three languages, under the policy that stands", async () => {
  const its = await of(await person());
  const { policy, purposes } = await its.asked();
  expect(policy).toHaveLength(32);
  expect(purposes.map(({ id, offered }) => [id, offered])).toEqual([
    ["reminders", true],
    ["sale", false],
  ]);
  expect(purposes.map(({ says }) => [...says.keys()].sort())).toEqual([
    ["de", "en", "es"],
    ["de", "en", "es"],
  ]);
});

test("yes lets reminders begin, and taking it back ends them at once, everywhere", async () => {
  const ana = await person();
  const its = await of(ana);
  const reminders = await ana.client.reminders();
  await expect(reminders.put(PUSH)).rejects.toMatchObject({ reason: "reminders-not-allowed" });
  const about = { id: "reminders", terms: 1 };
  expect(its.state(await its.chain(), about)).toBe("unasked");
  await answer(its, { language: "de" });
  await reminders.put(PUSH);
  expect(await reminders.all()).toHaveLength(1);
  await answer(its, { act: "withdraw" });
  expect(await reminders.all()).toEqual([]);
  const chain = await its.chain();
  expect(its.state(chain, about)).toBe("withdrawn");
  expect(its.answers(chain).map(({ act }) => act)).toEqual(["given", "withdrawn"]);
  expect(chain.choices[1]).toMatchObject({ language: "de", textHash: chain.choices[0]?.textHash, until: 0 });
  await answer(its);
  expect(its.state(await its.chain(), about)).toBe("renewed");
});

test("a browser's signal is kept as a no, and what nobody can allow is refused", async () => {
  const its = await of(await person());
  await expect(answer(its, { purpose: "sale" })).rejects.toMatchObject({ reason: "purpose-never" });
  await expect(answer(its, { purpose: "ads" })).rejects.toMatchObject({ reason: "purpose-unknown" });
  await expect(answer(its, { language: "xx" })).rejects.toMatchObject({ reason: "purpose-unknown" });
  await answer(its, { purpose: "sale", act: "refuse", by: "signal" });
  expect(its.answers(await its.chain())).toMatchObject([{ purpose: "sale", act: "refused", signal: true }]);
  await expect(answer(its, { act: "withdraw" })).rejects.toMatchObject({ reason: "choice-nothing" });
});

test("a receipt is kept of each", async () => {
  const ana = await person();
  const receipts = await ana.client.receipts();
  const before = (await receipts.all()).length;
  await answer(await of(ana));
  const kept = (await receipts.all()).slice(before);
  expect(kept.map(({ receipt }) => receipt.what)).toEqual(["choice"]);
});

test("a choice that the server keeps back is named until it is let go", async () => {
  const ana = await person();
  const its = await of(ana);
  await answer(its);
  await answer(its, { act: "withdraw" });
  ana.wire.change = ({ path, status, body }) => {
    if (!path.startsWith("/v1/choices/") || status !== 200) return null;
    const told = JSON.parse(new TextDecoder().decode(body)) as { choices: unknown[] };
    return new TextEncoder().encode(JSON.stringify({ choices: path.endsWith("/0") ? told.choices.slice(0, 1) : [] }));
  };
  const { lost, choices } = await its.chain();
  expect([lost.length, choices.length]).toEqual([1, 1]);
  const again = await device(ana.rows, ana.key);
  again.wire.change = ana.wire.change;
  expect((await (await of(again)).chain()).lost).toHaveLength(1);
  await its.letGo();
  expect((await its.chain()).lost).toEqual([]);
});
