/** What a device holds of its account's keys while it is unlocked: what it can use, and not what it could carry off. */

import { InvalidInputError, SealKey, Seed, SessionSigner, SlotSecret, decode, equal, hex, shape, slots, useNative, utf8 } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { freshSpareKey } from "../src/index.ts";
import { LocalStore, MemoryRows } from "../src/store.ts";
import { another, device, person, wrote, type Device } from "./support/world.ts";

/** Return the seeds that rest hidden, as who has the store's key can read them. */
async function resting(of: Device): Promise<Map<string, Uint8Array[]>> {
  const hidden = (await LocalStore.open(of.rows, of.key)).takeHidden();
  return new Map(
    [...hidden].map(([name, value]) => {
      if (name === "session") return [name, [value]];
      return [name, shape.fields(decode(value), 3, "An identity").map((one) => shape.raw(one, "A seed"))];
    }),
  );
}

function holds(bytes: Uint8Array, secret: Uint8Array): boolean {
  return Buffer.from(bytes).includes(Buffer.from(secret));
}

async function expectNoSeeds(of: Device, names: readonly string[]): Promise<void> {
  const seeds = await resting(of);
  expect([...seeds.keys()].sort()).toEqual([...names].sort());
  const me = of.client.access.needMe();
  // They are the seeds of the very keys that are held.
  const [session] = seeds.get("session") ?? [];
  if (session === undefined) throw new Error("no session rests");
  expect((await SessionSigner.fromSeed(new Seed(session))).public).toEqual(me.signer.public);
  for (const identity of me.bundle.identities.values()) expect(identity.seeds).toBeUndefined();
  const rows = of.client.store.under("");
  expect(rows.length).toBeGreaterThan(seeds.size);
  for (const [name, value] of rows) {
    for (const secret of [...seeds.values()].flat()) expect([name, holds(value, secret)]).toEqual([name, false]);
  }
  expect(of.client.store.takeHidden().size).toBe(0);
}

test("seeds are in no row of an unlocked store, however the account came to be on the device", async () => {
  const ana = await person();
  await expectNoSeeds(ana, ["session", "keys/1"]);
  const laptop = await another(ana);
  await expectNoSeeds(laptop, ["session", "keys/1"]);
  const tablet = await device();
  const waiting = await tablet.client.pairing();
  const fresh = await waiting.begin();
  const opened = await ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey);
  await (await ana.client.pairing()).letIn(waiting.linkOf(fresh), opened);
  expect(await tablet.client.paired(fresh, "tablet")).toBe(true);
  await expectNoSeeds(tablet, ["session", "keys/1"]);
  const { root } = await ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey);
  await ana.client.access.change(root, { fresh: "keys" });
  await expectNoSeeds(ana, ["session", "keys/1", "keys/2"]);
});

test("keys that the engine itself holds can't be carried off", async () => {
  const ana = await person();
  const { kept } = ana.client.access.needMe().bundle.newest();
  const session = ana.client.access.needMe().signer.kept;
  if (kept === undefined || session === undefined) throw new Error("this engine has no keys of its own");
  for (const key of [kept.xwing.mlkem, kept.xwing.x25519, kept.ed25519.key, kept.mldsa65.key, session.key]) {
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("jwk", key)).rejects.toThrow();
    await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
  }
});

test("what is held can't be sealed for another device or way in without opening one", async () => {
  const ana = await person();
  const { bundle } = ana.client.access.needMe();
  expect(() => bundle.encode()).toThrow(InvalidInputError);
});

test("a device that is opened again, signed out and in again goes on with the same keys", async () => {
  const ana = await person();
  const before = ana.client.access.needMe();
  const again = await device(ana.rows, ana.key);
  const me = again.client.access.needMe();
  expect(equal(me.bundle.newest().public.xwing, before.bundle.newest().public.xwing)).toBe(true);
  await again.client.sync();
  expect((await again.client.devices.all()).map((one) => one.name)).toEqual(["phone"]);
  await again.client.access.logOut();
  const third = await device(ana.rows, ana.key);
  expect(third.client.access.needMe().session).toHaveLength(0);
  await third.client.recover(ana.passkey, slots.SlotKind.PASSKEY, "phone again");
  await third.client.sync();
  await expectNoSeeds(third, ["session", "keys/1"]);
});

test("what was hidden opens by the store's key alone, and only in its place", async () => {
  const ana = await person();
  const { rows } = ana.rows;
  const [first] = [...rows.keys()].filter((name) => name === "hidden/keys/1");
  if (first === undefined) throw new Error("no keys rest");
  const { store } = ana.client;
  const moved = store.get("hidden/session");
  if (moved === null) throw new Error("no session rests");
  store.put("hidden/keys/1", moved);
  await store.saved();
  await expect(LocalStore.open(ana.rows, ana.key)).rejects.toMatchObject({ reason: "wrap-does-not-open" });
});

test("an older bundle takes neither the list of collections nor a key from the account", async () => {
  const ana = await device();
  const bundles: unknown[] = [];
  ana.wire.change = ({ method, path, sent }) => {
    if (method !== "POST" || (path !== "/v1/signup" && path !== "/v1/account/keys")) return null;
    bundles.push((JSON.parse(Buffer.from(sent).toString()) as { keys: { bundle: unknown } }).keys.bundle);
    return null;
  };
  const [passkey, spare] = [SlotSecret.fresh(), freshSpareKey()];
  await ana.client.signUp({ with: "passkey", secret: passkey }, spare, "phone");
  await wrote(ana, "first");
  const index = hex(ana.client.access.needMe().bundle.index);
  expect(index).not.toBe("00".repeat(32));
  const { root } = await ana.client.openWay(slots.SlotKind.PASSKEY, passkey);
  // The bundle of signing up names no list yet; it is of the same keys, so that it opens as well.
  ana.wire.change = ({ method, path, body }) => {
    if (method !== "GET" || path !== "/v1/account") return null;
    const shown = JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
    return new Uint8Array(Buffer.from(JSON.stringify({ ...shown, bundle: bundles[0], earlier_bundles: [] })));
  };
  await ana.client.access.change(root, { fresh: "keys" });
  ana.wire.change = null;
  expect(hex(ana.client.access.needMe().bundle.index)).toBe(index);
  const laptop = await device();
  await laptop.client.recover(spare, slots.SlotKind.RECOVERY_KEY, "laptop");
  expect(hex(laptop.client.access.needMe().bundle.index)).toBe(index);
});

test.each([
  ["with keys of its own", true, false],
  ["without", false, true],
])("what an engine %s hid opens in one that is otherwise", async (_name, hides, opens) => {
  const [rows, key] = [new MemoryRows(), SealKey.fresh()];
  try {
    useNative(hides);
    const store = await LocalStore.open(rows, key);
    store.put("hidden/session", await store.hide("hidden/session", utf8("a seed")));
    await store.saved();
    useNative(opens);
    const hidden = (await LocalStore.open(rows, key)).takeHidden();
    expect([...hidden].map(([name, value]) => [name, new TextDecoder().decode(value)])).toEqual([["session", "a seed"]]);
  } finally {
    useNative(true);
  }
});
