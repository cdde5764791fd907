/** Ways in as a person changes them, before a real server; and which new passphrases are refused. */

import { SlotSecret, slots } from "@mindhaven/crypto";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { checkNew } from "../src/index.ts";
import { errorOf } from "./support/play.ts";
import { device, notes, person, wrote, type Person } from "./support/world.ts";

const WORDS = "brass kettle under the stairs";
const OTHER = "seven quiet herons at dusk";
const DAY = 86_400;

const byPasskey = (of: Person) => of.client.openWay(slots.SlotKind.PASSKEY, of.passkey);
const bySpare = (of: Person) => of.client.openWay(slots.SlotKind.RECOVERY_KEY, of.spare);
const byWords = (of: Person, words: string) => of.client.openWay(slots.SlotKind.PASSPHRASE, words);

/** RFC 6238 as it is written, for what an authenticator app would show. */
function codeOf(secret: string, at: number): string {
  const bits = Array.from(secret).map((sign) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0"));
  const bytes = (bits.join("").match(/.{8}/g) ?? []).map((one) => parseInt(one, 2));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30)));
  const digest = createHmac("sha1", Buffer.from(bytes)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("a second passkey counts at once with two ways in, and opens the account", async () => {
  const ana = await person();
  await wrote(ana, "first");
  await bySpare(ana);
  const second = SlotSecret.fresh();
  expect(await ana.client.entrance.addPasskey(await byPasskey(ana), second)).toBeNull();
  const { ways, waiting } = await ana.client.entrance.all();
  const { PASSKEY, RECOVERY_KEY } = slots.SlotKind;
  expect([ways.map((one) => one.kind).sort(), waiting]).toEqual([[PASSKEY, PASSKEY, RECOVERY_KEY].sort(), []]);
  const other = await device();
  await other.client.recover(second, PASSKEY, "other");
  await other.client.sync();
  expect(notes(other)).toEqual(["first"]);
});

test("with one way in it waits a day, and can be stopped", async () => {
  const ana = await person();
  const second = SlotSecret.fresh();
  const due = await ana.client.entrance.addPasskey(await byPasskey(ana), second);
  const now = Date.now() / 1000;
  expect(due).toBeGreaterThan(now + DAY - 7200);
  expect(due).toBeLessThan(now + DAY + 7200);
  const { waiting } = await ana.client.entrance.all();
  expect(waiting).toHaveLength(1);
  const other = await device();
  expect((await errorOf(() => other.client.recover(second, slots.SlotKind.PASSKEY, "other"))).reason).toBe("login-refused");
  for (const one of waiting) await ana.client.entrance.stop(one.id);
  expect((await ana.client.entrance.all()).waiting).toEqual([]);
});

test("a way in is removed with both opened, and two stay in any case", async () => {
  const ana = await person();
  const second = SlotSecret.fresh();
  await bySpare(ana);
  await ana.client.entrance.addPasskey(await byPasskey(ana), second);
  const opened = [await bySpare(ana), await ana.client.openWay(slots.SlotKind.PASSKEY, second)];
  const gone = (await byPasskey(ana)).id;
  expect(await ana.client.entrance.remove(opened, gone)).toBeNull();
  await ana.client.sync();
  const other = await device();
  expect((await errorOf(() => other.client.recover(ana.passkey, slots.SlotKind.PASSKEY, "other"))).reason).toBe("login-refused");
  await other.client.recover(second, slots.SlotKind.PASSKEY, "other");
  const { ways } = await ana.client.entrance.all();
  const last = ways.find((one) => one.kind === slots.SlotKind.PASSKEY);
  if (last === undefined) throw new Error("no passkey is left");
  expect((await errorOf(() => ana.client.entrance.remove(opened, last.id))).reason).toBe("last-slot");
});

test("a passphrase is set, replaced, and the old one opens nothing", async () => {
  const ana = await person();
  await wrote(ana, "first");
  const handle = ana.client.access.needMe().handle;
  expect(await ana.client.entrance.setPassphrase([await bySpare(ana), await byPasskey(ana)], WORDS)).toBeNull();
  const laptop = await device();
  await laptop.client.logIn(handle, WORDS, "laptop");
  await laptop.client.sync();
  expect(notes(laptop)).toEqual(["first"]);
  expect(await ana.client.entrance.setPassphrase([await bySpare(ana), await byWords(ana, WORDS)], OTHER)).toBeNull();
  await ana.client.sync();
  await wrote(ana, "second");
  const other = await device();
  expect((await errorOf(() => other.client.logIn(handle, WORDS, "other"))).reason).toBe("login-refused");
  await other.client.logIn(handle, OTHER, "other");
  await other.client.sync();
  expect(notes(other)).toEqual(["first", "second"]);
});

test("a passphrase alone replaces itself at once; the root follows later", async () => {
  const ana = await person();
  const handle = ana.client.access.needMe().handle;
  await ana.client.entrance.setPassphrase([await bySpare(ana), await byPasskey(ana)], WORDS);
  const laptop = await device();
  await laptop.client.logIn(handle, WORDS, "laptop");
  const opened = await laptop.client.openWay(slots.SlotKind.PASSPHRASE, WORDS);
  const due = await laptop.client.entrance.setPassphrase([opened], OTHER);
  expect(due).toBeGreaterThan(Date.now() / 1000 + DAY - 7200);
  const other = await device();
  await other.client.logIn(handle, OTHER, "other");
});

test("a code is asked for with the passphrase, and with nothing else", async () => {
  const ana = await person();
  const handle = ana.client.access.needMe().handle;
  await ana.client.entrance.setPassphrase([await bySpare(ana), await byPasskey(ana)], WORDS);
  const secret = await ana.client.entrance.startCode();
  const now = Math.floor(Date.now() / 1000);
  const wrong = codeOf(secret, now + 5 * DAY) === codeOf(secret, now) ? "000001" : codeOf(secret, now + 5 * DAY);
  expect((await errorOf(() => ana.client.entrance.codeOn(wrong))).reason).toBe("totp-refused");
  await ana.client.entrance.codeOn(codeOf(secret, now));
  expect((await ana.client.entrance.all()).code).toBe(true);
  const laptop = await device();
  expect((await errorOf(() => laptop.client.logIn(handle, WORDS, "laptop"))).reason).toBe("totp-needed");
  await laptop.client.logIn(handle, WORDS, "laptop", { code: codeOf(secret, now + 30), assertion: null });
  const other = await device();
  await other.client.recover(ana.spare, slots.SlotKind.RECOVERY_KEY, "other");
  await byPasskey(ana);
  await ana.client.entrance.codeOff();
  expect((await ana.client.entrance.all()).code).toBe(false);
});

describe("new passphrases", () => {
  /** The cases of the Python library's own test, which are its contract. */
  const page = readFileSync(join(import.meta.dirname, "../../../../tests/unit/sdk/test_passphrases.py"), "utf8");
  const lists = [...page.matchAll(/\[(\n? *"[^\]]*)\]/g)].map(([, inner = ""]) =>
    [...inner.matchAll(/"([^"]+)"/g)].map(([, one = ""]) => one),
  );
  const [easy = [], good = []] = lists;

  test("the lists are read", () => {
    expect([easy.length, good.length]).toEqual([15, 8]);
  });

  test.for(easy)("%s is refused", (words) => {
    expect(() => {
      checkNew(words);
    }).toThrow(expect.objectContaining({ reason: "passphrase-easy" }));
  });

  test.for(good)("%s passes", (words) => {
    checkNew(words);
  });

  test("a short one is told apart, at sign-up too", async () => {
    expect(() => {
      checkNew("password");
    }).toThrow(expect.objectContaining({ reason: "passphrase-short" }));
    const ana = await device();
    const way = { with: "passphrase", words: "password", word: "ana" } as const;
    expect((await errorOf(() => ana.client.signUp(way, SlotSecret.fresh(), "phone"))).reason).toBe("passphrase-short");
  });
});
