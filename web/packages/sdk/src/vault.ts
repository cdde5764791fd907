/**
 * The sync engine: judge, seal, push; on top of `pulling`, which pulls and verifies. I/O: server and local store.
 *
 * Guarantees: a write is judged at the head that it follows, by the rules that every other client judges it by; it
 * lands once, or stays in the queue.
 */

import type {
  Signed} from "@mindhaven/crypto";
import {
  EpochKey,
  UnavailableError,
  chain,
  collection as collections,
  encode,
  envelope as envelopes,
  epoch as epochs,
  equal,
  hex,
  mapSome,
  randomBytes,
  type Value,
  type account,
} from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import { Overtaken } from "./errors.ts";
import { toText } from "./ids.ts";
import type { Me } from "./me.ts";
import type { People } from "./people.ts";
import { StoredFacts } from "./facts.ts";
import { Pulling } from "./pulling.ts";
import type { LocalItem } from "./rows.ts";
import type { LocalStore } from "./store.ts";
import type { Transport } from "./transport.ts";

/** Items of one commit: one signature covers them; larger ones gain little and lose more on a conflict. */
export const PUSH_BATCH = 100;
/** Conflicts in a row before a write is left in the queue: 16 writers on one collection pass in fewer. */
const MAX_TRIES = 12;
const DAY_MS = 86_400_000;

/** One write: a new item (`revision` 1), a next revision, or (content null) an erasure. */
export interface Draft {
  readonly item: Uint8Array;
  readonly month: number;
  readonly content: envelopes.Content | null;
  readonly revision: number;
  /** The parts of its attachments, which are on the server already. */
  readonly blobs?: readonly Uint8Array[];
  /** Contents that were sent for this revision before and never answered. */
  readonly sent?: readonly Uint8Array[];
  /** Gives the content to keep as a new item marked as a conflict of the given one, if this write lost a race. */
  readonly asConflict?: (of: Uint8Array) => envelopes.Content;
}

/** Changes to sign, with what their landing brings to this device. */
export interface Prepared {
  readonly changes: readonly collections.Change[];
  readonly items: readonly envelopes.SealedItem[];
  readonly keys: ReadonlyMap<number, EpochKey>;
  readonly contents: ReadonlyMap<string, Written>;
}

/** What is kept of an item that was written here: its content, and the salt that it was sealed with. */
type Written = Pick<LocalItem, "value" | "salt">;

/** Collections as this device verifies, keeps and writes them. */
export class Vault extends Pulling {
  readonly #now: () => number;

  constructor(store: LocalStore, transport: Transport, access: Access, people: People, now: () => number) {
    super(store, transport, access, people);
    this.#now = now;
  }

  /** Return the UTC day as days since 1970. */
  today(): number {
    return Math.floor(this.#now() / DAY_MS);
  }

  /** Return a new item id. */
  freshItem(): Uint8Array {
    return randomBytes(envelopes.ITEM_ID_BYTES);
  }

  /** Begin a new collection of one's own; return its id. */
  async create(): Promise<Uint8Array> {
    const me = this.access.needMe();
    const { id, signed } = await collections.genesis({
      author: me.uid,
      identity: me.bundle.newest(),
      nonce: randomBytes(32),
      day: this.today(),
      settings: collections.DEFAULT_SETTINGS,
    });
    await this.transport.cbor("POST", "/v1/collections", encode([pushed(signed), []]));
    await this.people.withGeneration(me.uid, me.bundle.newest().generation);
    const facts = new StoredFacts(this.store, this.people, id);
    const { state } = chain.begin(signed, collections.Commit.decode(signed.body), facts);
    await this.keepLanded(id, state, signed, () => undefined);
    return id;
  }

  /** Seal and push drafts as one commit, judged at the head that it follows; `landed` runs with the local change. */
  async write(collection: Uint8Array, drafts: readonly Draft[], landed: () => void = () => undefined): Promise<void> {
    await this.push(collection, (state) => this.#prepare(collection, state, drafts), { landed });
  }

  /** Push what `prepare` gives for the state at the head (null: nothing left to do); return the server's answer. */
  async push(
    collection: Uint8Array,
    prepare: (state: chain.ChainState) => Promise<Prepared | null>,
    {
      path = "commits",
      extra = [],
      landed = () => undefined,
    }: { path?: string; extra?: readonly Value[]; landed?: () => void } = {},
  ): Promise<Uint8Array | null> {
    let state = this.state(collection) ?? (await this.pull(collection));
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const prepared = await prepare(state);
      if (prepared === null) {
        landed();
        return null;
      }
      const { signed, commit } = await this.sign(collection, state, prepared.changes);
      const items = prepared.items.map((one): Value => [one.envelope, one.salt]);
      const body: Value = [pushed(signed), items];
      const address = `/v1/collections/${toText(collection)}/${path}`;
      try {
        const answer = await this.transport.cbor("POST", address, encode(extra.length > 0 ? [body, ...extra] : body), {
          pushes: true,
        });
        await this.#landed(collection, state, signed, commit, prepared, landed);
        return answer;
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        if (attempt > 0) await pause(attempt);
        await this.takePage(collection, error.page, state);
        state = await this.pull(collection);
      }
    }
    throw new UnavailableError("Others kept writing first.", {
      code: "overtaken",
      hint: "The write waits here; sync again in a moment.",
    });
  }

  async #landed(
    collection: Uint8Array,
    state: chain.ChainState,
    signed: Signed,
    commit: collections.Commit,
    prepared: Prepared,
    landed: () => void,
  ): Promise<void> {
    const judged = chain.judge(state, signed, commit, new StoredFacts(this.store, this.people, collection));
    await this.keepLanded(collection, judged.state, signed, () => {
      for (const [number, key] of prepared.keys) this.putEpochKey(collection, number, key);
      for (const [item, itemState] of judged.items) {
        const kept = prepared.contents.get(hex(item)) ?? { value: null, salt: null };
        this.out.putItem(collection, { item, state: itemState, seq: commit.seq, ...kept, given: true });
      }
      landed();
    });
  }

