/** What was agreed to with a share: the words that were signed, on both sides; other words are told, and hide no other. */

import { consent as consents } from "@mindhaven/crypto";
import { afterEach, expect, test, vi } from "vitest";

import { befriended } from "./support/world.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const UNTIL = Math.floor(Date.now() / 86_400_000) + 30;

test("both read the words that were signed, and what they are for", async () => {
  const { ana, ben, benUid } = await befriended();
  ana.client.entries.add({ kind: "mindhaven/mood", version: 1, createdAt: 0, zone: "UTC", body: { valence: 0 } });
  await ana.client.sync();
  const words = "Moods, for a case at a court.";
  await ana.client.sharing.grant("mood", benUid, { since: 0, until: UNTIL, text: words, language: "en", purpose: "proceedings" });
  for (const { client } of [ana, ben]) {
    const [one, ...others] = await (await client.agreements()).all();
    expect(others).toEqual([]);
    expect(one).toMatchObject({ part: "mood", words, purpose: "proceedings", until: UNTIL, language: "en", fault: "", endedAt: null });
  }
});

test("a share for another purpose is refused while one stands, and one without a day is never sent", async () => {
  const { ana, benUid } = await befriended();
  ana.client.entries.add({ kind: "mindhaven/mood", version: 1, createdAt: 0, zone: "UTC", body: { valence: 0 } });
  await ana.client.sync();
  const granting = { since: 0, until: UNTIL, text: "Moods.", language: "en" };
  await ana.client.sharing.grant("mood", benUid, granting);
  const other = { ...granting, purpose: "proceedings" as const };
  await expect(ana.client.sharing.grant("mood", benUid, other)).rejects.toMatchObject({ reason: "consent-separate" });
  await expect(ana.client.sharing.grant("mood", benUid, { ...other, until: 0 })).rejects.toMatchObject({ reason: "consent-form" });
  for (const until of [UNTIL - 60, UNTIL + 40_000]) {
    await expect(ana.client.sharing.grant("mood", benUid, { ...granting, until })).rejects.toMatchObject({ reason: "consent-day" });
  }
  expect(await (await ana.client.agreements()).all()).toHaveLength(1);
});

test("other words than the signed ones are told, and no receipt is made of them", async () => {
  const { ana, ben, benUid } = await befriended();
  ana.client.entries.add({ kind: "mindhaven/mood", version: 1, createdAt: 0, zone: "UTC", body: { valence: 0 } });
  await ana.client.sync();
  const seal = consents.sealPart;
  const lie = vi.spyOn(consents, "sealPart");
  lie.mockImplementation(async ([name, handle], ...rest) => seal([name ?? "", handle ?? "", "They may sell it."], ...rest));
  await ana.client.sharing.grant("mood", benUid, { since: 0, until: UNTIL, text: "They may read it.", language: "en" });
  const [one] = await (await ben.client.agreements()).all();
  expect(one).toMatchObject({ fault: "consent-text", words: null, part: null });
  await expect((await ana.client.agreements()).receipt(one?.id ?? "")).rejects.toMatchObject({ reason: "consent-text" });
  await expect((await ben.client.agreements()).receipt(one?.id ?? "")).rejects.toMatchObject({ reason: "consent-receipt-number" });
});
