/**
 * Pulling: what the server shows, verified, opened and kept. I/O: server and local store.
 *
 * Guarantees: nothing enters the local store that the chain's rules refuse; a failed check names what is wrong and
 * leaves the local copy as it was. Does not: write anything of one's own (`vault`).
 */

import {
  EpochKey,
  IntegrityError,
  MindhavenError,
  type Signed,
  chain,
  collection as collections,
  decode,
  encode,
  envelope as envelopes,
  epoch as epochs,
  equal,
  hex,
  shape,
  type account,
} from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import { WithheldError } from "./errors.ts";
import { StoredFacts, hashName, signedName } from "./facts.ts";
import { toText } from "./ids.ts";
import { checkHead, elsewhere, held, readEntry, readPage, type Paged } from "./pages.ts";
import type { People } from "./people.ts";
import type { LocalItem } from "./rows.ts";
import type { Batch, LocalStore, Writer } from "./store.ts";
import type { Transport } from "./transport.ts";

const SALT_BYTES = 32;

function stateName(collection: Uint8Array): string {
  return `state/${hex(collection)}`;
}

/** Collections as this device verifies and keeps them. */
export class Pulling {
  protected readonly store: LocalStore;
  readonly transport: Transport;
  protected readonly access: Access;
  protected readonly people: People;
  readonly #states = new Map<string, chain.ChainState>();
  /** Whether the server says that it was restored: what it lost of records is told then, and stops nothing. */
  restored = false;
  #batch: Batch | null = null;

  constructor(store: LocalStore, transport: Transport, access: Access, people: People) {
    this.store = store;
    this.transport = transport;
    this.access = access;
    this.people = people;
  }

  /** What changes rows now: the batch that is being made, or the store. */
  get out(): Writer {
    return this.#batch ?? this.store;
  }

  /** Let what `act` changes through `out` rest whole or not at all. One at a time: the client takes care of that. */
  async #batched(act: () => Promise<void>): Promise<void> {
    if (this.#batch !== null) throw new TypeError("two batches at once");
    try {
      await this.store.batch(async (batch) => {
        this.#batch = batch;
        await act();
        this.#batch = null;
      });
    } finally {
      this.#batch = null;
    }
  }

