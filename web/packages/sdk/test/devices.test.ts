/** Two devices of one person: what each writes reaches the other, whole, once, and never over something else. */

import { SealKey, SlotSecret, decode, encode, shape, slots } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { LocalStore, MemoryRows } from "../src/index.ts";
import { another, befriended, device, entry, granted, mood, notes, person, wrote, type Device, type Person } from "./support/world.ts";

/** The connection breaks: after the server took a request of that kind, or before it saw it. */
function breaks(of: Device, when: "after" | "before", on = "POST /v1/collections/"): { count: number } {
  const seen = { count: 0 };
  const fits = (method: string, path: string): boolean => `${method} ${path}`.startsWith(on) && path.endsWith("/commits");
  of.wire.before = (method, path) => {
    if (when === "before" && fits(method, path)) {
      seen.count += 1;
      throw new TypeError("the network is gone");
    }
  };
  of.wire.change = ({ method, path }) => {
    if (when === "before" || !fits(method, path)) return null;
    seen.count += 1;
    throw new TypeError("the network is gone");
  };
  return seen;
}

function mends(of: Device): void {
  of.wire.before = null;
  of.wire.change = null;
}

async function two(...texts: readonly string[]): Promise<[Person, Device]> {
  const phone = await person();
  await wrote(phone, ...texts);
  const laptop = await another(phone);
  await laptop.client.sync();
  return [phone, laptop];
}

test("what one device writes is on the other after both have synced", async () => {
  const [phone, laptop] = await two("first");
  expect(notes(laptop)).toEqual(["first"]);
  await wrote(laptop, "second");
  await phone.client.sync();
  expect(notes(phone)).toEqual(["first", "second"]);
  expect(phone.client.entries.all().map((one) => [one.mine, one.waits, one.error])).toEqual([[true, false, null], [true, false, null]]);
});

test("writing works without a server, and what waits is sent once it is there", async () => {
  const [phone, laptop] = await two("first");
  phone.wire.before = () => { throw new TypeError("the network is gone"); };
  phone.client.entries.add(mood("offline"));
  await expect(phone.client.sync()).rejects.toMatchObject({ reason: "offline" });
  expect(entry(phone, "offline").waits).toBe(true);
  mends(phone);
  expect((await phone.client.sync()).sent).toBe(1);
  expect(entry(phone, "offline").waits).toBe(false);
  await laptop.client.sync();
  expect(notes(laptop)).toEqual(["first", "offline"]);
});

test("what waits, and what is there, outlives the program", async () => {
  const [phone] = await two("first");
  phone.client.entries.add(mood("offline"));
  await phone.client.store.saved();
  const again = await device(phone.rows, phone.key);
  expect(notes(again)).toEqual(["first", "offline"]);
  expect((await again.client.sync()).sent).toBe(1);
  await expect(LocalStore.open(phone.rows, SealKey.fresh())).rejects.toMatchObject({ reason: "commitment-mismatch" });
});

test("no row lies unsealed, and two rows can't be swapped", async () => {
  const [phone] = await two("a sentence that nobody else should read");
  await phone.client.store.saved();
  const rows = [...phone.rows.rows];
  const sentence = new TextEncoder().encode("a sentence that nobody");
  expect(rows.filter(([, row]) => Buffer.from(row).includes(Buffer.from(sentence)))).toEqual([]);
  const items = rows.filter(([name]) => name.startsWith("item/"));
  const [one, other] = items;
  if (one === undefined || other === undefined) throw new Error("too few rows");
  const swapped = new MemoryRows();
  for (const [name, row] of rows) swapped.rows.set(name, row);
  swapped.rows.set(one[0], other[1]).set(other[0], one[1]);
  await expect(LocalStore.open(swapped, phone.key)).rejects.toMatchObject({ reason: "commitment-mismatch" });
});

