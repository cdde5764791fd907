/**
 * After a real restore: what devices bring back, and how two histories go on. docs/attacks/browser.md.
 *
 * One server is put back once for all tests, since that takes many seconds: each has people of its own there.
 */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { SlotSecret, equal, slots } from "@mindhaven/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";

import { freshSpareKey } from "../src/index.ts";
import { Served, type Scene } from "./support/restored.ts";
import {
  another,
  befriended,
  collection,
  device,
  entry,
  granted,
  mood,
  notes,
  person,
  wrote,
  type Device,
  type Friends,
  type Person,
} from "./support/world.ts";

const WORDS = "five words that nobody else knows";
const MINUTES_MS = 120_000;

let server: Served;
const made = new Map<string, Scene>();
const before: [string, () => Promise<Scene>][] = [];

/** Define a test whose `prepare` runs before the backup; see `Scene`. */
function scene(name: string, prepare: () => Promise<Scene>): void {
  before.push([name, prepare]);
  test(name, { timeout: MINUTES_MS }, async () => {
    const found = made.get(name);
    if (found === undefined) throw new Error("it was not prepared");
    await found.after();
  });
}

beforeAll(async () => {
  server = await Served.start();
  for (const [name, prepare] of before) made.set(name, await prepare());
  await server.restored([...made.values()]);
}, MINUTES_MS);

afterAll(async () => {
  await server.end();
});

async function friends(): Promise<Friends> {
  const found = await befriended(server.url);
  server.reached(found.ana);
  server.reached(found.ben);
  return found;
}

async function laptopOf(ana: Pick<Person, "wire" | "spare">): Promise<Device> {
  return server.reached(await another(ana));
}

/** The same device after its page was closed and opened again. */
async function reopened(of: Device): Promise<Device> {
  return server.reached(await device(of.rows, of.key, server.url));
}

function heads(of: Device): Map<string, string> {
  const { listing, vault } = of.client;
  const listed = listing.collections().map((one) => [one.name, vault.state(one.id)?.head ?? new Uint8Array()] as const);
  return new Map(listed.map(([name, head]) => [name, Buffer.from(head).toString("hex")]));
}

function edited(by: Device, note: string, to: string): void {
  const found = entry(by, note);
  by.client.entries.revise(found, { ...mood(to), createdAt: found.record?.createdAt ?? 0 });
}

function sharesOf(ana: Device, ben: Device): string[] {
  return ben.client.sharing.sharedBy(ana.client.me?.uid ?? new Uint8Array()).map((one) => one.part);
}

scene("the tail that a server lost is brought back byte for byte, and what was erased stays so", async () => {
  const { ana, ben, benUid } = await friends();
  await wrote(ana, "before", "to erase");
  await granted(ana, benUid);
  await ben.client.sync();
  let seen = new Map<string, string>();
  const lose = async (): Promise<void> => {
    await wrote(ana, "after");
    ana.client.entries.erase(entry(ana, "to erase"));
    await wrote(ana, "last");
    edited(ana, "after", "after, edited");
    ana.client.entries.add({ ...mood("diary"), kind: "mindhaven/journal" });
    await ana.client.sync();
    seen = heads(ana);
  };
  const after = async (): Promise<void> => {
    const phone = await reopened(ana);
    const { restored, held, logFault } = await phone.client.sync();
    expect([restored?.behind, restored?.split, restored?.lost, held, logFault]).toEqual([[], [], 0, [], null]);
    expect(restored?.commits).toBeGreaterThan(4);
    expect(heads(phone)).toEqual(seen);
    const all = ["before", "after, edited", "last", "diary"];
    expect(notes(phone)).toEqual(all);
    const laptop = await laptopOf(ana);
    await laptop.client.sync();
    expect(notes(laptop)).toEqual(all);
    await ben.client.sync();
    expect(notes(ben)).toEqual(all.slice(0, 3));
    expect((await phone.client.sync()).restored).toEqual({ commits: 0, records: 0, behind: [], split: [], lost: 0 });
  };
  return { lose, after };
});