  /** Take up the states that the store keeps, and the accounts that they speak of. */
  async load(): Promise<void> {
    for (const [name, row] of this.store.under("state/")) {
      this.#states.set(name.slice("state/".length), chain.ChainState.decode(row));
    }
    const members = [...this.#states.values()].flatMap((state) => [...state.members.keys()]);
    await Promise.all(members.map((uid) => this.people.kept(uid)));
  }

  // -- reading

  /** Return the verified state of a collection on this device. */
  state(collection: Uint8Array): chain.ChainState | null {
    return this.#states.get(hex(collection)) ?? null;
  }

  /** Return the hash of the commit that this device has verified at `seq`. */
  commitHash(collection: Uint8Array, seq: number): Uint8Array | null {
    return this.store.get(hashName(collection, seq));
  }

  /** Return how many live records the server has not given this device in their newest revision. */
  withheld(collection: Uint8Array): number {
    return this.store.items(collection).filter((one) => !one.given).length;
  }

  /** Pull and verify to the head. */
  async pull(collection: Uint8Array): Promise<chain.ChainState> {
    if (this.withheld(collection) > 0) await this.#fetchWithheld(collection);
    for (;;) {
      const asked = this.state(collection);
      const since = asked?.seq ?? -1;
      const headSeq = await this.takePage(collection, await this.#page(collection, since), asked);
      const state = this.state(collection);
      if (state === null) {
        throw new WithheldError("The server shows a collection without its beginning.", { code: "withheld" });
      }
      if (state.seq <= since && state.seq < headSeq) throw held();
      if (state.seq >= headSeq) {
        this.#checkWhole(collection);
        return state;
      }
    }
  }

  async #page(collection: Uint8Array, since: number): Promise<Uint8Array> {
    return this.transport.cbor("GET", `/v1/collections/${toText(collection)}/commits?since=${String(since)}`);
  }

  /** Ask once more for what was withheld; only commits that this device has verified bring anything. */
  async #fetchWithheld(collection: Uint8Array): Promise<void> {
    const seqs = this.store.items(collection).flatMap((one) => (one.given ? [] : [one.seq]));
    const last = Math.max(...seqs);
    for (let since = Math.min(...seqs) - 1; since < last; ) {
      const { entries } = readPage(await this.#page(collection, since));
      const parsed = entries.map(readEntry);
      const reached = parsed.at(-1)?.commit.seq ?? since;
      if (reached <= since) return;
      await this.#batched(async () => {
        for (const one of parsed) {
          const verified = this.commitHash(collection, one.commit.seq);
          if (verified !== null && equal(verified, one.signed.hash(collections.TYPE))) await this.#refill(collection, one);
        }
      });
      since = reached;
    }
  }

  async #refill(collection: Uint8Array, one: Paged): Promise<void> {
    const puts = one.commit.changes.filter((change) => change.kind === "put");
    for (const [number, put] of puts.entries()) {
      const item = one.items[number] ?? null;
      const local = this.store.item(collection, put.item);
      if (item === null || local === null || local.given || local.state.erased) continue;
      if (local.state.revision !== put.revision) continue;
      this.out.putItem(collection, { ...local, ...(await this.#open(collection, put, local.state, item)) });
    }
  }

  #checkWhole(collection: Uint8Array): void {
    const missing = this.withheld(collection);
    if (missing === 0 || this.restored) return;
    throw new WithheldError(`The server withholds ${String(missing)} record(s) that the chain says are there.`, {
      code: "withheld",
      hint: "Your other devices may still have them. Ask the people who run the server.",
    });
  }

  /**
   * Verify one page and keep it, whole or not at all; return the head's seq as the server says it.
   *
   * `asked`: the state when the server was asked, which it can't have shown less than.
   */
  async takePage(collection: Uint8Array, page: Uint8Array, asked: chain.ChainState | null): Promise<number> {
    const { headSeq, head, entries } = readPage(page);
    if (asked !== null) checkHead(asked, headSeq, head);
    if (entries.length === 0) {
      if (asked === null || headSeq > asked.seq) throw held();
      return headSeq;
    }
    const parsed = entries.map(readEntry).filter((one) => one.commit.seq > (asked?.seq ?? -1));
    const first = parsed[0];
    if (asked === null && first !== undefined && !equal(first.commit.collection, collection)) throw elsewhere();
    for (const { commit } of parsed) {
      await this.people.withGeneration(commit.author, commit.keyId);
      for (const wrap of commit.wraps) await this.people.withGeneration(wrap.uid, wrap.keyId);
    }
    await this.#whole(collection, async () => {
      let state = this.state(collection);
      for (const one of parsed) {
        if (state !== null && one.commit.seq <= state.seq) continue;
        state = await this.#take(collection, state, one);
      }
      if (state !== null) this.out.put(stateName(collection), state.encode());
    });
    return headSeq;
  }

  #author(commit: collections.Commit): account.AccountState {
    const found = this.people.known(commit.author);
    if (found === null) throw new TypeError("an author's account is fetched before their commit is judged");
    return found;
  }

  /** Do something whole or not at all: if it fails, the state kept in memory is the one from before. */
  async #whole(collection: Uint8Array, act: () => Promise<void>): Promise<void> {
    const before = this.state(collection);
    try {
      await this.#batched(act);
    } catch (error) {
      if (before === null) this.#states.delete(hex(collection));
      else this.#states.set(hex(collection), before);
      throw error;
    }
  }

  /** Let `act` take another history in the place of the one kept, whole or not at all (`rejoining`). */
  async replace(
    collection: Uint8Array,
    act: (out: Writer, take: (one: Paged) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    await this.#whole(collection, async () => {
      let state: chain.ChainState | null = null;
      await act(this.out, async (one) => {
        state = await this.#take(collection, state, one);
        this.out.put(stateName(collection), state.encode());
      });
    });
  }

  async #take(collection: Uint8Array, state: chain.ChainState | null, one: Paged): Promise<chain.ChainState> {
    await chain.verifyAuthor(one.signed, one.commit, this.#author(one.commit));
    const facts = new StoredFacts(this.store, this.people, collection);
    const judged =
      state === null
        ? chain.begin(one.signed, one.commit, facts)
        : chain.judge(state, one.signed, one.commit, facts);
    if (!equal(judged.state.collection, collection)) throw elsewhere();
    await this.#takeKeys(collection, one.commit, judged.state);
    await this.#takeItems(collection, one, judged);
    this.keep(collection, judged.state, one.signed);
    return judged.state;
  }

  /** Keep what a commit leads to; the caller keeps the row of the last one. */
  protected keep(collection: Uint8Array, state: chain.ChainState, signed: Signed): void {
    this.out.put(signedName(collection, state.seq), signed.encode()); // for a server that loses it
    this.out.put(hashName(collection, state.seq), state.head);
    this.#states.set(hex(collection), state);
  }

  /** Keep one's own commit that landed: its state, its items, and the keys of the epochs that it opened. */
  protected async keepLanded(
    collection: Uint8Array,
    state: chain.ChainState,
    signed: Signed,
    act: () => void,
  ): Promise<void> {
    await this.#whole(collection, () => {
      act();
      this.keep(collection, state, signed);
      this.out.put(stateName(collection), state.encode());
      return Promise.resolve();
    });
  }

  // -- keys

  async #takeKeys(collection: Uint8Array, commit: collections.Commit, state: chain.ChainState): Promise<void> {
    for (const change of commit.changes) {
      if (change.kind === "open") {
        await this.#takeWraps(collection, commit.author, state.epochs.get(change.epoch), change.wraps);
      } else if (change.kind === "members") {
        const taken = new Set<number>();
        for (const past of change.wraps) {
          const fresh = await this.#takeWraps(collection, commit.author, state.epochs.get(past.epoch), past.wraps);
          if (fresh) taken.add(past.epoch);
        }
        if (taken.size > 0) await this.#reopen(collection, taken);
      }
    }
  }

  /** Keep the epoch's key if a wrap gives it; return whether this device did not have it. */
  async #takeWraps(
    collection: Uint8Array,
    sender: Uint8Array,
    epoch: epochs.Epoch | undefined,
    wraps: readonly epochs.Wrap[],
  ): Promise<boolean> {
    const me = this.access.needMe();
    if (epoch === undefined) return false;
    for (const entry of wraps) {
      const identity = me.bundle.identities.get(entry.keyId);
      if (!equal(entry.uid, me.uid) || identity === undefined) continue;
      const place = { collection, number: epoch.number, month: epoch.month };
      try {
        const key = await epochs.openEpoch(entry, place, epoch.commitment, sender, identity);
        const had = this.epochKey(collection, epoch.number) !== null;
        this.putEpochKey(collection, epoch.number, key);
        return !had;
      } catch (error) {
        // The sender's fault: without the key, the next write here opens an epoch of its own.
        if (!(error instanceof MindhavenError)) throw error;
        return false;
      }
    }
    return false;
  }

  /** Return the key of an epoch, if this device holds it. */
  epochKey(collection: Uint8Array, epoch: number): EpochKey | null {
    const row = this.store.get(`key/${hex(collection)}/${String(epoch)}`);
    return row === null ? null : new EpochKey(row);
  }

  protected putEpochKey(collection: Uint8Array, epoch: number, key: EpochKey): void {
    this.out.put(`key/${hex(collection)}/${String(epoch)}`, key.bytes);
  }

  // -- items

  async #takeItems(collection: Uint8Array, one: Paged, judged: chain.Judged): Promise<void> {
    const puts = one.commit.changes.filter((change) => change.kind === "put");
    if (one.items.length !== 0 && one.items.length !== puts.length) {
      throw new IntegrityError("A page brings another number of records than its commit names.", {
        code: "page-items",
      });
    }
    for (const [number, put] of puts.entries()) {
      const state = judged.items.get(put.item);
      if (state === undefined || put.revision !== state.revision || state.erased) continue;
      const item = one.items[number] ?? null;
      const before = this.store.item(collection, put.item);
      const { value = null, salt = null } = before ?? {};
      const kept = item === null ? { value, salt, given: false } : await this.#open(collection, put, state, item);
      this.out.putItem(collection, { item: put.item, state, seq: one.commit.seq, ...kept });
    }
    for (const change of one.commit.changes) {
      const state = change.kind === "erase" ? judged.items.get(change.item) : undefined;
      if (change.kind !== "erase" || state === undefined) continue;
      const nothing = { value: null, salt: null, given: true };
      this.out.putItem(collection, { item: change.item, state, seq: one.commit.seq, ...nothing });
    }
  }

  async #open(
    collection: Uint8Array,
    put: collections.Put,
    state: chain.ItemState,
    item: unknown,
  ): Promise<Pick<LocalItem, "value" | "salt" | "given">> {
    const [given, beside] = shape.fields(item, 2, "An item");
    const envelope = shape.raw(given, "An envelope", { most: envelopes.MAX_ENVELOPE_BYTES });
    const salt = shape.raw(beside, "A salt");
    if (!equal(envelopes.envelopeHash(envelope), put.envelopeHash)) {
      throw new WithheldError("The server gives another record than the chain names.", { code: "envelope-mismatch" });
    }
    if (salt.length !== SALT_BYTES) {
      throw new WithheldError("The server gives a salt of another length than any has.", { code: "salt-length" });
    }
    if (!equal(envelopes.saltHash(salt), put.saltHash)) {
      throw new WithheldError("The server gives another salt than the chain names.", { code: "salt-mismatch" });
    }
    return { value: await this.#opened(collection, put.item, state, { envelope, salt }), salt, given: true };
  }

  /** Return what is kept of a record: its content, the sealed bytes if its key is not here, or why it does not open. */
  async #opened(
    collection: Uint8Array,
    item: Uint8Array,
    state: chain.ItemState,
    sealed: envelopes.SealedItem,
  ): Promise<Uint8Array> {
    const key = this.epochKey(collection, state.epoch);
    if (key === null) return encode([sealed.envelope, sealed.salt]);
    const { revision, epoch, author } = state;
    try {
      const content = await envelopes.openItem(key, sealed, { collection, item, revision, epoch, author });
      return envelopes.encodeContent(content);
    } catch (error) {
      if (!(error instanceof MindhavenError)) throw error;
      return encode([error.reason]);
    }
  }

  /** Open what was kept sealed, now that the keys of these epochs have arrived. */
  async #reopen(collection: Uint8Array, numbers: ReadonlySet<number>): Promise<void> {
    for (const local of this.store.items(collection)) {
      if (local.value === null || !numbers.has(local.state.epoch)) continue;
      const value = decode(local.value);
      if (!Array.isArray(value) || value.length !== 2) continue;
      const [envelope, salt] = value.map((one) => shape.raw(one, "A sealed part"));
      if (envelope === undefined || salt === undefined) continue;
      const opened = await this.#opened(collection, local.item, local.state, { envelope, salt });
      this.out.putItem(collection, { ...local, value: opened } satisfies LocalItem);
    }
  }
}
