/** Who touched one's data, told by a server that is honest and by one that is not. docs/attacks/browser.md. */

import { decode, encode, event, ledger, slots, type Value } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { witness } from "../../crypto/test/tlog/signing.ts";
import { ActivityReader } from "../src/activity.ts";
import type { Act, Activity, Who } from "../src/index.ts";
import { audited, Logbook, policyOf, type Given, type GivenPage } from "./support/logbook.ts";
import { attack } from "./support/play.ts";
import {
  base64,
  befriended,
  collection,
  device,
  each,
  fromBase64,
  granted,
  person,
  wrote,
  type Change,
  type Device,
  type Friends,
  type Person,
} from "./support/world.ts";

const ME = new Uint8Array(32).fill(1);
const HOUR_MS = 3_600_000;
/** The server of the tests signs its log of events within a few seconds. */
const SIGNED = { timeout: 15_000, interval: 250 };
const MISSING = (act: Act): string => (act.standing === "verified" ? "verified" : act.why);
const names = (found: Activity): (string | undefined)[] => found.acts.map((one) => one.told?.what);

/** Read own events so many hours from now. */
async function in_(hours: number, of: Device): Promise<Activity> {
  return new ActivityReader(of.client, () => Date.now() + hours * HOUR_MS).read();
}

/** Return the newest act of that name. */
function act(found: Activity, name: string): Act {
  const one = found.acts.findLast(({ told }) => told?.what === name);
  if (one === undefined) throw new Error(`no ${name}`);
  return one;
}

/** Ana shares moods with Ben, and Ben's device fetches them. */
async function fetched(): Promise<Friends> {
  const friends = await befriended();
  await wrote(friends.ana, "first");
  await granted(friends.ana, friends.benUid);
  await friends.ben.client.sync();
  return friends;
}

/** Return the change of pages of own events. */
function onPages(alter: (page: GivenPage) => GivenPage): Change {
  return ({ path, status, body }) => {
    if (!path.startsWith("/v1/activity") || status !== 200) return null;
    return new TextEncoder().encode(JSON.stringify(alter(JSON.parse(new TextDecoder().decode(body)) as GivenPage)));
  };
}

/** Return Ana on a server whose log of events is written here, so that every event of hers stands in it. */
async function logged(): Promise<{ ana: Person; book: Logbook }> {
  const ana = await person();
  const book = new Logbook();
  ana.wire.change = each(audited(book), book.change);
  return { ana, book };
}

test("who did what on which part is told, and proven by the log", async () => {
  const { ana, benUid } = await fetched();
  await expect.poll(async () => (await ana.client.activity()).acts.map(MISSING), SIGNED).not.toContain("waiting");
  const found = await ana.client.activity();
  expect(found.acts.map((one) => one.seq)).toEqual(found.acts.map((_, at) => at));
  expect(new Set(found.acts.map(MISSING))).toEqual(new Set(["verified"]));
  expect([found.warnings, found.log?.quorum]).toEqual([[], "none"]);
  expect((found.log?.size ?? 1) % 64).toBe(0); // step 6
  const looks = found.acts.filter((one) => one.told?.look && one.told.who.kind !== "self");
  expect(looks.length).toBeGreaterThan(0);
  for (const { told } of looks) {
    expect(told?.who).toEqual({ kind: "contact", uid: benUid, name: "Ben" });
    expect(told?.part).toEqual({ collection: collection(ana), name: "mood", isList: false });
    expect([told?.look?.opened, told?.look?.read]).toEqual([null, "unknown"]);
    expect(told?.look?.fetched?.count).toBeGreaterThan(0);
  }
  const self: Who = { kind: "self", device: null };
  const given = act(found, "sharing.grant.given").told;
  expect([given?.who, given?.whom]).toEqual([self, { kind: "contact", uid: benUid, name: "Ben" }]);
  expect(act(found, "accounts.session.opened").told?.who).toEqual({ kind: "self", device: "phone" });
  expect(found.acts[0]?.told?.what).toBe("accounts.account.created");
  const pushed = act(found, "vault.collection.pushed").told;
  expect(pushed?.part?.isList === true || pushed?.part?.name === "mood").toBe(true);
  const at = found.acts.at(-1)?.at ?? 0;
  expect((await ana.client.activity({ since: at + 1 })).acts).toEqual([]);
  expect((await ana.client.activity({ since: 1 })).acts).toEqual(found.acts);
});

