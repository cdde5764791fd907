/** A server that lies with its logs, as the browser's client reads them. docs/attacks/browser.md. */

import { type IntegrityError, ledger, slots } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { witness } from "../../crypto/test/tlog/signing.ts";
import { Heads } from "../src/heads.ts";
import { Logs } from "../src/logs.ts";
import { Logbook, policyOf } from "./support/logbook.ts";
import { showing } from "./support/made.ts";
import { attack, errorOf } from "./support/play.ts";
import { befriended, collection, device, each, granted, onJson, person, wrote, type Device, type Person } from "./support/world.ts";

const DAY_MS = 86_400_000;
const uidOf = (of: Device): Uint8Array => of.client.access.needMe().uid;

/** Return Ana on a server with these logs. */
async function logged(): Promise<{ ana: Person; book: Logbook }> {
  const ana = await person();
  const book = new Logbook().state(ana, uidOf(ana));
  ana.wire.change = book.change;
  return { ana, book };
}

/** Replace somebody's keys, so that their chain has a newer statement. */
async function newKeys(of: Person): Promise<void> {
  const { root } = await of.client.openWay(slots.SlotKind.PASSKEY, of.passkey);
  await of.client.access.change(root, { fresh: "keys" });
}

test("the server's own logs vouch for what is true", async () => {
  const { ana, ben, benUid } = await befriended();
  expect(ana.client.vouched(benUid)).toBe("unknown");
  await wrote(ana, "first");
  await expect.poll(async () => {
    await ana.client.checkLogs();
    return [ana.client.vouched(uidOf(ana)), ana.client.vouched(benUid)];
  }, { timeout: 20_000 }).toEqual(["logged", "logged"]);
  await newKeys(ben);
  await ana.client.people.fetch(benUid);
  expect(["waiting", "logged"]).toContain(ana.client.vouched(benUid));
  await expect.poll(async () => {
    await ana.client.checkLogs();
    return ana.client.vouched(benUid);
  }, { timeout: 20_000 }).toBe("logged");
  const again = await device(ana.rows, ana.key);
  expect(again.client.vouched(benUid)).toBe("logged"); // also offline
});

test("a contact who is new is looked for at the next sync", async () => {
  const ana = await person();
  await ana.client.sync();
  const ben = await person();
  await ben.client.sharing.accept(await ana.client.sharing.invite(), "Ben", "Ana");
  const [contact] = await ana.client.sharing.answers();
  if (contact === undefined) throw new Error("nobody answered");
  expect(ana.client.vouched(contact.uid)).toBe("unknown");
  await ana.client.sync();
  expect(["waiting", "logged"]).toContain(ana.client.vouched(contact.uid));
});

attack("a newer statement of a contact, hidden", async (play) => {
  const { ana, ben, benUid } = await befriended();
  const book = new Logbook().state(ana, uidOf(ana), benUid);
  ana.wire.change = book.change;
  await play.honest(() => ana.client.checkLogs());
  expect(ana.client.vouched(benUid)).toBe("logged");
  const before = ana.client.people.statements(benUid);
  await newKeys(ben);
  const [, newer] = ben.client.people.statements(benUid);
  expect(newer).toBeDefined();
  const theirs = new Logbook().state(ana, uidOf(ana)).state(ben, benUid);
  ana.wire.change = each(theirs.change, showing(benUid, before));
  for (let again = 0; again < 2; again++) {
    await play.lie(() => ana.client.checkLogs()); // until it is right, not once
    expect(ana.client.vouched(benUid)).toBe("unknown");
  }
  expect((await ana.client.sync()).logFault?.reason).toBe("statement-hidden"); // told, and care goes on
  await play.off(() => ana.client.checkLogs());
  ana.wire.change = theirs.change;
  await ana.client.checkLogs();
  expect(ana.client.vouched(benUid)).toBe("logged");
});

attack("a statement logged twice", async (play) => {
  const { ana, book } = await logged();
  await play.honest(() => ana.client.checkLogs());
  book.state(ana, uidOf(ana));
  await play.lie(() => ana.client.checkLogs());
  await play.off(() => ana.client.checkLogs());
  expect(ana.client.vouched(uidOf(ana))).toBe("logged");
});

