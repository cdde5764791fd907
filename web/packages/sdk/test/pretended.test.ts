/** A server that says it was restored, and uses it. docs/attacks/browser.md; true restores: restored.test.ts. */

import { decode, encode, type Value, type collection as collections } from "@mindhaven/crypto";
import { expect } from "vitest";

import { attack } from "./support/play.ts";
import {
  base64,
  befriended,
  collection,
  cut,
  each,
  entry,
  forged,
  granted,
  inAddress,
  mood,
  notes,
  onList,
  person,
  wrote,
  type Change,
  type Device,
  type Forged,
  type Page,
} from "./support/world.ts";

const DAY_SECONDS = 86_400;

/** Say that the server was restored yesterday, beside what `change` does. */
function claiming(change: Change): Change {
  return async (answer) => {
    const changed = await change(answer);
    if (answer.method !== "GET" || answer.path !== "/v1/collections") return changed;
    const shown = changed instanceof Uint8Array ? changed : answer.body;
    const now = Math.floor(Date.now() / 1000);
    const said = { offer_since: now - DAY_SECONDS, offer_until: now + DAY_SECONDS };
    const value = { ...(JSON.parse(new TextDecoder().decode(shown)) as object), ...said };
    return new TextEncoder().encode(JSON.stringify(value));
  };
}

function seqOf(of: Device, id: Uint8Array): number {
  return of.client.vault.state(id)?.seq ?? -1;
}

attack("an older state, called a restore", async (play) => {
  const ana = await person();
  await wrote(ana, "first", "second", "third");
  const id = collection(ana);
  await play.honest(async () => {
    expect((await ana.client.sync()).restored).toBeNull();
  });
  ana.wire.change = claiming(await cut(ana, id, seqOf(ana, id) - 1));
  ana.client.entries.add(mood("waits"));
  const { restored, held } = await ana.client.sync();
  play.named(restored?.behind.some((one) => base64(one) === base64(id)) === true ? "behind" : null);
  expect([restored?.commits, restored?.split, held.length]).toEqual([0, [], 1]); // the true server takes no offer
  expect(notes(ana)).toEqual(["first", "second", "third", "waits"]);
  expect(entry(ana, "waits").held).toBe("split");
  await play.off(async () => {
    expect((await ana.client.sync()).restored?.behind).toEqual([]);
  });
  ana.wire.change = null;
  expect((await ana.client.sync()).held).toEqual([]);
  expect(notes(ana)).toEqual(["first", "second", "third", "waits"]);
});

/** Show a collection with these in the place of its last commit. */
async function forked(by: Device, id: Uint8Array, ...commits: readonly Forged[]): Promise<Change> {
  return continued(by, id, -1, commits);
}

async function continued(by: Device, id: Uint8Array, kept: number | undefined, commits: readonly Forged[]): Promise<Change> {
  const path = `/v1/collections/${inAddress(id)}/commits`;
  const [, , entries] = decode(await by.client.vault.transport.cbor("GET", `${path}?since=-1`)) as Page;
  const all = [...entries.slice(0, kept), ...commits.map((one) => one.entry)];
  const last = commits.at(-1);
  if (last === undefined) throw new Error("a history ends with a commit");
  const { seq, head, hash } = last;
  return claiming(
    each(
      onList((list) => list.map((one) => (one.id === base64(id) ? { ...one, seq, head } : one))),
      ({ method, path: asked }) => {
        if (method !== "GET" || !asked.startsWith(path)) return null;
        const since = Number(new URL(asked, "https://mindhaven.test").searchParams.get("since"));
        return encode([seq, hash, all.slice(since + 1)] as Value);
      },
    ),
  );
}

/** The list of members as it stands, as a change. */
function sameMembers(of: Device, id: Uint8Array): collections.Change {
  const state = of.client.vault.state(id);
  if (state === null) throw new Error("this device has not seen that collection");
  return { kind: "members", members: [...state.members.values()], settings: state.settings, consent: null, wraps: [] };
}

function hashAt(of: Device, id: Uint8Array, seq: number): Uint8Array {
  const found = of.client.vault.commitHash(id, seq);
  if (found === null) throw new Error("this device has not seen that commit");
  return found;
}