test("that an app showed it is a report of its own, once a device and day, and nothing that was fetched", async () => {
  const { ana, ben, benUid } = await fetched();
  const anaUid = ana.client.me?.uid ?? new Uint8Array();
  const reported = async (): Promise<Act[]> =>
    (await ana.client.activity()).acts.filter(({ told }) => told?.what === "vault.collection.opened");
  expect(await reported()).toEqual([]);
  await ben.client.sharing.reportOpened(anaUid, ["journal", "mood"]);
  await ben.client.sharing.reportOpened(anaUid, ["mood"]);
  const [one, ...more] = await reported();
  expect(more).toEqual([]);
  expect(one?.told?.who).toEqual({ kind: "contact", uid: benUid, name: "Ben" });
  expect(one?.told?.part?.name).toBe("mood");
  expect(one?.told?.look).toEqual({ fetched: null, opened: "reported", read: "unknown" });
  await ana.client.sharing.revoke("mood", benUid);
  await ben.client.sharing.reportOpened(anaUid, ["mood"]); // what is shared no more is left out
});

test("what was verified once is kept, and only what is new is fetched", async () => {
  const { ana } = await logged();
  const before = await ana.client.activity();
  await wrote(ana, "first");
  const again = await device(ana.rows, ana.key);
  again.wire.change = ana.wire.change;
  const found = await again.client.activity();
  expect(again.wire.asked).toContain(`GET /v1/activity?first=${String(before.acts.length)}`);
  expect(found.acts.slice(0, before.acts.length)).toEqual(before.acts);
  expect(names(found).slice(before.acts.length)).toContain("vault.collection.pushed");
});

test("a row that is gone from this device takes no line from the list", async () => {
  const { ana } = await logged();
  const before = await ana.client.activity();
  ana.client.store.remove("activity/page/0");
  expect(await ana.client.activity()).toEqual(before);
  expect(ana.client.store.get("activity/page/0")).not.toBeNull();
});

test("what the log does not have yet waits", async () => {
  const ana = await person();
  ana.wire.change = onPages((page) => ({ ...page, checkpoint: "", entries: page.entries.map((one) => ({ ...one, proof: null })) }));
  const found = await ana.client.activity();
  expect([found.log, new Set(found.acts.map(MISSING)), found.warnings]).toEqual([null, new Set(["waiting"]), []]);
});

test("an event whose content was erased is told as that, and what follows still stands", async () => {
  const { ana, book } = await logged();
  ana.wire.change = each(audited(book, (page) => altered(page, 1, () => ({ salt: null, body: null }))), book.change);
  const { acts } = await ana.client.activity();
  expect(acts.slice(0, 3).map(MISSING)).toEqual(["verified", "erased", "verified"]);
  expect([acts[1]?.at, acts[1]?.told]).toEqual([null, null]);
});

test("without the witnesses that were demanded nothing new is verified, and with them all is", async () => {
  const { ana, book } = await logged();
  const [one, other] = [witness("w1.example", 50), witness("w2.example", 51)];
  await ana.client.activity();
  await ana.client.setPolicy(policyOf(one, other));
  book.witnesses.push(one);
  const before = await ana.client.activity();
  expect([new Set(before.acts.map(MISSING)), before.warnings]).toEqual([new Set(["unvouched"]), ["quorum"]]);
  book.witnesses.push(other);
  const vouched = await ana.client.activity();
  expect([new Set(vouched.acts.map(MISSING)), vouched.warnings]).toEqual([new Set(["verified"]), []]);
  expect(vouched.log?.vouchedAt).toBeGreaterThan(Date.now() / 1000 - 60);
  book.witnesses.pop();
  await wrote(ana, "first");
  const after = await ana.client.activity();
  const [seen, unseen] = [after.acts.slice(0, vouched.acts.length), after.acts.slice(vouched.acts.length)];
  expect([new Set(seen.map(MISSING)), new Set(unseen.map(MISSING))]).toEqual([new Set(["verified"]), new Set(["unvouched"])]);
});

test("a moment that no calendar shows keeps no line from being told", async () => {
  const { ana, book } = await logged();
  const in_log = audited(book);
  const late = onPages((page) =>
    altered(page, page.total - 1, (one) => {
      const body = retold(one, ([name, version, subject, seq, prev, , fields]) => [
        name ?? "", version ?? 1, subject ?? ME, seq ?? 0, prev ?? ME, Number.MAX_SAFE_INTEGER, fields ?? [],
      ]);
      return { body: base64(body), commitment: base64(event.commitment(fromBase64(one.salt ?? ""), body)) };
    }),
  );
  ana.wire.change = each(async (answer) => {
    const body = await late(answer);
    return body instanceof Uint8Array ? in_log({ ...answer, body }) : null;
  }, book.change);
  const { acts } = await ana.client.activity();
  expect(new Date((acts.at(-1)?.at ?? 0) * 1000).toISOString()).toBe("9999-12-31T23:59:59.000Z");
});