attack("something new shared while the logs show something wrong", async (play) => {
  const { ana, benUid } = await befriended();
  const book = new Logbook().state(ana, uidOf(ana), benUid);
  ana.wire.change = book.change;
  await wrote(ana, "first");
  await play.honest(() => ana.client.checkLogs());
  book.stated(benUid, new Uint8Array(32).fill(9));
  await errorOf(() => ana.client.checkLogs());
  await play.lie(() => granted(ana, benUid));
  expect(ana.client.sharing.readableBy(benUid)).toEqual([]);
  await play.off(() => granted(ana, benUid));
  expect(ana.client.sharing.readableBy(benUid)).toHaveLength(1);
});

// -- heads

const TODAY = Math.floor(Date.now() / DAY_MS);

/** Return Ana, who wrote entries on a server with these logs. */
async function writer(...texts: readonly string[]): Promise<{ ana: Person; book: Logbook }> {
  const { ana, book } = await logged();
  await wrote(ana, ...texts);
  return { ana, book };
}

/** Ana's look at `heads` by a clock of the test's own. */
function looking(ana: Device): (day: number) => Promise<unknown> {
  const { store, vault } = ana.client;
  const id = collection(ana);
  let day = TODAY;
  const heads = new Heads(
    store,
    new Logs(store, vault.transport),
    (one) => vault.state(one)?.seq ?? -1,
    () => day * DAY_MS + 1,
  );
  return (at) => {
    day = at;
    return heads.check([id], [id]);
  };
}

/** Return the newest head of Ana's moods. */
function head(ana: Device): Uint8Array {
  const state = ana.client.vault.state(collection(ana));
  if (state === null) throw new Error("nothing was written");
  return state.head;
}

attack("others are shown another history", async (play) => {
  const { ana, book } = await writer("first");
  const look = looking(ana);
  book.headed(collection(ana), TODAY, head(ana));
  await play.honest(() => look(TODAY));
  book.headed(collection(ana), TODAY + 1, new Uint8Array(32).fill(1));
  for (let again = 0; again < 2; again++) await play.lie(() => look(TODAY + 1));
  await play.off(() => look(TODAY + 1));
});

attack("two heads of one day", async (play) => {
  const { ana, book } = await writer("first", "second");
  const look = looking(ana);
  await play.honest(() => look(TODAY));
  const older = ana.client.vault.commitHash(collection(ana), 1);
  if (older === null) throw new Error("no such commit");
  book.headed(collection(ana), TODAY, older);
  book.headed(collection(ana), TODAY, head(ana));
  await play.lie(() => look(TODAY));
  await play.off(() => look(TODAY));
});

attack("a change missing in the log of heads", async (play) => {
  const { ana } = await writer("first");
  const look = looking(ana);
  await look(TODAY);
  await wrote(ana, "second");
  await look(TODAY);
  await play.honest(() => look(TODAY + 1)); // a day later it may still come
  for (let again = 0; again < 2; again++) await play.lie(() => look(TODAY + 2));
  await play.off(() => look(TODAY + 2));
});

test("a head that has the change answers for it, an older one does not", async () => {
  const { ana, book } = await writer("first");
  const look = looking(ana);
  await look(TODAY);
  const before = head(ana);
  await wrote(ana, "second");
  await look(TODAY);
  book.headed(collection(ana), TODAY, before);
  expect((await errorOf(() => look(TODAY + 2))).reason).toBe("head-missing");
  book.headed(collection(ana), TODAY + 1, head(ana)); // by a clock beyond midnight
  await look(TODAY + 2);
});

test("what is said of a collection that could not be pulled is judged later", async () => {
  const { ana, book } = await writer("first");
  const { store, vault } = ana.client;
  const heads = new Heads(store, new Logs(store, vault.transport), (one) => vault.state(one)?.seq ?? -1, Date.now);
  const id = collection(ana);
  await heads.check([id], [id]);
  book.headed(id, TODAY, new Uint8Array(32).fill(1));
  await heads.check([], [id]);
  expect((await errorOf(() => heads.check([id], [id]))).reason).toBe("head-unknown");
});

// -- the logs themselves

attack("a log that was rewritten", async (play) => {
  const { ana, book } = await logged();
  book.headed(new Uint8Array(32).fill(7), TODAY, head_(1));
  await play.honest(() => ana.client.checkLogs());
  book.of(ledger.HEADS).splice(0, 1);
  book.headed(new Uint8Array(32).fill(7), TODAY, head_(2));
  book.headed(new Uint8Array(32).fill(7), TODAY, head_(3));
  await play.lie(() => ana.client.checkLogs());
  await play.off(() => ana.client.checkLogs());
});

