/** A collection from its first commit to its last: shared, read, revoked, handed over; each step as everybody sees it. */

import { beforeAll, describe, expect, test } from "vitest";

import {
  ByteMap,
  collection,
  consent,
  encode,
  envelope,
  epoch,
  type EpochKey,
  randomBytes,
  Signed,
  transfer,
} from "../../src/index.ts";
import { reasonOf } from "../tlog/signing.ts";
import { Chain, DAY, person, type Person } from "./people.ts";

const MONTH = 202_410;
const CONTENT = { kind: "mindhaven/mood", version: 1, createdAt: 1_728_000_000_000, zone: "UTC", body: Uint8Array.of(1) };

let [anna, ben, cleo]: [Person, Person, Person] = [] as unknown as [Person, Person, Person];
beforeAll(async () => {
  [anna, ben, cleo] = await Promise.all([person(), person(), person()]);
});

function putOf(item: envelope.SealedItem, header: envelope.Header): collection.Put {
  return {
    kind: "put",
    item: header.item,
    revision: header.revision,
    epoch: header.epoch,
    envelopeHash: envelope.envelopeHash(item.envelope),
    saltHash: envelope.saltHash(item.salt),
    blobs: [],
  };
}

/** A collection of Anna's with one epoch and one record in it. */
async function written(): Promise<{ chain: Chain; key: EpochKey; item: envelope.SealedItem; header: envelope.Header }> {
  const chain = await Chain.begin([anna, ben, cleo]);
  expect(chain.state.fittingEpoch(MONTH, DAY)).toBeUndefined();
  const { change, key } = await chain.open(anna, MONTH);
  const header = { collection: chain.id, item: randomBytes(16), revision: 1, epoch: 1, author: anna.uid };
  const item = await envelope.sealItem(key, header, CONTENT, randomBytes(32));
  await chain.commit(anna, [change, putOf(item, header)]);
  return { chain, key, item, header };
}

function listOf(...members: readonly (readonly [Person, collection.Role, since: number, until: number])[]): collection.Member[] {
  return members.map(([{ uid }, role, since, until]) => ({ uid, role, since, until }));
}

async function grant(chain: Chain, key: EpochKey, member: collection.Member, to: Person): Promise<collection.Members> {
  const place = { collection: chain.id, number: 1, month: MONTH };
  const wraps = [{ epoch: 1, wraps: [await epoch.wrapEpoch(key, place, anna.uid, to.recipient)] }];
  const members = [...listOf([anna, collection.OWNER, 0, 0]), member];
  const { settings } = chain.state;
  return { kind: "members", members, settings, consent: randomBytes(32), wraps };
}

describe("a grant", () => {
  test("lets the reader open what was written before, and no one else", async () => {
    const { chain, key, item, header } = await written();
    const member = { uid: ben.uid, role: collection.READER, since: 0, until: 0 };
    await chain.commit(anna, [await grant(chain, key, member, ben)]);
    const held = chain.state.epochs.get(1);
    expect(held?.holders.get(ben.uid)).toBe(1);
    expect(chain.state.fittingEpoch(MONTH, DAY)?.number).toBe(1);
    expect(chain.state.owner).toEqual(anna.uid);

    const last = collection.Commit.decode(chain.carried.at(-1)?.body ?? new Uint8Array(0));
    const [wrap] = last.wraps;
    if (wrap === undefined || held === undefined) throw new Error("no wrap in the grant");
    const place = { collection: chain.id, number: 1, month: MONTH };
    const opened = await epoch.openEpoch(wrap, place, held.commitment, anna.uid, ben.identity);
    expect(await envelope.openItem(opened, item, header)).toEqual(CONTENT);
    expect(await reasonOf(() => epoch.openEpoch(wrap, place, held.commitment, anna.uid, cleo.identity))).toBe(
      "wrap-does-not-open",
    );
    expect(
      await reasonOf(() => epoch.openEpoch(wrap, { ...place, month: 0 }, held.commitment, anna.uid, ben.identity)),
    ).toBe("wrap-does-not-open");
    expect(await reasonOf(() => chain.commit(ben, [putOf(item, { ...header, item: randomBytes(16) })]))).toBe(
      "reader-writes",
    );
    expect(await reasonOf(() => chain.commit(cleo, [{ kind: "leave" }]))).toBe("not-a-member");
  });

  test("that leaves out a record, or a consent, gives nothing", async () => {
    const { chain, key } = await written();
    const member = { uid: ben.uid, role: collection.READER, since: 0, until: 0 };
    const whole = await grant(chain, key, member, ben);
    const before = chain.state.encode();
    expect(await reasonOf(() => chain.commit(anna, [{ ...whole, wraps: [] }]))).toBe("grant-incomplete");
    expect(await reasonOf(() => chain.commit(anna, [{ ...whole, consent: null }]))).toBe("consent-missing");
    expect(await reasonOf(() => chain.commit(ben, [whole]))).toBe("not-a-member");
    expect(chain.state.encode()).toEqual(before);
    await chain.commit(anna, [whole]);
  });
});

