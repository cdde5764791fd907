/** What the server has of a person: told as it is, beside what the test did and what crossed the wire. */

import { decode, slots } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import type { SeenPart } from "../src/index.ts";
import {
  another,
  befriended,
  collection,
  entry,
  granted,
  inAddress,
  mood,
  person,
  wrote,
  type Device,
  type Page,
} from "./support/world.ts";

/** The month of the moods that the tests write: November 2026. */
const MONTH = 202_611;
const TAG_BYTES = 16;

function part(parts: readonly SeenPart[], name: string): SeenPart {
  const found = parts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no part ${name}`);
  return found;
}

/** Return the sizes of what the server has sealed of a collection, as it gives it: `[header, commitment, ciphertext]`. */
async function sealedSizes(of: Device, id: Uint8Array): Promise<number[]> {
  const page = decode(await of.client.vault.transport.cbor("GET", `/v1/collections/${inAddress(id)}/commits?since=-1`)) as Page;
  const envelopes = page[2].flatMap(([, items]) => items.flatMap((one) => (one === null ? [] : [one[0]])));
  const sizes = envelopes.map((one) => (decode(one) as [Uint8Array, Uint8Array, Uint8Array])[2].length - TAG_BYTES);
  return sizes.sort((one, other) => one - other);
}

test("what the server has of a person is told with its values", async () => {
  const { ana, ben, benUid } = await befriended();
  await wrote(ana, "first", "second", "x".repeat(3000));
  const second = entry(ana, "second");
  if (second.record === null) throw new Error("it opens");
  ana.client.entries.revise(second, { ...second.record, body: { valence: 0, note: "changed" } });
  await ana.client.sync();
  ana.client.entries.erase(entry(ana, "first"));
  await ana.client.sync();
  await granted(ana, benUid);
  await another(ana);
  await ana.client.sharing.invite();
  await ana.client.sync();

  const seen = await ana.client.seen();
  expect(seen.account).toMatchObject({ uid: ana.client.access.needMe().uid, role: "person", waiting: 0, code: false });
  expect(seen.account.handle).toBe(ana.client.access.needMe().handle);
  expect([...seen.ways].sort()).toEqual([slots.SlotKind.RECOVERY_KEY, slots.SlotKind.PASSKEY]);
  expect(seen.devices.map(({ name, here }) => [name, here])).toEqual([["phone", true], ["laptop", false]]);
  expect(seen.passkeys).toEqual([]); // a secret of one, and none that the server knows
  const moods = part(seen.parts, "mood");
  expect(moods.collection).toEqual(collection(ana));
  expect([moods.isList, moods.behind, moods.owner]).toEqual([false, 0, { kind: "self", device: null }]);
  expect(moods.members).toEqual([
    { who: { kind: "self", device: null }, role: 3, since: 0, until: 0 },
    { who: { kind: "contact", uid: benUid, name: "Ben" }, role: 1, since: 0, until: 0 },
  ]);
  expect(moods.months.map(({ month, entries, changes, erased }) => [month, entries, changes, erased])).toEqual([[MONTH, 2, 1, 1]]);
  const sizes = moods.months[0]?.sizes.flatMap(([bytes, count]) => Array<number>(count).fill(bytes));
  expect(sizes).toEqual(await sealedSizes(ana, moods.collection));
  expect(seen.parts.filter((one) => one.isList)).toHaveLength(1);
  expect(seen.consents).toHaveLength(1);
  expect(seen.consents[0]).toMatchObject({ from: { kind: "self" }, to: { kind: "contact", name: "Ben" }, endedAt: null, language: "en" });
  expect(seen.invitations).toHaveLength(1);
  expect(seen.arrivals.length).toBeGreaterThanOrEqual(5);
  expect(seen.arrivals.every((at) => at % 3600 === 0 && Math.abs(at - Date.now() / 1000) < 7200)).toBe(true);
  const events = new Map(seen.events.map(({ name, count }) => [name, count]));
  expect([events.get("accounts.account.created"), events.get("sharing.grant.given")]).toEqual([1, 1]);

  await ben.client.sync();
  const bens = await ben.client.seen();
  const shared = bens.parts.find((one) => one.owner.kind === "contact");
  expect(shared?.members.map(({ who, role }) => [who.kind, role])).toEqual([["contact", 3], ["self", 1]]);
});

test("what this device has not fetched yet is told as that", async () => {
  const ana = await person();
  await wrote(ana, "first");
  const laptop = await another(ana);
  await laptop.client.sync();
  await wrote(laptop, "second");
  const moods = part((await ana.client.seen()).parts, "mood");
  expect([moods.behind, moods.months[0]?.entries]).toEqual([1, 1]);
  ana.client.entries.add(mood("waits"));
  expect(part((await ana.client.seen()).parts, "mood").months[0]?.entries).toBe(1);
});

test("an account of which little is there tells little", async () => {
  const ana = await person();
  const seen = await ana.client.seen();
  expect(seen.parts.map(({ isList, owner }) => [isList, owner.kind])).toEqual([[true, "self"]]);
  expect([seen.consents, seen.invitations, seen.arrivals]).toEqual([[], [], []]);
});