test("two devices change one entry: both versions are kept, and the later one is marked", async () => {
  const [phone, laptop] = await two("first");
  phone.client.entries.revise(entry(phone, "first"), { ...mood("of the phone"), createdAt: entry(phone, "first").record?.createdAt ?? 0 });
  laptop.client.entries.revise(entry(laptop, "first"), { ...mood("of the laptop"), createdAt: entry(laptop, "first").record?.createdAt ?? 0 });
  await phone.client.sync();
  await laptop.client.sync();
  await phone.client.sync();
  for (const of of [phone, laptop]) {
    expect(notes(of).sort()).toEqual(["of the laptop", "of the phone"]);
    expect(entry(of, "of the phone").revision).toBe(2);
    expect(entry(of, "of the phone").conflictOf).toBeNull();
    expect(entry(of, "of the laptop").conflictOf).toEqual(entry(of, "of the phone").item);
  }
});

test("two devices write at once: nothing is lost and nothing doubles", async () => {
  const [phone, laptop] = await two("first");
  for (let turn = 0; turn < 3; turn++) {
    phone.client.entries.add(mood(`phone ${String(turn)}`));
    laptop.client.entries.add(mood(`laptop ${String(turn)}`));
    await Promise.all([phone.client.sync(), laptop.client.sync()]);
  }
  await Promise.all([phone.client.sync(), laptop.client.sync()]);
  const wanted = ["first", "laptop 0", "laptop 1", "laptop 2", "phone 0", "phone 1", "phone 2"];
  expect(notes(phone).sort()).toEqual(wanted);
  expect(notes(laptop).sort()).toEqual(wanted);
});

test("what is written while a sync runs is sent by the one that is asked for then", async () => {
  const [phone, laptop] = await two("first");
  phone.client.entries.add(mood("second"));
  let reached = (): void => undefined;
  let go = (): void => undefined;
  const there = new Promise<void>((done) => { reached = done; });
  const gate = new Promise<void>((done) => { go = done; });
  phone.wire.before = async (method, path) => {
    if (method !== "POST" || !path.endsWith("/commits")) return;
    reached();
    await gate;
  };
  const running = phone.client.sync();
  await there;
  phone.client.entries.add(mood("third"));
  const asked = [phone.client.sync(), phone.client.sync()];
  go();
  expect((await running).sent).toBe(1);
  expect((await Promise.all(asked)).map((one) => one.sent)).toEqual([1, 1]); // one sync, whose outcome both are told
  expect(phone.client.store.queued()).toEqual([]);
  await laptop.client.sync();
  expect(notes(laptop)).toEqual(["first", "second", "third"]);
});

test("an edit of what still waits leaves the device as one write", async () => {
  const [phone, laptop] = await two("first");
  phone.client.entries.add(mood("a slip"));
  phone.client.entries.revise(entry(phone, "a slip"), { ...mood("no slip"), createdAt: entry(phone, "a slip").record?.createdAt ?? 0 });
  expect((await phone.client.sync()).sent).toBe(1);
  await laptop.client.sync();
  expect(notes(laptop)).toEqual(["first", "no slip"]);
  expect(entry(laptop, "no slip").revision).toBe(1);
});

test("what was written and erased before it was sent never leaves the device", async () => {
  const [phone] = await two("first");
  phone.client.entries.add(mood("never mind"));
  phone.client.entries.erase(entry(phone, "never mind"));
  expect(notes(phone)).toEqual(["first"]);
  phone.wire.asked.length = 0;
  expect((await phone.client.sync()).sent).toBe(0);
  expect(phone.wire.asked.filter((one) => one.startsWith("POST /v1/collections"))).toEqual([]);
});

test("a write whose answer was lost does not double", async () => {
  const [phone, laptop] = await two("first");
  phone.client.entries.add(mood("second"));
  const broken = breaks(phone, "after");
  await expect(phone.client.sync()).rejects.toMatchObject({ reason: "offline" });
  expect(broken.count).toBe(1);
  expect(entry(phone, "second").waits).toBe(true);
  mends(phone);
  await phone.client.sync();
  await laptop.client.sync();
  for (const of of [phone, laptop]) expect(notes(of)).toEqual(["first", "second"]);
  expect(entry(phone, "second").waits).toBe(false);
});