// -- lies

/** Return the page with an own event changed. */
function altered(page: GivenPage, seq: number, by: (one: Given) => Partial<Given>): GivenPage {
  return { ...page, entries: page.entries.map((one) => (one.seq === seq ? { ...one, ...by(one) } : one)) };
}

/** Let Ana be told otherwise by this change; she forgets what she was told before. */
function lying(ana: Person, book: Logbook, alter: (page: GivenPage) => GivenPage): void {
  ana.wire.change = each(audited(book, alter), book.change);
  ana.client.store.remove("activity/place");
}

const without = (page: GivenPage): GivenPage => {
  const entries = page.entries.filter((one) => one.seq !== 2).map((one, seq) => ({ ...one, seq }));
  return { ...page, entries, total: page.total - 1 };
};

attack("an event hidden from who it is about", async (play) => {
  const { ana, book } = await logged();
  let honest: Activity | null = null;
  await play.honest(async () => (honest = await ana.client.activity()));
  lying(ana, book, without);
  const error = await play.lie(() => ana.client.activity());
  expect(error.hint).toContain("Ask the people who run the server");
  const told = await play.off(() => ana.client.activity());
  expect(told.acts.length).toBe((honest as unknown as Activity).acts.length - 1);
  expect(new Set(told.acts.map(MISSING))).toEqual(new Set(["verified"]));
});

attack("two events told in another order", async (play) => {
  const { ana, book } = await logged();
  const honest = await ana.client.activity();
  await play.honest(() => ana.client.activity());
  lying(ana, book, (page) => {
    const [zero, one, two, ...rest] = page.entries;
    if (zero === undefined || one === undefined || two === undefined) throw new Error("too few events");
    return { ...page, entries: [zero, { ...two, seq: 1 }, { ...one, seq: 2 }, ...rest] };
  });
  await play.lie(() => ana.client.activity());
  const told = await play.off(() => ana.client.activity());
  const [zero, one, two] = names(honest);
  expect(names(told).slice(0, 3)).toEqual([zero, two, one]);
});

/** Return an own event's body told otherwise. */
function retold(one: Given, alter: (fields: Value[]) => Value[]): Uint8Array {
  return encode(alter(decode(fromBase64(one.body ?? "")) as Value[]));
}

attack("an event told otherwise than it was recorded", async (play) => {
  const { ana, book } = await logged();
  await play.honest(() => ana.client.activity());
  const otherwise = (one: Given): Partial<Given> => ({
    body: base64(retold(one, ([, ...rest]) => ["accounts.totp.changed", ...rest])),
  });
  lying(ana, book, (page) => altered(page, 2, otherwise));
  await play.lie(() => ana.client.activity());
  const { acts } = await play.off(() => ana.client.activity());
  expect([acts[2]?.told?.what, acts[2]?.standing]).toEqual(["accounts.totp.changed", "verified"]);
});

attack("an event about somebody else", async (play) => {
  const { ana, book } = await logged();
  await play.honest(() => ana.client.activity());
  const other = new Uint8Array(32).fill(9);
  ana.client.store.remove("activity/place");
  const honestly = onPages((page) => {
    const about = (one: Given): Partial<Given> => {
      const body = retold(one, ([name, version, , ...rest]) => [name ?? "", version ?? 1, other, ...rest]);
      return { body: base64(body), commitment: base64(event.commitment(fromBase64(one.salt ?? ""), body)) };
    };
    return altered(page, page.total - 1, about);
  });
  const in_log = audited(book);
  ana.wire.change = each(async (answer) => {
    const body = await honestly(answer);
    return body instanceof Uint8Array ? in_log({ ...answer, body }) : null;
  }, book.change);
  await play.lie(() => ana.client.activity());
  const { acts } = await play.off(() => ana.client.activity());
  expect(acts.at(-1)?.standing).toBe("verified");
});

attack("an event that was never logged", async (play) => {
  const { ana, book } = await logged();
  await play.honest(() => ana.client.activity());
  lying(ana, book, (page) => altered(page, page.total - 1, () => ({ position: 0, proof: page.entries[0]?.proof ?? null })));
  await play.lie(() => ana.client.activity());
  const { acts } = await play.off(() => ana.client.activity());
  expect([acts.at(-1)?.standing, acts.at(-1)?.position]).toEqual(["verified", 0]);
});

