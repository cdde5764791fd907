/** A server that lies in what it gives of a collection. docs/attacks/browser.md. */

import { decode, encode, equal, type Value } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { attack } from "./support/play.ts";
import {
  another,
  collection,
  cut,
  each,
  forged,
  inAddress,
  mood,
  notes,
  onList,
  onPage,
  person,
  wrote,
  type Page,
  type Person,
} from "./support/world.ts";

const ALL = ["first", "second", "third"];

async function ana(): Promise<Person> {
  const made = await person();
  await wrote(made, ...ALL);
  return made;
}

function last(page: Page): Page[2][number] {
  const found = page[2].at(-1);
  if (found === undefined) throw new Error("an empty page");
  return found;
}

function withhold(page: Page): Page {
  last(page)[1] = [null];
  return page;
}

attack("a record withheld without an erasure", async (play) => {
  const phone = await ana();
  const laptop = await another(phone);
  laptop.wire.change = onPage(collection(phone), withhold);
  await play.lie(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(["! withheld", "first", "second"]); // what was given of it stays
  await play.lie(() => laptop.client.sync()); // and it is told as long as it is missing
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(ALL);
  const other = await another(phone);
  other.wire.change = onPage(collection(phone), withhold);
  await play.off(() => other.client.sync());
  expect(notes(other)).toEqual(["! withheld", "first", "second"]);
});

attack("the list of collections withheld", async (play) => {
  const phone = await ana();
  const index = phone.client.listing.id ?? new Uint8Array(32);
  const nothing = onPage(index, (page) => [page[0], page[1], page[2].map(([signed, items]) => [signed, items.map(() => null)])]);
  const laptop = await another(phone);
  laptop.wire.change = nothing;
  await play.lie(() => laptop.client.sync());
  await play.lie(() => laptop.client.sync());
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(ALL);
  const other = await another(phone);
  other.wire.change = nothing;
  await play.off(() => other.client.sync());
  expect(notes(other)).toEqual([]);
});

attack("a hidden collection", async (play) => {
  const phone = await ana();
  const hide = onList((list) => list.filter((one) => one.id !== Buffer.from(collection(phone)).toString("base64")));
  const laptop = await another(phone);
  laptop.wire.change = hide;
  await play.lie(() => laptop.client.sync());
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(ALL);
  const other = await another(phone);
  other.wire.change = hide;
  await play.off(() => other.client.sync());
  expect(notes(other)).toEqual([]);
});

attack("rollback, on a device that saw more", async (play) => {
  const phone = await ana();
  await play.honest(() => phone.client.sync());
  phone.wire.change = await cut(phone, collection(phone), 2);
  const error = await play.lie(() => phone.client.sync());
  expect(error.hint).toMatch(/Ask the people who run the server/);
  expect(notes(phone)).toEqual(ALL);
  await play.off(() => phone.client.sync());
});

attack("rollback, on a new device", async (play) => {
  const phone = await ana();
  const before = await cut(phone, collection(phone), 2);
  const laptop = await another(phone);
  laptop.wire.change = before;
  await play.lie(() => laptop.client.sync());
  expect(notes(laptop)).toEqual([]);
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(ALL);
  const other = await another(phone);
  other.wire.change = before;
  await play.off(() => other.client.sync());
  expect(notes(other)).toEqual(["first", "second"]);
});

attack("fork", async (play) => {
  const phone = await ana();
  const id = collection(phone);
  const elsewhere = Buffer.alloc(32, 7).toString("base64");
  const fork = each(
    onList((list) => list.map((one) => (one.id === Buffer.from(id).toString("base64") ? { ...one, head: elsewhere } : one))),
    onPage(id, (page) => [page[0], new Uint8Array(32).fill(7), page[2]], { empty: true }),
  );
  await play.honest(() => phone.client.sync());
  phone.wire.change = fork;
  await play.lie(() => phone.client.sync());
  expect(notes(phone)).toEqual(ALL);
  await play.off(() => phone.client.sync());
});

attack("another history goes on from an older commit", async (play) => {
  const phone = await ana();
  const id = collection(phone);
  const [first] = phone.client.entries.all();
  if (first === undefined) throw new Error("nothing is here");
  const state = phone.client.vault.state(id);
  const second = phone.client.vault.commitHash(id, (state?.seq ?? 0) - 1);
  if (state === null || second === null) throw new Error("nothing is known");
  const other = await forged(phone, id, { prev: second, changes: [{ kind: "erase", item: first.item }] });
  phone.wire.change = each(
    onList((list) => list.map((one) => (one.id === Buffer.from(id).toString("base64") ? { ...one, seq: other.seq, head: other.head } : one))),
    onPage(id, () => [other.seq, other.hash, [other.entry]], { empty: true }),
  );
  await play.lie(() => phone.client.sync());
  expect(notes(phone)).toEqual(ALL);
  await play.off(() => phone.client.sync());
  expect(notes(phone)).toEqual(["second", "third"]);
  const laptop = await another(phone);
  await play.honest(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(ALL);
});

attack("a commit dropped", async (play) => {
  const phone = await ana();
  const drop = onPage(collection(phone), (page) => [page[0], page[1], page[2].toSpliced(-2, 1)]);
  const laptop = await another(phone);
  laptop.wire.change = drop;
  await play.lie(() => laptop.client.sync());
  expect(notes(laptop)).toEqual([]);
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  const other = await another(phone);
  other.wire.change = drop;
  await play.off(() => other.client.sync());
  expect(notes(other)).toEqual(["first", "third"]);
});

attack("two records swapped", async (play) => {
  const phone = await ana();
  const swap = onPage(collection(phone), (page) => {
    const [one, other] = page[2].slice(-2);
    if (one === undefined || other === undefined) return page;
    [one[1], other[1]] = [other[1], one[1]];
    return page;
  });
  const laptop = await another(phone);
  laptop.wire.change = swap;
  await play.lie(() => laptop.client.sync());
  expect(notes(laptop)).toEqual([]);
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  const second = laptop.client.entries.all()[1];
  const other = await another(phone);
  other.wire.change = swap;
  await play.off(() => other.client.sync());
  const there = other.client.entries.all().find((one) => second !== undefined && equal(one.item, second.item));
  expect(second?.record?.body["note"]).toBe("second");
  expect(there?.record?.body["note"]).toBe("third");
});

function saltOf(change: (salt: Uint8Array) => Uint8Array): (page: Page) => Page {
  return (page) => {
    const [item] = last(page)[1];
    if (item !== null && item !== undefined) item[1] = change(item[1]);
    return page;
  };
}

for (const [name, change] of [
  ["a wrong salt blamed on its author", () => new Uint8Array(32)],
  ["a salt of 31 bytes", (salt: Uint8Array) => salt.slice(0, 31)],
] as const) {
  attack(name, async (play) => {
    const phone = await ana();
    const wrong = onPage(collection(phone), saltOf(change));
    const laptop = await another(phone);
    laptop.wire.change = wrong;
    const error = await play.lie(() => laptop.client.sync());
    expect(error.message).toContain("server");
    expect(notes(laptop)).toEqual([]);
    laptop.wire.change = null;
    await play.honest(() => laptop.client.sync());
    expect(notes(laptop)).toEqual(ALL);
    const other = await another(phone);
    other.wire.change = wrong;
    await play.off(() => other.client.sync());
    expect(notes(other)).toEqual(["! commitment-mismatch", "first", "second"]);
  });
}

attack("another collection of one's own", async (play) => {
  const phone = await ana();
  phone.client.entries.add({ kind: "mindhaven/journal", version: 1, createdAt: Date.UTC(2026, 10, 3), zone: "UTC", body: { note: "diary" } });
  await phone.client.sync();
  const journal = `/v1/collections/${inAddress(collection(phone, "journal"))}/commits?since=-1`;
  const pages = await phone.client.vault.transport.cbor("GET", journal);
  const id = collection(phone);
  const swap = ({ path }: { path: string }): Uint8Array | null =>
    path === `/v1/collections/${inAddress(id)}/commits?since=-1` ? pages : null;
  const laptop = await another(phone);
  laptop.wire.change = swap;
  await play.lie(() => laptop.client.sync());
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(["diary", ...ALL]);
  const other = await another(phone);
  other.wire.change = swap;
  await play.off(() => other.client.sync());
  const inMoods = other.client.entries.all().filter((one) => one.collectionName === "mood");
  expect(inMoods.map((one) => one.error)).not.toContain(null);
  expect(other.client.vault.state(id)?.collection).toEqual(collection(phone, "journal"));
});

attack("a signed commit changed", async (play) => {
  const phone = await ana();
  const id = collection(phone);
  const yesterday = onPage(id, (page) => {
    const [signed] = last(page);
    const body = decode(signed[0]) as Value[];
    body[5] = Number(body[5]) - 1;
    signed[0] = encode(body);
    return page;
  });
  const laptop = await another(phone);
  laptop.wire.change = yesterday;
  await play.lie(() => laptop.client.sync());
  expect(notes(laptop)).toEqual([]);
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  const other = await another(phone);
  other.wire.change = yesterday;
  await play.off(() => other.client.sync());
  expect(other.client.vault.state(id)?.head).not.toEqual(phone.client.vault.state(id)?.head);
  expect(notes(other)).toEqual(ALL);
});

test("a part that was begun although its answer was lost is begun once", async () => {
  const ana = await person();
  const index = ana.client.listing.id;
  if (index === null) throw new Error("no index");
  ana.client.entries.add(mood("first"));
  let lost = 0;
  ana.wire.change = ({ method, path }) => {
    if (method !== "POST" || lost > 0 || !path.startsWith(`/v1/collections/${inAddress(index)}/commits`)) return null;
    lost += 1;
    throw new TypeError("the answer was lost"); // the server has taken it
  };
  await expect(ana.client.sync()).rejects.toMatchObject({ reason: "offline" });
  expect(lost).toBe(1);
  ana.wire.change = null;
  await ana.client.sync();
  expect(ana.client.listing.collections().filter((one) => one.name === "mood")).toHaveLength(1);
  expect(notes(ana)).toEqual(["first"]);
});