test("an edit whose answer was lost does not double, nor one on top of it", async () => {
  const [phone, laptop] = await two("first");
  const createdAt = entry(phone, "first").record?.createdAt ?? 0;
  phone.client.entries.revise(entry(phone, "first"), { ...mood("mended"), createdAt });
  const broken = breaks(phone, "after");
  await expect(phone.client.sync()).rejects.toMatchObject({ reason: "offline" });
  expect(broken.count).toBe(1);
  mends(phone);
  phone.client.entries.revise(entry(phone, "mended"), { ...mood("mended again"), createdAt });
  await phone.client.sync();
  await laptop.client.sync();
  for (const of of [phone, laptop]) {
    expect(notes(of)).toContain("mended again");
    expect(notes(of).filter((one) => one === "first")).toEqual([]);
  }
  expect(notes(laptop)).toEqual(notes(phone));
  expect(notes(phone)).toEqual(["mended again"]);
  expect(entry(laptop, "mended again").revision).toBe(3);
});

test("a new entry whose answer was lost and that was changed since stays one entry", async () => {
  const [phone, laptop] = await two("first");
  phone.client.entries.add(mood("a slip"));
  breaks(phone, "after");
  await expect(phone.client.sync()).rejects.toMatchObject({ reason: "offline" });
  mends(phone);
  phone.client.entries.revise(entry(phone, "a slip"), { ...mood("no slip"), createdAt: entry(phone, "a slip").record?.createdAt ?? 0 });
  await phone.client.sync();
  await laptop.client.sync();
  for (const of of [phone, laptop]) expect(notes(of)).toEqual(["first", "no slip"]);
});

test("three edits of which each answer was lost but the last are one entry", async () => {
  const [phone, laptop] = await two("first");
  const createdAt = entry(phone, "first").record?.createdAt ?? 0;
  let shown = "first";
  for (const next of ["second", "third"]) {
    phone.client.entries.revise(entry(phone, shown), { ...mood(next), createdAt });
    const broken = breaks(phone, "after");
    await expect(phone.client.sync()).rejects.toMatchObject({ reason: "offline" });
    expect(broken.count).toBe(1);
    mends(phone);
    shown = next;
  }
  const again = await device(phone.rows, phone.key); // nothing was changed since: it is only sent once more
  await again.client.sync();
  expect(notes(again)).toEqual(["third"]);
  again.client.entries.revise(entry(again, "third"), { ...mood("fourth"), createdAt });
  await again.client.sync();
  await laptop.client.sync();
  expect(notes(laptop)).toEqual(["fourth"]);
  expect(entry(laptop, "fourth").revision).toBe(4);
});

test("an edit over one that was lost on the way is no conflict, and one over another device's edit is", async () => {
  const [phone, laptop] = await two("first");
  const createdAt = entry(phone, "first").record?.createdAt ?? 0;
  phone.client.entries.revise(entry(phone, "first"), { ...mood("of the phone"), createdAt });
  breaks(phone, "before");
  await expect(phone.client.sync()).rejects.toMatchObject({ reason: "offline" });
  laptop.client.entries.revise(entry(laptop, "first"), { ...mood("of the laptop"), createdAt });
  await laptop.client.sync();
  mends(phone);
  phone.client.entries.revise(entry(phone, "of the phone"), { ...mood("of the phone, mended"), createdAt });
  await phone.client.sync();
  await laptop.client.sync();
  for (const of of [phone, laptop]) {
    expect(notes(of).sort()).toEqual(["of the laptop", "of the phone, mended"]);
    expect(entry(of, "of the phone, mended").conflictOf).toEqual(entry(of, "of the laptop").item);
  }
});

test.for(["before", "after"] as const)("an erase of a write whose sending broke %s the server is sent", async (when) => {
  const [phone, laptop] = await two("first");
  phone.client.entries.add(mood("regretted"));
  const broken = breaks(phone, when);
  await expect(phone.client.sync()).rejects.toMatchObject({ reason: "offline" });
  expect(broken.count).toBe(1);
  phone.client.entries.erase(entry(phone, "regretted"));
  expect(notes(phone)).toEqual(["first"]);
  mends(phone);
  await phone.client.sync();
  await laptop.client.sync();
  for (const of of [phone, laptop]) expect(notes(of)).toEqual(["first"]);
  expect(phone.client.store.queued()).toEqual([]);
});

