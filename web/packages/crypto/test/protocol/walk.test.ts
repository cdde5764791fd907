/** Chains of random commits: whatever the rules let through, what they promise holds. */

import { expect, test } from "vitest";

import { ByteMap, chain, collection, type epoch, equal, hex, Signed } from "../../src/index.ts";
import { chance } from "../chance.ts";

const DAY = 20_000;
const MONTHS = [0, 202_409, 202_410];
const PEOPLE = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte));

/** The random choices of one walk. */
class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = chance(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  one<Kind>(from: readonly Kind[]): Kind {
    const found = from[this.below(from.length)];
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** One walk: a state, the items so far, and changes that are more often right than chance alone would make them. */
class Walk implements chain.Facts {
  readonly dice: Dice;
  readonly items = new ByteMap<chain.ItemState>();
  readonly hashes: Uint8Array[] = [];
  state: chain.ChainState;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    const [owner] = PEOPLE;
    if (owner === undefined) throw new Error("nobody is there");
    const first = {
      kind: "members",
      members: [collection.ownerOf(owner)],
      settings: collection.DEFAULT_SETTINGS,
      consent: null,
      wraps: [],
    } as const;
    const fields = { collection: owner, seq: 0, prev: this.dice.bytes(32), author: owner, keyId: 1, day: DAY, changes: [first] };
    const commit = new collection.Commit({ ...fields, collection: collection.genesisId(fields) });
    this.state = chain.begin(new Signed(commit.encode(), []), commit, this).state;
    this.hashes.push(this.state.head);
  }

  item(item: Uint8Array): chain.ItemState | undefined {
    return this.items.get(item);
  }

  liveEpochs(): Iterable<number> {
    return new Set([...this.items.values()].filter((one) => !one.erased).map((one) => one.epoch));
  }

  keyStated(): boolean {
    return true;
  }

  commitHash(seq: number): Uint8Array | undefined {
    return this.hashes[seq];
  }

  #wrap(uid: Uint8Array): epoch.Wrap {
    const keyId = Math.max(1, this.state.knownKeys.get(uid) ?? 0) + (this.dice.below(20) === 0 ? 1 : 0);
    return { uid, keyId, wrapped: { enc: new Uint8Array(1120), ciphertext: new Uint8Array(48) } };
  }

  #members(day: number): collection.Change {
    const { dice, state } = this;
    const listed = [...state.members.values()].filter(() => dice.below(6) > 0);
    const uid = dice.one(PEOPLE);
    const role = dice.one([collection.READER, collection.WRITER]);
    const added = { uid, role, since: dice.one(MONTHS), until: dice.one([0, day - 1, day, day + 2]) };
    const members = [...listed.filter((one) => !equal(one.uid, uid)), ...(dice.below(8) === 0 ? [] : [added])];
    const epochs = [...state.epochs.values()].filter((one) => dice.below(8) > 0 && (one.month === 0 || one.month >= added.since));
    const consent = dice.below(10) === 0 ? null : dice.bytes(32);
    const wraps = epochs.map(({ number }) => ({ epoch: number, wraps: [this.#wrap(uid)] }));
    return { kind: "members", members, settings: state.settings, consent, wraps };
  }

  change(author: Uint8Array, day: number): collection.Change {
    const { dice, state } = this;
    const which = dice.below(20);
    if (which < 10) {
      const known = dice.below(3) === 0 ? [...this.items][dice.below(Math.max(1, this.items.size))] : undefined;
      const epoch = state.fittingEpoch(dice.one(MONTHS), day + (dice.below(8) === 0 ? 9 : 0))?.number ?? state.epochs.size;
      return {
        kind: "put",
        item: known?.[0] ?? dice.bytes(16),
        revision: (known?.[1].revision ?? 0) + (dice.below(12) === 0 ? 2 : 1),
        epoch: Math.max(1, epoch),
        envelopeHash: dice.bytes(32),
        saltHash: dice.bytes(32),
        blobs: [],
      };
    }
    if (which < 14) {
      const month = dice.one(MONTHS);
      const to = [...state.entitled(month, day).keys()].filter(() => dice.below(12) > 0);
      const wraps = to.map((uid) => this.#wrap(uid));
      return { kind: "open", epoch: state.epochs.size + 1, month, commitment: dice.bytes(32), wraps };
    }
    if (which < 17) return this.#members(day);
    if (which === 17) return { kind: "erase", item: [...this.items.keys()][dice.below(this.items.size)] ?? dice.bytes(16) };
    if (which === 18) return { kind: "owner", uid: dice.one(PEOPLE) };
    return dice.below(4) === 0 ? { kind: "leave" } : { kind: "snapshot", root: author };
  }

  /** Judge one random commit; return whether it was let through. */
  step(): boolean {
    const { dice, state } = this;
    const author = dice.below(2) === 0 ? state.owner : dice.one(PEOPLE);
    const day = DAY + dice.below(4);
    const changes = Array.from({ length: 1 + dice.below(2) }, () => this.change(author, day));
    const keyId = state.knownKeys.get(author) ?? 1;
    const announced: collection.Change[] =
      state.signedKeys.get(author) === keyId ? [] : [{ kind: "key", generation: keyId, statement: author }];
    const fields = { collection: state.collection, seq: state.seq + 1, prev: state.head, author, keyId, day };
    const commit = new collection.Commit({ ...fields, changes: [...announced, ...changes] });
    try {
      const judged = chain.judge(state, new Signed(commit.encode(), []), commit, this);
      checkPromises(state, commit, judged);
      for (const [item, after] of judged.items) this.items.set(item, after);
      this.state = judged.state;
      this.hashes.push(judged.state.head);
      return true;
    } catch (error) {
      if (error instanceof chain.RuleError) return false;
      throw error;
    }
  }
}

function checkPromises(before: chain.ChainState, commit: collection.Commit, judged: chain.Judged): void {
  const after = judged.state;
  // One owner, from the beginning and without end.
  const owners = [...after.members.values()].filter((one) => one.role === collection.OWNER);
  expect(owners.map(({ since, until }) => [since, until])).toEqual([[0, 0]]);
  // Epochs are numbered without a gap.
  expect([...after.epochs.keys()]).toEqual(Array.from({ length: after.epochs.size }, (_, at) => at + 1));
  // No key ever becomes older.
  for (const [uid, keyId] of before.knownKeys) expect(after.knownKeys.get(uid)).toBeGreaterThanOrEqual(keyId);
  for (const [uid, keyId] of after.signedKeys) expect(after.knownKeys.get(uid)).toBeGreaterThanOrEqual(keyId);
  // Who wrote was a member in force, and wrote only what is theirs.
  const me = before.members.get(commit.author);
  expect(me?.until === 0 || commit.day <= (me?.until ?? 0)).toBe(true);
  for (const [item, now] of judged.items) {
    const old = judged.before.get(item);
    expect(old?.erased ?? false).toBe(false);
    if (old !== undefined) expect([now.author, now.month]).toEqual([old.author, old.month]);
    if (!now.erased) {
      expect(now.author).toEqual(commit.author);
      expect(now.revision).toBe((old?.revision ?? 0) + commit.changes.filter((one) => one.kind === "put" && equal(one.item, item)).length);
    }
  }
  if (commit.changes.some((one) => !["put", "erase", "key"].includes(one.kind))) return;
  // The one rule: sealed for exactly those who are entitled on that day, each under the newest key known.
  for (const put of commit.changes.filter((one) => one.kind === "put")) {
    const sealed = after.epochs.get(put.epoch);
    const month = sealed?.month ?? -1;
    const wanted = [...after.members.values()]
      .filter((one) => one.role === collection.OWNER || ((month === 0 || one.since <= month) && (one.until === 0 || one.until >= commit.day)))
      .map((one) => `${hex(one.uid)} ${after.knownKeys.get(one.uid) ?? 0}`);
    expect([...(sealed?.holders ?? [])].map(([uid, keyId]) => `${hex(uid)} ${keyId}`).sort()).toEqual(wanted.sort());
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])("walk %d", (seed) => {
  const walk = new Walk(seed);
  let taken = 0;
  for (let step = 0; step < 400; step++) if (walk.step()) taken += 1;
  // A walk that is always let through, or never, shows nothing.
  expect(taken).toBeGreaterThan(40);
  expect(taken).toBeLessThan(360);
  expect(walk.items.size).toBeGreaterThan(10);
});