scene("a member brings back what the owner's device has not brought yet", async () => {
  const { ana, ben, benUid } = await friends();
  await wrote(ana, "before");
  await granted(ana, benUid);
  await ben.client.sync();
  const lose = async (): Promise<void> => {
    await wrote(ana, "after");
    await ben.client.sync();
  };
  const after = async (): Promise<void> => {
    const { restored } = await ben.client.sync();
    expect([restored?.commits, restored?.split, restored?.behind]).toEqual([1, [], []]);
    const laptop = await laptopOf(ana);
    await laptop.client.sync();
    expect(notes(laptop)).toEqual(["before", "after"]);
  };
  return { lose, after };
});

scene("a grant is brought back with its consent", async () => {
  const { ana, ben, benUid } = await friends();
  await wrote(ana, "before");
  const lose = async (): Promise<void> => {
    await granted(ana, benUid);
    await ben.client.sync();
    expect(notes(ben)).toEqual(["before"]);
  };
  const after = async (): Promise<void> => {
    expect((await ana.client.sync()).restored?.commits).toBeGreaterThan(0);
    await wrote(ana, "for Ben");
    await ben.client.sync();
    expect([sharesOf(ana, ben), notes(ben)]).toEqual([["mood"], ["before", "for Ben"]]);
    const { consents } = (await ben.client.vault.transport.call("GET", "/v1/consents")) as { consents: unknown[] };
    expect(consents).toHaveLength(1);
  };
  return { lose, after };
});

scene("a share that had ended ends again at once", async () => {
  const { ana, ben, benUid } = await friends();
  await wrote(ana, "before");
  await granted(ana, benUid);
  await ben.client.sync();
  const lose = (): Promise<void> => ana.client.sharing.revoke("mood", benUid);
  const after = async (): Promise<void> => {
    await ben.client.sync();
    expect(sharesOf(ana, ben)).toEqual(["mood"]); // the restored server does not know that it ended
    await ana.client.sync();
    await ben.client.sync();
    expect(sharesOf(ana, ben)).toEqual([]);
  };
  return { lose, after };
});

scene("newer keys of an account without a passphrase come back, too", async () => {
  const ana = server.reached(await person(server.url));
  await wrote(ana, "before");
  const lose = async (): Promise<void> => {
    const { root } = await ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey);
    await ana.client.access.change(root, { fresh: "keys" });
    await wrote(ana, "under the new key");
  };
  const after = async (): Promise<void> => {
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "account-brought" });
    await ana.client.recover(ana.spare, slots.SlotKind.RECOVERY_KEY, "phone");
    await ana.client.sync();
    const laptop = await laptopOf(ana);
    await laptop.client.sync();
    expect(notes(laptop)).toEqual(["before", "under the new key"]);
  };
  return { lose, after };
});

scene("newer ways in wait there for a day, and that is told", async () => {
  const ana = server.reached(await person(server.url));
  await wrote(ana, "before");
  const lose = async (): Promise<void> => {
    await ana.client.openWay(slots.SlotKind.RECOVERY_KEY, ana.spare);
    const opened = await ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey);
    expect(await ana.client.entrance.addPasskey(opened, SlotSecret.fresh())).toBeNull();
    await ana.client.sync();
  };
  const after = async (): Promise<void> => {
    ana.client.entries.add(mood("meanwhile"));
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "account-waits" });
    expect(notes(ana)).toEqual(["before", "meanwhile"]);
  };
  return { lose, after };
});

/** Somebody with a passphrase among their ways in. */
async function withWords(): Promise<Omit<Person, "passkey">> {
  const ana = server.reached(await device(undefined, undefined, server.url));
  const spare = freshSpareKey();
  await ana.client.signUp({ with: "passphrase", words: WORDS, word: "ana" }, spare, "phone");
  return { ...ana, spare };
}

