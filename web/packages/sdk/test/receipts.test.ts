/** Receipts: what a server promises of an act, and what it is held to. docs/attacks/browser.md. */

import { decode, encode, event, labelledHash, slots, tlog, type Value } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import type { Kept, Receipts } from "../src/index.ts";
import { witness } from "../../crypto/test/tlog/signing.ts";
import { policyOf } from "./support/logbook.ts";
import { attack } from "./support/play.ts";
import {
  base64,
  befriended,
  collection,
  device,
  granted,
  notes,
  person,
  wrote,
  type Change,
  type Device,
  type Friends,
  type Person,
} from "./support/world.ts";

/** A receipt as it crosses: what, subject, seq, at, commitment, position (spec/receipt.md step 1). */
type Given = [string, Uint8Array, number, number, Uint8Array, number | null];
/** The server of the tests signs its log of events within a few seconds. */
const SIGNED = { timeout: 15_000, interval: 250 };

async function receiptsOf(of: Device): Promise<Receipts> {
  return of.client.receipts();
}

async function all(of: Device): Promise<Kept[]> {
  return (await receiptsOf(of)).all();
}

async function check(of: Device): Promise<Kept[]> {
  return (await receiptsOf(of)).check();
}

/** How the newest receipt of a kind stands; none may be called wrong. */
function standingOf(kept: readonly Kept[], what: string): string | undefined {
  expect(kept.map((one) => one.standing)).not.toContain("wrong");
  return kept.findLast((one) => one.receipt.what === what)?.standing;
}

/** Wait until the log has signed what was done; return how the receipts stand then. */
async function proven(of: Device): Promise<Kept[]> {
  await expect.poll(async () => (await check(of)).map((one) => one.standing), SIGNED).not.toContain("waiting");
  return check(of);
}

test("a grant, its end and changes of keys are proven, and the proof stands without the server", async () => {
  const { ana, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  await ana.client.sharing.revoke("mood", benUid);
  const { root } = await ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey);
  await ana.client.access.change(root, { fresh: "keys" });
  const kept = await all(ana);
  expect(kept.map((one) => one.receipt.what)).toEqual(["keys", "consent", "grant", "consent-ended", "revocation", "keys"]);
  expect(kept.map((one) => one.number)).toEqual([1, 2, 3, 4, 5, 6]);
  const grant = kept.find((one) => one.receipt.what === "grant");
  expect([grant?.about.collection, grant?.about.person]).toEqual([collection(ana), benUid]);
  const done = await proven(ana);
  expect(done.map((one) => one.standing)).toEqual(kept.map(() => "proven"));
  const vkey = await logKey(ana);
  for (const { proof, receipt: one } of done) {
    if (proof === null) throw new Error("it is proven");
    const parsed = tlog.TlogProof.parse(proof);
    const [salt, body] = decode(parsed.extra ?? new Uint8Array()) as [Uint8Array, Uint8Array];
    const entry = event.commitment(salt, body);
    expect([entry, parsed.index]).toEqual([one.commitment, one.position]);
    await parsed.verify(entry, vkey); // as anybody would, without the server
  }
  const again = await device(ana.rows, ana.key); // also offline
  expect((await all(again)).map((one) => one.standing)).toEqual(kept.map(() => "proven"));
  await (await receiptsOf(again)).forget(2);
  expect((await all(again)).map((one) => one.number)).toEqual([1, 3, 4, 5, 6]);
  await expect((await receiptsOf(again)).forget(2)).rejects.toMatchObject({ reason: "receipt-unknown" });
});

async function logKey(of: Device): Promise<tlog.VerifierKey> {
  const { logs } = (await of.client.vault.transport.call("GET", "/v1/ledger", undefined, { open: true })) as {
    logs: { name: string; vkey: string }[];
  };
  return tlog.VerifierKey.parse(logs.find((one) => one.name === "audit")?.vkey ?? "");
}

/** The page of one's own events as it was before anything new was signed: no checkpoint covers it. */
const unsigned: Change = ({ path, body }) => {
  if (!path.startsWith("/v1/activity")) return null;
  const page = JSON.parse(new TextDecoder().decode(body)) as { entries: object[]; checkpoint: string };
  const entries = page.entries.map((one) => ({ ...one, proof: null }));
  return new TextEncoder().encode(JSON.stringify({ ...page, entries, checkpoint: "" }));
};