describe("whom a membership ended", () => {
  test("nothing new is sealed for: the old epoch fits no more, a new one leaves them out", async () => {
    const { chain, key, item, header } = await written();
    const member = { uid: ben.uid, role: collection.WRITER, since: 0, until: DAY + 5 };
    await chain.commit(anna, [await grant(chain, key, member, ben)]);
    const next = (number: number): collection.Put => putOf(item, { ...header, item: randomBytes(16), epoch: number });
    await chain.commit(ben, [next(1)], DAY + 5);
    expect(chain.state.fittingEpoch(MONTH, DAY + 5)?.number).toBe(1);
    expect(chain.state.fittingEpoch(MONTH, DAY + 6)).toBeUndefined();
    expect(await reasonOf(() => chain.commit(anna, [next(1)], DAY + 6))).toBe("epoch-holders");
    expect(await reasonOf(() => chain.commit(ben, [next(1)], DAY + 6))).toBe("not-a-member");
    const { change } = await chain.open(anna, MONTH, DAY + 6);
    await chain.commit(anna, [change, next(2)], DAY + 6);
    expect([...(chain.state.epochs.get(2)?.holders.keys() ?? [])]).toEqual([anna.uid]);
    expect(chain.state.fittingEpoch(MONTH, DAY + 6)?.number).toBe(2);
  });

  test("may be the owner before: who holds all takes over, and the first one leaves", async () => {
    const { chain, key } = await written();
    const member = { uid: ben.uid, role: collection.WRITER, since: 0, until: 0 };
    expect(await reasonOf(() => chain.commit(anna, [{ kind: "owner", uid: ben.uid }]))).toBe("owner-target");
    await chain.commit(anna, [await grant(chain, key, member, ben)]);
    expect(await reasonOf(() => chain.commit(anna, [{ kind: "leave" }]))).toBe("owner-leaves");
    await chain.commit(anna, [{ kind: "owner", uid: ben.uid }, { kind: "leave" }]);
    expect(chain.state.owner).toEqual(ben.uid);
    expect(chain.state.members.has(anna.uid)).toBe(false);
    expect(await reasonOf(() => chain.commit(anna, [{ kind: "erase", item: randomBytes(16) }]))).toBe("not-a-member");
  });
});

describe("a consent", () => {
  test("is signed by its grantor, sealed to both, and agrees with what is granted", async () => {
    const parties = { grantor: anna.recipient, recipient: ben.recipient };
    const id = randomBytes(32);
    const sealed = await consent.sealPart(["Stimmung", "Ben"], parties, id);
    const given = new consent.Consent({
      grantor: anna.uid,
      recipient: ben.uid,
      role: collection.READER,
      purpose: "care",
      collection: id,
      since: MONTH,
      until: 0,
      textHash: consent.textHash("Ich teile das."),
      language: "de",
      registerVersion: "1",
      sealedHash: consent.sealedHash(sealed),
    });
    const signed = Signed.decode((await given.sign(anna.identity)).encode());
    const read = await consent.verifyConsent(signed, anna.state, 1);
    expect(read).toEqual(given);
    expect(await reasonOf(() => consent.verifyConsent(signed, ben.state, 1))).toBe("consent-grantor");
    for (const one of [anna, ben]) {
      expect(await consent.openPart(sealed, anna.uid, id, one)).toEqual(["Stimmung", "Ben"]);
    }
    expect(await reasonOf(() => consent.openPart(sealed, anna.uid, id, cleo))).toBe("consent-not-yours");
    const member = { uid: ben.uid, role: collection.READER, since: MONTH, until: 0 };
    consent.checkAgrees(read, member, id, anna.uid);
    for (const other of [{ ...member, until: 1 }, { ...member, since: 0 }, { ...member, role: collection.WRITER }]) {
      expect(await reasonOf(() => { consent.checkAgrees(read, other, id, anna.uid); })).toBe("consent-differs");
    }
  });
});