attack("a rejoin that the owner never signed", async (play) => {
  const { ana, ben, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  await wrote(ana, "last");
  await ben.client.sync();
  const id = collection(ana);
  await play.honest(async () => {
    expect(await (await ana.client.histories()).rejoin(id)).toBeNull();
  });
  const seq = seqOf(ana, id);
  const prev = hashAt(ana, id, seq - 1);
  const named: collections.Change = { kind: "rejoin", seq: seq - 1, hash: prev };
  ana.wire.change = await forked(ana, id, await forged(ben, id, { seq, prev, changes: [named, sameMembers(ben, id)] }));
  expect((await ana.client.sync()).restored?.split).toEqual([id]);
  const histories = await ana.client.histories();
  await play.lie(() => histories.splits());
  await play.lie(() => histories.rejoin(id));
  expect(notes(ana)).toEqual(["first", "last"]);
  await play.off(async () => {
    expect((await histories.rejoin(id))?.can).toBe("follow");
  });
  expect(ana.client.entries.all().map((one) => [one.record?.body["note"], one.waits])).toEqual([
    ["first", false],
    ["last", true], // even then what she wrote is written again
  ]);
});

attack("a rejoin from a place that this device never saw", async (play) => {
  const { ana, ben, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  await wrote(ana, "last");
  await ben.client.sync();
  const id = collection(ana);
  const histories = await ben.client.histories();
  await play.honest(async () => {
    expect(await histories.rejoin(id)).toBeNull();
  });
  const seq = seqOf(ben, id);
  const other = await forged(ana, id, { seq, prev: hashAt(ana, id, seq - 1), changes: [sameMembers(ana, id)] });
  const named: collections.Change = { kind: "rejoin", seq, hash: other.hash };
  const changes = [named, sameMembers(ana, id)];
  const rejoin = await forged(ana, id, { seq: seq + 1, prev: other.hash, changes });
  ben.wire.change = await forked(ben, id, other, rejoin);
  expect((await ben.client.sync()).restored?.split).toEqual([id]);
  expect((await histories.splits()).map((one) => one.can)).toEqual(["wait"]);
  await play.lie(() => histories.rejoin(id));
  expect(notes(ben)).toEqual(["first", "last"]);
  await play.off(() => histories.rejoin(id));
  expect(notes(ben)).toEqual(["first"]);
});

attack("an old rejoin, shown before another history", async (play) => {
  const { ana, ben, benUid } = await befriended();
  await wrote(ana, "first");
  await granted(ana, benUid);
  await wrote(ana, "last");
  await ben.client.sync();
  const id = collection(ana);
  const histories = await ben.client.histories();
  await play.honest(async () => {
    expect(await histories.rejoin(id)).toBeNull();
  });
  const seq = seqOf(ben, id) + 1;
  const prev = hashAt(ben, id, seq - 1);
  const named: collections.Change = { kind: "rejoin", seq: seq - 1, hash: prev };
  const old = await forged(ana, id, { seq, prev, changes: [named, sameMembers(ana, id)] });
  const newest = await forged(ana, id, { seq: seq + 1, prev: old.hash, changes: [sameMembers(ana, id)] });
  ben.wire.change = await continued(ana, id, undefined, [old, newest]);
  await ben.client.sync(); // as after a true restore of long ago
  expect(seqOf(ben, id)).toBe(seq + 1);
  const members = sameMembers(ana, id);
  if (members.kind !== "members") throw new TypeError("it is a list of members");
  const changed = { ...members, settings: { ...members.settings, holdUntil: 1 } };
  const other = await forged(ana, id, { seq: seq + 1, prev: old.hash, changes: [changed] });
  const next = await forged(ana, id, { seq: seq + 2, prev: other.hash, changes: [changed] });
  ben.wire.change = await continued(ana, id, undefined, [old, other, next]);
  expect((await ben.client.sync()).restored?.split).toEqual([id]);
  expect((await histories.splits()).map((one) => one.can)).toEqual(["wait"]);
  await play.lie(() => histories.rejoin(id));
  expect(hashAt(ben, id, seq + 1)).toEqual(newest.hash);
  await play.off(() => histories.rejoin(id));
  expect(hashAt(ben, id, seq + 1)).toEqual(other.hash);
});