test("an erased entry goes from both devices, and an edit of it becomes an entry of its own", async () => {
  const [phone, laptop] = await two("first", "second");
  const createdAt = entry(laptop, "first").record?.createdAt ?? 0;
  laptop.client.entries.revise(entry(laptop, "first"), { ...mood("kept on the laptop"), createdAt });
  phone.client.entries.erase(entry(phone, "first"));
  await phone.client.sync();
  await laptop.client.sync();
  await phone.client.sync();
  for (const of of [phone, laptop]) expect(notes(of)).toEqual(["kept on the laptop", "second"]);
  expect(entry(phone, "kept on the laptop").conflictOf).not.toBeNull();
});

test("a share shows what was shared, and after its end nothing new", async () => {
  const { ana, ben, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  const { newlyShared } = await ben.client.sync();
  expect(newlyShared).toHaveLength(1);
  expect(notes(ben)).toEqual(["first"]);
  expect(ana.client.sharing.readableBy(benUid)).toEqual([{ part: "mood", since: 0, until: 0 }]);
  await wrote(ana, "second");
  await ben.client.sync();
  expect(notes(ben)).toEqual(["first", "second"]);
  expect(() => { ben.client.entries.erase(entry(ben, "first")); }).toThrow(/Only its author or the owner/);
  await ana.client.sharing.revoke("mood", benUid);
  await wrote(ana, "third");
  expect(ana.client.sharing.readableBy(benUid)).toEqual([]);
  await ben.client.sync();
  expect(notes(ben)).toEqual(["first", "second"]);
  expect(ben.client.sharing.sharedBy(ana.client.access.needMe().uid)).toEqual([]);
  await expect(ana.client.sharing.revoke("mood", benUid)).rejects.toMatchObject({ reason: "not-shared" });
});

test("new keys on one device sign the other out; it writes on, logs in again, and its queue lands", async () => {
  const [phone, laptop] = await two("first");
  const { root } = await phone.client.openWay(slots.SlotKind.PASSKEY, phone.passkey);
  expect(await phone.client.access.change(root, { fresh: "keys" })).toBeNull();
  laptop.client.entries.add(mood("written while signed out"));
  await expect(laptop.client.sync()).rejects.toMatchObject({ reason: "session-unknown" });
  expect(notes(laptop)).toEqual(["first", "written while signed out"]);
  await wrote(phone, "under new keys");
  await laptop.client.recover(phone.spare, slots.SlotKind.RECOVERY_KEY, "laptop");
  expect((await laptop.client.sync()).sent).toBe(1);
  await phone.client.sync();
  for (const of of [phone, laptop]) {
    expect(notes(of).sort()).toEqual(["first", "under new keys", "written while signed out"]);
    expect(of.client.entries.all().filter((one) => one.waits || one.error !== null)).toEqual([]);
    expect(of.client.me?.bundle.newest().generation).toBe(2);
  }
});

test("nothing that opens an account reaches the server, not even while signing up", async () => {
  const made = await device();
  const sent: Uint8Array[] = [];
  made.wire.change = ({ sent: body }) => {
    sent.push(body);
    return null;
  };
  const [passkey, spare] = [SlotSecret.fresh(), SlotSecret.fresh()];
  await made.client.signUp({ with: "passkey", secret: passkey }, spare, "phone");
  await wrote(made, "first");
  await made.client.openWay(slots.SlotKind.PASSKEY, passkey);
  const me = made.client.access.needMe();
  const hidden = (await LocalStore.open(made.rows, made.key)).takeHidden();
  const keys = shape.fields(decode(hidden.get("keys/1") ?? new Uint8Array(0)), 3, "An identity");
  const seeds = [hidden.get("session"), ...keys].map((one) => shape.raw(one, "A seed", { length: 32 }));
  const secrets = [passkey.bytes, spare.bytes, ...seeds];
  expect(secrets).toHaveLength(6);
  const all = Buffer.concat(sent);
  for (const secret of secrets) {
    const raw = Buffer.from(secret);
    for (const form of [raw, Buffer.from(raw.toString("base64")), Buffer.from(raw.toString("hex"))]) {
      expect(all.includes(form)).toBe(false);
    }
  }
  expect(all.includes(Buffer.from(encode(me.uid))) || all.includes(Buffer.from(me.uid))).toBe(true); // so a search finds what is there
});
