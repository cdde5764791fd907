/**
 * Two histories after a real restore, both written on: nothing is lost, nothing erased comes back, nothing is replaced.
 *
 * One server is put back once for all tests, since that takes many seconds: each has people of its own there.
 */

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { Entry } from "../src/index.ts";
import { Served, type Scene } from "./support/restored.ts";
import { another, device, entry, mood, notes, person, wrote, type Device, type Person } from "./support/world.ts";

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

async function laptopOf(ana: Pick<Person, "wire" | "spare">): Promise<Device> {
  return server.reached(await another(ana));
}

/** The same device after its page was closed and opened again. */
async function reopened(of: Device): Promise<Device> {
  return server.reached(await device(of.rows, of.key, server.url));
}

function edited(by: Device, note: string, to: string): void {
  const found = entry(by, note);
  by.client.entries.revise(found, { ...mood(to), createdAt: found.record?.createdAt ?? 0 });
}

scene("what was edited or erased while there were two histories stands as it is when they go on", async () => {
  const ana = server.reached(await person(server.url));
  await wrote(ana, "both", "both, to erase");
  const laptop = await laptopOf(ana);
  await laptop.client.sync();
  const lose = async (): Promise<void> => {
    await wrote(ana, "lost", "lost, to erase");
    edited(ana, "both", "both, lost edit");
    edited(ana, "both, to erase", "both, to erase, lost edit");
    await ana.client.sync();
  };
  const after = async (): Promise<void> => {
    await wrote(laptop, "laptop");
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "index-split" });
    edited(ana, "lost", "lost, edited meanwhile");
    edited(ana, "both, lost edit", "both, edited meanwhile");
    ana.client.entries.erase(entry(ana, "lost, to erase"));
    ana.client.entries.erase(entry(ana, "both, to erase, lost edit"));
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "index-split" });
    const again = await goesOn(ana);
    const all = ["both, edited meanwhile", "lost, edited meanwhile", "laptop"];
    expect(notes(again).sort()).toEqual([...all].sort());
    expect(again.client.entries.all().filter((one) => one.conflictOf !== null)).toEqual([]);
    await laptop.client.sync();
    expect(notes(laptop).sort()).toEqual([...all].sort());
  };
  return { lose, after };
});

scene("what both histories changed is kept twice, the lost one as a conflict, and once where it is the same", async () => {
  const ana = server.reached(await person(server.url));
  await wrote(ana, "edited", "erased");
  const [laptop, tablet] = [await laptopOf(ana), await laptopOf(ana)];
  await laptop.client.sync();
  const { item } = entry(ana, "edited");
  const gone = entry(ana, "erased").item;
  const lose = async (): Promise<void> => {
    await wrote(ana, "new on the phone");
    edited(ana, "edited", "edited on the phone");
    edited(ana, "erased", "edited, not erased");
    await ana.client.sync();
    await tablet.client.sync();
    expect(notes(tablet)).toContain("edited on the phone");
  };
  const after = async (): Promise<void> => {
    edited(laptop, "edited", "edited on the laptop, newer");
    laptop.client.entries.erase(entry(laptop, "erased"));
    await laptop.client.sync();
    await expect(ana.client.sync()).rejects.toMatchObject({ reason: "index-split" });
    const again = await goesOn(ana);
    const all = ["edited on the laptop, newer", "edited on the phone", "edited, not erased", "new on the phone"];
    expect(notes(again).sort()).toEqual(all);
    expect(entry(again, "edited on the laptop, newer").item).toEqual(item);
    expect(entry(again, "edited on the phone").conflictOf).toEqual(item);
    expect(entry(again, "edited, not erased").conflictOf).toEqual(gone);
    await laptop.client.sync();
    expect(notes(laptop).sort()).toEqual(all);
    await expect(tablet.client.sync()).rejects.toMatchObject({ reason: "index-split" });
    await goesOn(tablet);
    const fresh = notes(tablet).filter((one) => one === "new on the phone");
    expect(fresh).toHaveLength(1); // written anew by the phone already
  };
  return { lose, after };
});

scene("a file of a locked entry that the server lost is given back once its lock is open, and no other file is sent", async () => {
  const ana = server.reached(await person(server.url));
  const words = "four herons and a kettle";
  const page = (text: string): File => new File([text], "page.txt", { type: "text/plain", lastModified: 1_700_000_000_000 });
  const locked = async (of: Device): Promise<Entry[]> => (await (await of.client.locks()).open(words)).entries();
  await ana.client.sync();
  const reference = await (await ana.client.files()).attach("journal", page("what only I read"));
  const lock = await (await ana.client.locks()).create(words);
  const body = { text: "mine" };
  await lock.add({ kind: "mindhaven/journal", version: 1, createdAt: Date.now(), zone: "UTC", body }, [reference]);
  expect((await ana.client.sync()).held).toEqual([]);
  const meanwhile = (data: string): void => {
    for (const name of readdirSync(join(data, "blobs"))) {
      if (name !== "partial") rmSync(join(data, "blobs", name), { recursive: true });
    }
  };
  const after = async (): Promise<void> => {
    await ana.client.sync();
    const parts = await ana.client.parts();
    // While the lock is closed it can be told that there is something, and not what.
    const shut = ana.client.entries.all({ kind: "mindhaven/locked", locks: true });
    expect((await parts.gaps(shut)).size).toBe(1);
    expect(await parts.lacking(shut)).toEqual([]);
    const open = await locked(ana);
    const lacking = await parts.lacking(open);
    expect(lacking.map((one) => [one.file.name, one.parts.length])).toEqual([["page.txt", 1]]);
    const asked = ana.wire.asked.length;
    for (const other of ["what only I rEad", "something else"]) {
      await expect(parts.giveBack(lacking, page(other))).rejects.toMatchObject({ reason: "file-differs" });
    }
    expect(ana.wire.asked.length).toBe(asked);
    expect(await parts.giveBack(lacking, page("what only I read"))).toHaveLength(1);
    expect(await parts.lacking(open)).toEqual([]);
    const laptop = await laptopOf(ana);
    await laptop.client.sync();
    const [entry] = await locked(laptop);
    if (entry === undefined) throw new Error("nothing is locked");
    const read = await (await laptop.client.files()).read(entry);
    expect(new TextDecoder().decode(await read.arrayBuffer())).toBe("what only I read");
  };
  return { lose: () => Promise.resolve(), meanwhile, after };
});

/** Go on with all histories, close the page, and sync. */
async function goesOn(of: Device): Promise<Device> {
  const histories = await of.client.histories();
  for (const one of await histories.splits()) await histories.rejoin(one.collection);
  const { restored, held } = await of.client.sync();
  expect([restored?.split, restored?.behind, held]).toEqual([[], [], []]);
  return reopened(of);
}