  /** Sign changes as the commit that follows `state`; after a change of keys it first says so. */
  async sign(
    collection: Uint8Array,
    state: chain.ChainState,
    changes: readonly collections.Change[],
  ): Promise<{ signed: Signed; commit: collections.Commit }> {
    const me = this.access.needMe();
    const identity = me.bundle.newest();
    const signedWith = state.signedKeys.get(me.uid);
    const first: collections.Change[] = [];
    if (signedWith !== undefined && signedWith !== identity.generation) {
      const statement = this.#mine(me).introduced.get(identity.generation);
      if (statement === undefined) throw new TypeError("one's own chain states one's own keys");
      first.push({ kind: "key", generation: identity.generation, statement });
    }
    const commit = new collections.Commit({
      collection,
      seq: state.seq + 1,
      prev: state.head,
      author: me.uid,
      keyId: identity.generation,
      day: this.today(),
      changes: [...first, ...changes],
    });
    return { signed: await commit.sign(identity), commit };
  }

  #mine(me: Me): account.AccountState {
    const mine = this.people.known(me.uid);
    if (mine === null) throw new TypeError("one's own chain is always here");
    return mine;
  }

  async #prepare(
    collection: Uint8Array,
    state: chain.ChainState,
    drafts: readonly Draft[],
  ): Promise<Prepared | null> {
    const me = this.access.needMe();
    const fitted = drafts.map((draft) => this.#fit(collection, draft)).filter((one) => one !== null);
    if (fitted.length === 0) return null;
    const changes: collections.Change[] = [];
    const keys = new Map<number, EpochKey>();
    const byMonth = new Map<number, number>();
    const months = new Set(fitted.filter((one) => one.content !== null).map((one) => one.month));
    for (const month of [...months].sort((one, other) => one - other)) {
      let number = this.#usableEpoch(state, collection, me, month);
      if (number === null) {
        number = Math.max(0, ...state.epochs.keys(), ...keys.keys()) + 1;
        const opened = await this.#openChange(collection, state, number, month);
        changes.push(opened.change);
        keys.set(number, opened.key);
      }
      byMonth.set(month, number);
    }
    const items: envelopes.SealedItem[] = [];
    const contents = new Map<string, Written>();
    const sealed = await mapSome(fitted, async (draft) => {
      if (draft.content === null) return null;
      const number = byMonth.get(draft.month) ?? 0;
      const key = keys.get(number) ?? this.epochKey(collection, number);
      if (key === null) throw new TypeError("an epoch that is used is one whose key is here");
      const author = this.store.itemState(collection, draft.item)?.author ?? me.uid;
      const header = { collection, item: draft.item, revision: draft.revision, epoch: number, author };
      return { number, one: await envelopes.sealItem(key, header, draft.content, randomBytes(32)) };
    });
    for (const [at, draft] of fitted.entries()) {
      const made = sealed[at];
      if (draft.content === null || made === null || made === undefined) {
        changes.push({ kind: "erase", item: draft.item });
        continue;
      }
      changes.push({
        kind: "put",
        item: draft.item,
        revision: draft.revision,
        epoch: made.number,
        envelopeHash: envelopes.envelopeHash(made.one.envelope),
        saltHash: envelopes.saltHash(made.one.salt),
        blobs: draft.blobs ?? [],
      });
      items.push(made.one);
      contents.set(hex(draft.item), { value: envelopes.encodeContent(draft.content), salt: made.one.salt });
    }
    return { changes, items, keys, contents };
  }

  /** Return the draft as it can land now: unchanged, as a conflict, or null if it is void. */
  #fit(collection: Uint8Array, draft: Draft): Draft | null {
    const current = this.store.itemState(collection, draft.item);
    if (draft.content === null) return current !== null && !current.erased ? draft : null;
    if (draft.revision === (current?.revision ?? 0) + 1 && current?.erased !== true) return draft;
    const local = this.store.item(collection, draft.item);
    const kept = local?.value ?? null;
    const same = kept !== null && equal(kept, envelopes.encodeContent(draft.content));
    const passed = current !== null && !current.erased && current.revision >= draft.revision;
    if (same && passed) return null; // it landed before, and only the answer was lost
    const follows = kept !== null && draft.sent?.some((one) => equal(one, kept)) === true;
    if (follows && passed) {
      return { ...draft, revision: current.revision + 1 }; // what this edit replaces landed, and only the answer was lost
    }
    if (draft.asConflict === undefined) return null;
    const { month, blobs = [] } = draft;
    return { item: this.freshItem(), month, content: draft.asConflict(draft.item), revision: 1, blobs };
  }

  /** Return the epoch of `month` to seal in: its holders fit, all keys are the newest known, and we hold it. */
  #usableEpoch(state: chain.ChainState, collection: Uint8Array, me: Me, month: number): number | null {
    const { generation } = me.bundle.newest();
    if (generation !== (state.knownKeys.get(me.uid) ?? generation)) return null;
    for (const [uid, known] of state.entitled(month, this.today())) {
      const there = this.people.known(uid);
      if (there !== null && there.generation !== known) return null;
    }
    const fitting = state.fittingEpoch(month, this.today());
    if (fitting === undefined || this.epochKey(collection, fitting.number) === null) return null;
    return fitting.number;
  }

  async #openChange(
    collection: Uint8Array,
    state: chain.ChainState,
    number: number,
    month: number,
  ): Promise<{ change: collections.Open; key: EpochKey }> {
    const me = this.access.needMe();
    const key = EpochKey.fresh();
    const place = { collection, number, month };
    const wraps: epochs.Wrap[] = [];
    const uids = [...state.entitled(month, this.today()).keys()];
    for (const uid of uids.sort((one, other) => (hex(one) < hex(other) ? -1 : 1))) {
      const there = equal(uid, me.uid) ? this.#mine(me) : await this.people.fetch(uid);
      wraps.push(await this.wrapFor(there, key, place));
    }
    return { change: { kind: "open", epoch: number, month, commitment: epochs.keyCommitment(key, place), wraps }, key };
  }

  /** Wrap an epoch key to an account's newest identity. */
  async wrapFor(there: account.AccountState, key: EpochKey, place: epochs.EpochPlace): Promise<epochs.Wrap> {
    const recipient = { uid: there.uid, keyId: there.generation, xwing: there.identity.xwing };
    return epochs.wrapEpoch(key, place, this.access.needMe().uid, recipient);
  }

  /** Announce this account's new key in a collection, if it is not there yet. */
  async replaceKey(collection: Uint8Array): Promise<void> {
    const me = this.access.needMe();
    const state = await this.pull(collection);
    const signedWith = state.signedKeys.get(me.uid);
    if (signedWith === undefined || signedWith === me.bundle.newest().generation) return;
    const nothing: Prepared = { changes: [], items: [], keys: new Map(), contents: new Map() };
    await this.push(collection, () => Promise.resolve(nothing));
  }
}

function pushed(signed: Signed): Value {
  return [signed.body, [...signed.signatures]];
}

async function pause(attempt: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** Math.min(attempt, 6)));
}