test("without a public checkpoint a receipt waits, and nothing is called a lie too early", async () => {
  const { ana, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  ana.wire.change = unsigned;
  for (let again = 0; again < 2; again++) {
    expect(standingOf(await check(ana), "grant")).toBe("waiting");
    expect((await ana.client.sync()).logFault).toBeNull();
  }
  ana.wire.change = null;
  expect(new Set((await proven(ana)).map((one) => one.standing))).toEqual(new Set(["proven"]));
});

test("without the witnesses that this device demands a receipt waits", async () => {
  const { ana, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  await proven(ana);
  await ana.client.setPolicy(policyOf(witness("w.example", 60)));
  await ana.client.sharing.revoke("mood", benUid);
  await expect.poll(async () => (await all(ana)).length, SIGNED).toBe(5);
  for (let again = 0; again < 3; again++) {
    await new Promise((resolve) => setTimeout(resolve, 1500)); // the log is signed meanwhile
    expect((await check(ana)).map((one) => one.standing).slice(-2)).toEqual(["waiting", "waiting"]);
  }
});

// -- a server that gives receipts and does not keep them

/** What the server answers a grant with, and what it then tells of the person's own events. */
class Lie {
  earlier: Given | null = null;
  readonly made = new Map<number, { salt: Uint8Array; body: Uint8Array }>();
  readonly #alter: (one: Given, lie: Lie, asked: Uint8Array) => Given;

  constructor(alter: (one: Given, lie: Lie, asked: Uint8Array) => Given) {
    this.#alter = alter;
  }

  readonly change: Change = ({ path, sent, status, body }) => {
    if (path.endsWith("/grants") && status < 300) {
      const [seq, head, given] = decode(body) as [number, Uint8Array, Given[]];
      const altered = given.map((one) => (one[0] === "grant" ? this.#alter(one, this, sent) : one));
      return encode([seq, head, altered]);
    }
    if (!path.startsWith("/v1/activity") || status !== 200 || this.made.size === 0) return null;
    const page = JSON.parse(new TextDecoder().decode(body)) as { entries: { seq: number }[] };
    const entries = page.entries.map((one) => {
      const made = this.made.get(one.seq);
      if (made === undefined) return one;
      const { salt, body: told } = made;
      return { ...one, salt: base64(salt), body: base64(told), commitment: base64(event.commitment(salt, told)) };
    });
    return new TextEncoder().encode(JSON.stringify({ ...page, entries }));
  };
}

const SALT = new TextEncoder().encode("a salt that the server drew, 32.");

function neverRecorded([what, subject, seq, at, , position]: Given): Given {
  return [what, subject, seq, at, new Uint8Array(32).fill(7), position];
}

/** An event that opens as just what was asked for, and of which the log has another commitment. */
function neverLogged([what, subject, seq, at, , position]: Given, lie: Lie, asked: Uint8Array): Given {
  const [, [consent]] = decode(asked) as [Value, [Uint8Array]];
  const [, recipient, role, , part, since, until] = decode(consent) as Value[]; // spec/consent.md step 1
  const said = [part, subject, recipient, role, since, until, labelledHash("consent-hash", consent)] as Value[];
  const body = encode(["sharing.grant.given", 1, subject, seq, new Uint8Array(32).fill(5), at - (at % 3600), said]);
  lie.made.set(seq, { salt: SALT, body });
  return [what, subject, seq, at, event.commitment(SALT, body), position];
}

function elsewhere([what, subject, seq, at, commitment, position]: Given): Given {
  if (position === null) throw new Error("the test's server numbers at once");
  return [what, subject, seq, at, commitment, position - 1];
}

function ofAnotherAct([what]: Given, lie: Lie): Given {
  if (lie.earlier === null) throw new Error("there was an act before");
  const [, ...rest] = lie.earlier;
  return [what, ...rest];
}

function ofSomebodyElse([what, , ...rest]: Given): Given {
  return [what, new Uint8Array(32).fill(3), ...rest];
}

/** A friend who was granted something before, with a receipt. */
async function before(): Promise<Friends & { readonly earlier: Given }> {
  const friends = await befriended();
  const { ana, benUid } = friends;
  await wrote(ana, "first");
  await granted(ana, benUid);
  const grant = (await all(ana)).find((one) => one.receipt.what === "grant");
  if (grant === undefined) throw new Error("a grant brings a receipt");
  const { what, subject, seq, at, commitment, position } = grant.receipt;
  return { ...friends, earlier: [what, subject, seq, at, commitment, position] };
}

async function longer(by: Person, to: Uint8Array): Promise<void> {
  await by.client.sharing.grant("mood", to, { since: 0, until: 30_000, text: "Longer.", language: "en" });
}

for (const [name, alter] of [
  ["a receipt for what was never recorded", neverRecorded],
  ["a receipt for an event that the log does not have", neverLogged],
  ["a receipt for a place where the log has something else", elsewhere],
  ["a receipt for another act than was asked for", ofAnotherAct],
  ["a receipt of somebody else's", ofSomebodyElse],
] as const) {
  attack(name, async (play) => {
    const { ana, benUid, earlier } = await before();
    await play.honest(() => check(ana));
    const lie = new Lie(alter);
    lie.earlier = earlier;
    ana.wire.change = lie.change;
    await longer(ana, benUid);
    await signedSince(ana);
    await play.lie(() => check(ana));
    const wrong = (await all(ana)).filter((one) => one.standing === "wrong");
    expect(wrong.map((one) => one.receipt.what)).toEqual(["grant"]);
    // Care goes on; each sync tells it until the person lets it go.
    await wrote(ana, "beside it");
    expect(notes(ana)).toEqual(["first", "beside it"]);
    const again = await device(ana.rows, ana.key);
    again.wire.change = lie.change;
    for (const one of [ana, ana, again]) play.named((await one.client.sync()).logFault?.reason ?? null);
    await play.off(async () => {
      expect(new Set((await check(ana)).map((one) => one.standing))).toEqual(new Set(["proven"]));
    });
    const [number] = wrong.map((one) => one.number);
    await (await receiptsOf(again)).forget(number ?? 0);
    expect((await again.client.sync()).logFault).toBeNull();
  }, 40_000);
}

/** Wait until the log has signed all of this person's events. */
async function signedSince(of: Device): Promise<void> {
  await expect.poll(async () => {
    const { entries } = (await of.client.vault.transport.call("GET", "/v1/activity?first=0")) as { entries: { proof: unknown }[] };
    return entries.filter((one) => one.proof === null).length;
  }, SIGNED).toBe(0);
}

test.for<[string, Value]>([
  ["is none", 5],
  ["has another number of fields", ["grant", 1]],
  ["is about nobody", ["grant", new Uint8Array(31), 1, 1, new Uint8Array(32), null]],
])("a receipt that %s is named once, and what was shared stands", async ([, odd]) => {
  const { ana, benUid } = await befriended();
  await wrote(ana, "first");
  ana.wire.change = ({ path, body }) => {
    if (!path.endsWith("/grants")) return null;
    const [seq, head] = decode(body) as Value[];
    return encode([seq ?? 0, head ?? 0, [odd]]);
  };
  await granted(ana, benUid);
  expect(ana.client.sharing.readableBy(benUid).map((one) => one.part)).toEqual(["mood"]);
  expect((await ana.client.sync()).logFault?.reason).toBe("receipt-differs");
  expect((await ana.client.sync()).logFault).toBeNull();
});

test("what a receipt is for that nobody here knows is left aside", async () => {
  const { ana, benUid } = await befriended();
  await wrote(ana, "first");
  ana.wire.change = ({ path, body }) => {
    if (!path.endsWith("/grants")) return null;
    const [seq, head, given] = decode(body) as [number, Uint8Array, Given[]];
    return encode([seq, head, given.map(([, ...rest]) => ["of a later day", ...rest])] as Value);
  };
  await granted(ana, benUid);
  expect((await all(ana)).map((one) => one.receipt.what)).toEqual(["keys"]);
  expect((await ana.client.sync()).logFault).toBeNull();
});

/** Let the next sync look again: ten minutes have passed. */
function laterOn(of: Device): void {
  of.client.store.remove("receipts-checked");
}

test("a sync looks by itself, once in ten minutes, and not at all once everything is proven", async () => {
  const { ana, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  await signedSince(ana);
  const looks = (): number => ana.wire.asked.splice(0).filter((one) => one.startsWith("GET /v1/activity")).length;
  laterOn(ana);
  looks();
  expect((await ana.client.sync()).logFault).toBeNull();
  expect(looks()).toBe(1);
  expect(new Set((await all(ana)).map((one) => one.standing))).toEqual(new Set(["proven"]));
  await ana.client.sharing.revoke("mood", benUid);
  await ana.client.sync();
  expect(looks()).toBe(0);
  laterOn(ana);
  await ana.client.sync();
  expect(looks()).toBe(1);
  await proven(ana);
  laterOn(ana);
  looks();
  await ana.client.sync();
  expect(looks()).toBe(0);
});

test("a sync goes on where the log can't be read", async () => {
  const { ana, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  laterOn(ana);
  ana.wire.before = (_method, path) => {
    if (path.startsWith("/v1/activity")) throw new TypeError("the line is gone");
  };
  const { logFault, held } = await ana.client.sync();
  expect([logFault, held]).toEqual([null, []]);
  expect(standingOf(await all(ana), "grant")).toBe("waiting");
});

test.for<[string, string, (page: Record<string, unknown>) => unknown]>([
  ["nothing", "answer-shape", () => null],
  ["no list of events", "answer-shape", (page) => ({ ...page, entries: 5 })],
  ["events without a commitment", "answer-shape", (page) => ({ ...page, entries: [{ seq: 0 }] })],
  ["a checkpoint that is none", "note-shape", (page) => ({ ...page, checkpoint: base64(new Uint8Array([1, 2, 3])) })],
])("a record of one's own events that is %s is named, and no receipt is called wrong for it", async ([, named, change]) => {
  const { ana, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  laterOn(ana);
  ana.wire.change = ({ path, body }) => {
    if (!path.startsWith("/v1/activity")) return null;
    const page = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    return new TextEncoder().encode(JSON.stringify(change(page)));
  };
  const { logFault } = await ana.client.sync();
  expect(logFault?.reason).toBe(named);
  expect(logFault?.hint).toMatch(/\.$/);
  expect(standingOf(await all(ana), "grant")).toBe("waiting");
});

// -- leaving

async function left(of: Person): Promise<unknown> {
  await of.client.openWay(slots.SlotKind.PASSKEY, of.passkey);
  await of.client.openWay(slots.SlotKind.RECOVERY_KEY, of.spare);
  return of.client.devices.eraseAccount();
}

test("who left is told what stays and until when, and proves it without an account", async () => {
  const ana = await person();
  await wrote(ana, "first");
  const receipts = await receiptsOf(ana);
  const shown = receipts.erasure(await left(ana));
  const today = Math.floor(Date.now() / 86_400_000);
  expect(shown.receipt.subject).toEqual(ana.client.me?.uid);
  expect(shown.backupsUntilDay).toBeGreaterThan(today);
  expect(shown.kept.length).toBeGreaterThan(0);
  await expect.poll(async () => (await receipts.proofOfErasure(shown)) !== null, SIGNED).toBe(true);
  const proof = await receipts.proofOfErasure(shown);
  const parsed = tlog.TlogProof.parse(proof ?? new Uint8Array());
  expect(parsed.index).toBe(shown.receipt.position);
  expect(parsed.extra).toBeUndefined(); // the event's content is gone
  await parsed.verify(shown.receipt.commitment, await logKey(ana));
});

test("an erasure that is answered with something else is named", async () => {
  const ana = await person();
  const receipts = await receiptsOf(ana);
  const true_ = (await left(ana)) as Record<string, unknown>;
  expect(() => receipts.erasure(null)).toThrow(expect.objectContaining({ reason: "answer-shape" }));
  expect(() => receipts.erasure({ ...true_, kept: [5] })).toThrow(expect.objectContaining({ reason: "answer-shape" }));
  expect(() => receipts.erasure({ ...true_, what: "grant" })).toThrow(expect.objectContaining({ reason: "receipt-differs" }));
  const other = base64(new Uint8Array(32));
  expect(() => receipts.erasure({ ...true_, subject: other })).toThrow(expect.objectContaining({ reason: "receipt-differs" }));
});

attack("an account's erasure that the log does not have", async (play) => {
  const ana = await person();
  const receipts = await receiptsOf(ana);
  const answer = (await left(ana)) as Record<string, unknown>;
  const shown = receipts.erasure(answer);
  await play.honest(async () => {
    await expect.poll(async () => (await receipts.proofOfErasure(shown)) !== null, SIGNED).toBe(true);
  });
  const never = receipts.erasure({ ...answer, commitment: base64(new Uint8Array(32).fill(7)) });
  await play.lie(() => receipts.proofOfErasure(never));
  const proof = await play.off(() => receipts.proofOfErasure(never));
  expect(proof).not.toBeNull();
});