test("a consent's texts have a longest length", async () => {
  const fields = {
    grantor: anna.uid,
    recipient: ben.uid,
    role: collection.READER,
    purpose: "p".repeat(64),
    collection: anna.uid,
    since: 0,
    until: 10_000_000,
    textHash: anna.uid,
    language: "l".repeat(35),
    registerVersion: "v".repeat(64),
    sealedHash: anna.uid,
  };
  const read = (other: Partial<consent.ConsentFields>): consent.Consent =>
    consent.Consent.decode(new consent.Consent({ ...fields, ...other }).encode());
  expect(read({})).toEqual(new consent.Consent(fields));
  for (const other of [
    { purpose: "p".repeat(65) },
    { language: "l".repeat(36) },
    { registerVersion: "v".repeat(65) },
    { until: 10_000_001 },
  ]) {
    expect(await reasonOf(() => read(other))).toBe("shape");
  }
});

describe("what travels", () => {
  test("a page gives its commits, and items only under the hashes that they name", async () => {
    const { chain, item } = await written();
    const [first, second] = chain.carried;
    if (first === undefined || second === undefined) throw new Error("two commits were made");
    const entry = (signed: Signed, items: Parameters<typeof encode>[0]): Parameters<typeof encode>[0] => [[signed.body, signed.signatures], items];
    const given = [item.envelope, item.salt];
    const page = (...entries: Parameters<typeof encode>[0][]): Uint8Array => encode([1, chain.state.head, entries]);
    const read = transfer.decodePage(page(entry(first, []), entry(second, [given])));
    expect([read.headSeq, read.head, read.commits.length]).toEqual([1, chain.state.head, 2]);
    expect(read.commits.map(({ commit }) => commit.seq)).toEqual([0, 1]);
    const [, carried] = read.commits;
    const put = carried?.commit.changes.find((change) => change.kind === "put");
    if (put === undefined) throw new Error("no put in the second commit");
    expect(transfer.checkItem(put, carried?.items[0])).toEqual(item);
    for (const [other, reason] of [
      [[randomBytes(2000), item.salt], "envelope-mismatch"],
      [[item.envelope, randomBytes(32)], "salt-mismatch"],
      [[item.envelope, item.salt.slice(1)], "shape"],
      [null, "shape"],
    ] as const) {
      expect(await reasonOf(() => transfer.checkItem(put, other))).toBe(reason);
    }
    expect(transfer.decodePage(page(entry(second, [null]))).commits[0]?.items).toEqual([null]);
    expect(await reasonOf(() => transfer.decodePage(page(entry(second, [given, given]))))).toBe("page-items");
    expect(await reasonOf(() => transfer.decodePage(page(entry(second, [given, given, given]))))).toBe("shape");
    expect(await reasonOf(() => transfer.decodePush(encode([[second.body, second.signatures], []])))).toBe("push-items");
    expect(await reasonOf(() => transfer.decodePush(encode([[second.body, second.signatures], [null]])))).toBe("shape");
  });
});

test("a wrap that comes later never takes a holder's newer key back", () => {
  const holders = new ByteMap([[ben.uid, 3]]);
  const before = { number: 1, month: 0, commitment: randomBytes(32), author: anna.uid, holders };
  const wrapped = { enc: new Uint8Array(0), ciphertext: new Uint8Array(0) };
  const after = epoch.withWraps(before, [{ uid: ben.uid, keyId: 2, wrapped }, { uid: cleo.uid, keyId: 1, wrapped }]);
  expect([after.holders.get(ben.uid), after.holders.get(cleo.uid)]).toEqual([3, 1]);
  expect(holders.size).toBe(1);
});