attack("the proof of an event withheld", async (play) => {
  const { ana, book } = await logged();
  await play.honest(() => ana.client.activity());
  lying(ana, book, (page) => altered(page, 2, () => ({ proof: null })));
  await play.lie(() => ana.client.activity());
  // What follows the check needs a proof: an empty one stands in for none.
  lying(ana, book, (page) => altered(page, 2, () => ({ proof: [] })));
  const { acts } = await play.off(() => ana.client.activity());
  expect(acts[2]?.standing).toBe("verified");
});

attack("the newest events hidden after they were shown", async (play) => {
  const { ana, book } = await logged();
  const before = await ana.client.activity();
  await wrote(ana, "first");
  await play.honest(() => ana.client.activity());
  const total = before.acts.length;
  ana.wire.change = each(audited(book, (page) => ({ ...page, entries: [], total })), book.change);
  await play.lie(() => ana.client.activity());
  await play.off(() => ana.client.activity());
});

attack("an event kept out of the log", async (play) => {
  const { ana, book } = await logged();
  await wrote(ana, "first");
  lying(ana, book, (page) => altered(page, page.total - 1, () => ({ position: null, proof: null })));
  await play.honest(async () => {
    const early = await in_(1, ana); // by the hour: it may still come
    expect([MISSING(early.acts.at(-1) as Act), early.warnings]).toEqual(["waiting", []]);
  });
  const late = await in_(5, ana);
  expect(MISSING(late.acts.at(-1) as Act)).toBe("late");
  play.named(late.warnings[0] ?? null);
  const told = await play.off(() => in_(5, ana));
  expect([MISSING(told.acts.at(-1) as Act), told.warnings]).toEqual(["waiting", []]);
});

attack("the log of events held at an old state", async (play) => {
  const { ana, book } = await logged();
  await play.honest(async () => {
    expect((await ana.client.activity()).warnings).toEqual([]);
  });
  book.of(ledger.AUDIT).push(new Uint8Array(32).fill(7)); // by the hour it grows
  expect((await in_(23, ana)).warnings).toEqual([]);
  book.of(ledger.AUDIT).push(new Uint8Array(32).fill(8));
  expect((await in_(30, ana)).warnings).toEqual([]);
  const held = await in_(55, ana); // nothing was added for a day
  play.named(held.warnings[0] ?? null);
  expect((await play.off(() => in_(55, ana))).warnings).toEqual([]);
});

test("a state that witnesses saw more than a day ago is old, also to a device that sees it first", async () => {
  const { ana, book } = await logged();
  const one = witness("w1.example", 50);
  book.witnesses.push(one);
  await ana.client.setPolicy(policyOf(one));
  book.time = Math.floor(Date.now() / 1000) - 25 * 3600;
  const found = await ana.client.activity();
  expect([found.warnings, found.log?.quorum, found.log?.vouchedAt]).toEqual([["log-stale"], "met", book.time]);
  book.time = null;
  expect((await ana.client.activity()).warnings).toEqual([]);
});

attack("another log of events than this device has followed", async (play) => {
  const { ana, book } = await logged();
  await play.honest(() => ana.client.activity());
  book.of(ledger.AUDIT).splice(0, 1, new Uint8Array(32).fill(7));
  book.of(ledger.AUDIT).push(new Uint8Array(32).fill(8));
  await play.lie(() => ana.client.activity());
  await play.off(() => ana.client.activity());
});

attack("a log of events that nobody signed", async (play) => {
  const { ana, book } = await logged();
  await play.honest(() => ana.client.activity());
  const between = new Logbook(40);
  for (const entry of book.of(ledger.AUDIT)) between.of(ledger.AUDIT).push(entry);
  ana.wire.change = each(audited(between), book.change);
  await play.lie(() => ana.client.activity());
  await play.off(() => ana.client.activity());
});

test("a page that is no such thing is named", async () => {
  const { ana, book } = await logged();
  lying(ana, book, (page) => altered(page, 0, () => ({ body: base64(new Uint8Array([1])) })));
  await expect(ana.client.activity()).rejects.toMatchObject({ name: "IntegrityError", reason: "shape" });
});

test("keys that changed are told as one's own act", async () => {
  const { ana } = await logged();
  const { root } = await ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey);
  await ana.client.access.change(root, { fresh: "keys" });
  const found = await ana.client.activity();
  expect(act(found, "accounts.statement.added").told?.who).toEqual({ kind: "self", device: null });
  expect(act(found, "accounts.slot.opened").told?.who).toEqual({ kind: "self", device: "phone" });
});