scene("newer keys are brought back, and every device signs in anew with them", async () => {
  const ana = await withWords();
  await wrote(ana, "before");
  const lose = async (): Promise<void> => {
    const { root } = await ana.client.openWay(slots.SlotKind.PASSPHRASE, WORDS);
    await ana.client.access.change(root, { fresh: "keys" });
    await wrote(ana, "under the new key");
  };
  const after = async (): Promise<void> => {
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "account-brought" });
    await ana.client.recover(ana.spare, slots.SlotKind.RECOVERY_KEY, "phone");
    expect((await ana.client.sync()).restored?.commits).toBeGreaterThan(0);
    const laptop = await laptopOf(ana);
    await laptop.client.sync();
    expect(notes(laptop)).toEqual(["before", "under the new key"]);
    expect(laptop.client.me?.bundle.newest().generation).toBe(2);
  };
  return { lose, after };
});

scene("a server that lost a device and the newer keys is brought them, and then that is told", async () => {
  const ana = await withWords();
  await wrote(ana, "before");
  let laptop: Device = ana;
  const lose = async (): Promise<void> => {
    laptop = await laptopOf(ana);
    const { root } = await laptop.client.openWay(slots.SlotKind.RECOVERY_KEY, ana.spare);
    await laptop.client.access.change(root, { fresh: "keys" });
    await wrote(laptop, "after");
  };
  const after = async (): Promise<void> => {
    await expect(laptop.client.sync()).rejects.toMatchObject({ reason: "session-unknown" });
    await laptop.client.recover(ana.spare, slots.SlotKind.RECOVERY_KEY, "laptop");
    await laptop.client.sync();
    expect(laptop.client.me?.bundle.newest().generation).toBe(2);
    expect(notes(laptop)).toEqual(["before", "after"]);
  };
  return { lose, after };
});

scene("a device that kept no commits as they were signed brings nothing, and is told what the server lacks", async () => {
  const ana = server.reached(await person(server.url));
  await wrote(ana, "before");
  const laptop = await laptopOf(ana);
  const lose = async (): Promise<void> => {
    await wrote(ana, "after");
    await laptop.client.sync();
    for (const [name] of ana.client.store.under("signed/")) ana.client.store.remove(name); // as before it kept them
  };
  const after = async (): Promise<void> => {
    const moods = collection(ana);
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "index-split" });
    expect(notes(ana)).toEqual(["before", "after"]);
    expect((await laptop.client.sync()).restored?.commits).toBeGreaterThan(0);
    const { restored } = await ana.client.sync();
    expect([restored?.commits, restored?.behind, restored?.split]).toEqual([0, [], []]);
    expect(ana.client.vault.state(moods)?.head).toEqual(laptop.client.vault.state(moods)?.head);
  };
  return { lose, after };
});

scene("envelopes and salts that a server lost are given back by whoever has them", async () => {
  const { ana, ben, benUid } = await friends();
  await wrote(ana, "first", "second", "third");
  await granted(ana, benUid);
  await ben.client.sync();
  const [second, third] = [entry(ana, "second").item, entry(ana, "third").item];
  const meanwhile = (data: string): void => {
    const database = new DatabaseSync(join(data, "mindhaven.db"));
    const rows = database.prepare("SELECT item, envelope FROM vault_item WHERE envelope IS NOT NULL").all();
    const rowOf = (item: Uint8Array): number => {
      const found = rows.find((one) => one["item"] instanceof Uint8Array && equal(one["item"], item));
      return Number(found?.["envelope"]);
    };
    const gone = [["vault_envelope", second], ["vault_salt", second], ["vault_salt", third]] as const;
    for (const [table, item] of gone) {
      expect(database.prepare(`DELETE FROM ${table} WHERE id = ?`).run(rowOf(item)).changes).toBe(1);
    }
    database.close();
  };
  const after = async (): Promise<void> => {
    const laptop = await laptopOf(ana);
    expect((await laptop.client.sync()).restored?.lost).toBe(1);
    expect(notes(laptop)).toContain("! withheld");
    const { restored } = await ben.client.sync(); // a reader has them, too
    expect([restored?.commits, restored?.records]).toEqual([0, 2]);
    expect((await laptop.client.sync()).restored?.lost).toBe(0);
    expect(notes(laptop)).toEqual(["first", "second", "third"]);
    expect((await ana.client.sync()).restored?.records).toBe(0);
  };
  return { lose: () => Promise.resolve(), meanwhile, after };
});

