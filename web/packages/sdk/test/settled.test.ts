/** What was decided of what others ask: on all devices of a person, and no request and no length tells of it. */

import { fromHex, hex, randomBytes } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { another, inAddress, person, wrote, type Device } from "./support/world.ts";

function ids(count: number): Uint8Array[] {
  return Array.from({ length: count }, () => randomBytes(16));
}

async function settledOn(of: Device): Promise<string[]> {
  return (await of.client.settled()).all();
}

async function settle(by: Device, items: readonly Uint8Array[]): Promise<void> {
  const settled = await by.client.settled();
  for (const one of items) await settled.settle(one);
}

const begins = (items: readonly Uint8Array[]): string[] => items.map((one) => hex(one).slice(0, 16));

/** Keep the lengths of what this device writes into its index. */
function lengths(of: Device): number[] {
  const found: number[] = [];
  const path = `/v1/collections/${inAddress(of.client.listing.id ?? new Uint8Array(0))}/commits`;
  of.wire.change = (answer) => {
    if (answer.method === "POST" && answer.path === path) found.push(answer.sent.length);
    return null;
  };
  return found;
}

test("a decision asks the server for nothing, goes with what is written next, and is as long as none", async () => {
  const ana = await person();
  await wrote(ana, "one", "two");
  const written = lengths(ana);
  await wrote(ana, "three");
  const laptop = await another(ana);
  await laptop.client.sync();
  const asked = ana.wire.asked.length;
  const decided = ids(3);
  await settle(ana, decided);
  expect(ana.wire.asked.length).toBe(asked);
  await ana.client.sync(); // nothing waits, nothing is written
  await laptop.client.sync();
  expect([await settledOn(ana), await settledOn(laptop)]).toEqual([begins(decided), []]);
  expect(written).toHaveLength(1);
  await wrote(ana, "four");
  await laptop.client.sync();
  expect(await settledOn(laptop)).toEqual(begins(decided));
  expect(written).toHaveLength(2);
  expect(written[1]).toBe(written[0]);
});

test("two devices that decide at once lose neither, and what an older app left out comes back", async () => {
  const ana = await person();
  await wrote(ana, "one");
  const laptop = await another(ana);
  await laptop.client.sync();
  const [mine, other] = [ids(1), ids(1)];
  await settle(ana, mine);
  await settle(laptop, other);
  await wrote(ana, "two");
  await wrote(laptop, "three");
  await ana.client.sync();
  const both = begins([...mine, ...other]).sort();
  expect([(await settledOn(ana)).sort(), (await settledOn(laptop)).sort()]).toEqual([both, both]);
  const { listing } = laptop.client;
  const [note] = listing.entries("mindhaven/index.heads");
  await listing.put("mindhaven/index.heads", { heads: note?.body["heads"] ?? {} }, note); // as an older app writes it
  await ana.client.sync();
  expect((await settledOn(ana)).sort()).toEqual(both);
  await wrote(ana, "four");
  const tablet = await another(ana);
  await tablet.client.sync();
  expect((await settledOn(tablet)).sort()).toEqual(both);
});

test("the newest stay where all places are taken, on each device", async () => {
  const ana = await person();
  await wrote(ana, "one");
  const laptop = await another(ana);
  await laptop.client.sync();
  const decided = ids(34);
  await settle(ana, decided.slice(0, 32));
  await wrote(ana, "two");
  await laptop.client.sync();
  await settle(laptop, decided.slice(32));
  await wrote(laptop, "three");
  await ana.client.sync();
  await wrote(ana, "four"); // it knew of the two oldest, which are not to push out the newest
  const tablet = await another(ana);
  await tablet.client.sync();
  expect(await settledOn(tablet)).toEqual(begins(decided.slice(2)));
});

test("a note that is no note of ours counts for nothing", async () => {
  const ana = await person();
  await wrote(ana, "one");
  const { listing } = ana.client;
  for (const settled of ["", "zz", "00", 5, null, hex(fromHex("ff".repeat(255)))]) {
    const [note] = listing.entries("mindhaven/index.heads");
    await listing.put("mindhaven/index.heads", { heads: note?.body["heads"] ?? {}, settled }, note);
    expect([settled, await settledOn(ana)]).toEqual([settled, []]);
  }
});