attack("a log that shrank", async (play) => {
  const { ana, book } = await logged();
  for (const byte of [1, 2]) book.headed(new Uint8Array(32).fill(7), TODAY + byte, head_(byte));
  await play.honest(() => ana.client.checkLogs());
  book.of(ledger.HEADS).pop();
  await play.lie(() => ana.client.checkLogs());
  await play.off(() => ana.client.checkLogs());
});

attack("two logs of one size", async (play) => {
  const { ana, book } = await logged();
  book.headed(new Uint8Array(32).fill(7), TODAY, head_(1));
  await play.honest(() => ana.client.checkLogs());
  book.of(ledger.HEADS).splice(0, 1);
  book.headed(new Uint8Array(32).fill(7), TODAY, head_(2));
  await play.lie(() => ana.client.checkLogs());
  await play.off(() => ana.client.checkLogs());
});

attack("entries that the log did not sign", async (play) => {
  const { ana, book } = await logged();
  book.swapped = new Uint8Array(64);
  await play.lie(() => ana.client.checkLogs());
  expect(ana.client.vouched(uidOf(ana))).toBe("unknown");
  await play.off(() => ana.client.checkLogs());
  book.swapped = null;
  const other = await person();
  other.wire.change = new Logbook().state(other, uidOf(other)).change;
  await play.honest(() => other.client.checkLogs());
});

attack("other keys of the logs", async (play) => {
  const ana = await person();
  ana.wire.change = new Logbook().state(ana, uidOf(ana)).change;
  await play.honest(() => ana.client.checkLogs());
  const again = await device(ana.rows, ana.key);
  again.wire.change = new Logbook(40).state(ana, uidOf(ana)).change;
  await play.lie(() => again.client.checkLogs());
  await play.off(() => again.client.checkLogs());
});

test("without the witnesses that were demanded nobody's keys are vouched for", async () => {
  const { ana, book } = await logged();
  const [one, other] = [witness("w1.example", 50), witness("w2.example", 51)];
  await ana.client.setPolicy(policyOf(one, other));
  book.witnesses.push(one);
  expect((await ana.client.checkLogs()).quorum).toBe("missing");
  expect(ana.client.vouched(uidOf(ana))).toBe("unvouched");
  book.witnesses.push(other);
  expect((await ana.client.checkLogs()).quorum).toBe("met");
  expect(ana.client.vouched(uidOf(ana))).toBe("logged");
  await ana.client.setPolicy(new Uint8Array(0));
  expect(ana.client.vouched(uidOf(ana))).toBe("unknown");
  expect((await ana.client.checkLogs()).quorum).toBe("none");
});

test("logs that can't be read stop nothing", async () => {
  const ana = await person();
  ana.wire.change = ({ path }) => (path.startsWith("/log/") ? new Response(null, { status: 503 }) : null);
  ana.client.entries.add({ kind: "mindhaven/mood", version: 1, createdAt: Date.now(), zone: "UTC", body: { valence: 0 } });
  const synced = await ana.client.sync();
  expect([synced.logFault, synced.sent]).toEqual([null, 1]);
});

test.for<[string, string, Uint8Array | string]>([
  ["checkpoint", "note-shape", "no note"],
  ["tile/entries/", "bundle-cut", new Uint8Array(3)],
  ["tile/entries/", "ledger-entry", new Uint8Array(140)],
])("a log whose %s is no such thing is named: %s", async ([part, named, given]) => {
  const ana = await person();
  const book = new Logbook().state(ana, uidOf(ana));
  ana.wire.change = each(
    ({ path }) => (path.startsWith(`/log/keys/${part}`) ? new Response(given as BodyInit) : null),
    book.change,
  );
  const synced = await ana.client.sync();
  expect((synced.logFault as IntegrityError).reason).toBe(named);
  expect(synced.logFault?.hint).toContain("Nothing here is lost");
});

test("a server that shows two logs is named", async () => {
  const ana = await person();
  ana.wire.change = onJson<{ logs: unknown[] }>("GET", "/v1/ledger", (shown) => ({ ...shown, logs: shown.logs.slice(1) }));
  expect((await errorOf(() => ana.client.checkLogs())).reason).toBe("log-missing");
});

function head_(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}