scene("where another device went on first, its owner is shown what is lost, decides, and all follow", async () => {
  const { ana, ben, benUid } = await friends();
  await wrote(ana, "before", "erased on the phone");
  await granted(ana, benUid);
  const laptop = await laptopOf(ana);
  await laptop.client.sync();
  const lose = async (): Promise<void> => {
    await wrote(ana, "only on the phone");
    ana.client.entries.erase(entry(ana, "erased on the phone"));
    edited(ana, "before", "before, edited");
    await ana.client.sync();
    await ben.client.sync();
  };
  const after = async (): Promise<void> => {
    await wrote(laptop, "only on the laptop");
    const mine = ["before, edited", "only on the phone"];
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "index-split" });
    expect(notes(ana)).toEqual(mine);
    const moods = collection(ana);
    expect((await ben.client.sync()).restored?.split).toEqual([moods]);
    const bens = await ben.client.histories();
    expect((await bens.splits()).map((one) => one.can)).toEqual(["wait"]);
    await expect(bens.rejoin(moods)).rejects.toMatchObject({ reason: "fork" });
    expect(notes(ben)).toEqual(mine);

    const histories = await ana.client.histories();
    const splits = await histories.splits();
    expect(splits.map((one) => [one.can, equal(one.collection, moods)])).toEqual([["rejoin", false], ["rejoin", true]]);
    const [, split] = splits;
    expect([split?.lost.length, split?.mine.length, split?.erased]).toEqual([2, 2, 1]);
    for (const one of splits) await histories.rejoin(one.collection);
    const { restored, held } = await ana.client.sync();
    expect([restored?.split, restored?.behind, held]).toEqual([[], [], []]);
    const all = ["before, edited", "only on the phone", "only on the laptop"];
    expect(notes(ana)).toEqual(all);
    await laptop.client.sync();
    expect(notes(laptop)).toEqual(all);
    expect(await histories.splits()).toEqual([]);

    expect((await bens.splits()).map((one) => one.can)).toEqual(["follow"]);
    await bens.rejoin(moods);
    await ben.client.sync();
    expect(notes(ben)).toEqual(all);
    const again = await reopened(ana);
    await again.client.sync();
    expect(notes(again)).toEqual(all);
  };
  return { lose, after };
});

scene("a page that was closed between two steps of going on loses nothing, and nothing stands twice", async () => {
  const ana = server.reached(await person(server.url));
  await wrote(ana, "before");
  const laptop = await laptopOf(ana);
  await laptop.client.sync();
  const lose = (): Promise<void> => wrote(ana, "only on the phone");
  const after = async (): Promise<void> => {
    await wrote(laptop, "only on the laptop");
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "index-split" });
    const [split] = await (await ana.client.histories()).splits();
    if (split === undefined) throw new Error("there are two histories");
    let answers = 0;
    ana.wire.change = ({ path }) => {
      if (!path.endsWith("/revocations")) return null;
      answers += 1;
      throw new TypeError("the answer was lost"); // the server has taken it
    };
    await expect((await ana.client.histories()).rejoin(split.collection)).rejects.toMatchObject({ reason: "offline" });
    expect(answers).toBe(1);
    const again = await reopened(ana);
    const histories = await again.client.histories();
    const splits = await histories.splits();
    expect(splits.map((one) => one.can)).toEqual(["follow", "rejoin"]);
    for (const one of splits) await histories.rejoin(one.collection);
    await again.client.sync();
    expect(notes(again)).toEqual(["before", "only on the phone", "only on the laptop"]);
  };
  return { lose, after };
});

test("a server that was never restored is offered nothing", async () => {
  const ana = await person();
  await wrote(ana, "first");
  expect((await ana.client.sync()).restored).toBeNull();
  expect(await (await ana.client.histories()).splits()).toEqual([]);
  expect(await (await ana.client.histories()).rejoin(collection(ana))).toBeNull();
  expect(ana.wire.asked.filter((one) => one.includes("/offers"))).toEqual([]);
});
