/**
 * A history judged from its genesis in memory, beside what the local store keeps. I/O: server.
 *
 * Guarantees: the same rules by which every commit is judged; nothing of it reaches the local store.
 */

import { IntegrityError, chain, equal, hex, type collection as collections } from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { toText } from "./ids.ts";
import { readEntry, readPage, type Paged } from "./pages.ts";
import type { People } from "./people.ts";

/** Commits of a history that is read whole: twice what a person writes in a lifetime; bounds what a server can send. */
const MOST_COMMITS = 2_000_000;

/** One collection's history as far as it was taken. */
export class History implements chain.Facts {
  readonly commits: Paged[] = [];
  state: chain.ChainState | null = null;
  readonly #collection: Uint8Array;
  readonly #people: People;
  readonly #hashes: Uint8Array[] = [];
  readonly #items = new Map<string, chain.ItemState>();

  constructor(collection: Uint8Array, people: People) {
    this.#collection = collection;
    this.#people = people;
  }

  get seq(): number {
    return this.#hashes.length - 1;
  }

  item(item: Uint8Array): chain.ItemState | undefined {
    return this.#items.get(hex(item));
  }

  liveEpochs(): Set<number> {
    return new Set([...this.#items.values()].filter((one) => !one.erased).map((one) => one.epoch));
  }

  keyStated(uid: Uint8Array, keyId: number): boolean {
    return this.#people.known(uid)?.identities.has(keyId) === true;
  }

  commitHash(seq: number): Uint8Array | undefined {
    return this.#hashes[seq];
  }

  /** Return what was put after `seq`. */
  puts(seq: number): collections.Put[] {
    const later = this.commits.slice(seq + 1).flatMap(({ commit }) => commit.changes);
    return later.filter((one) => one.kind === "put");
  }

  /** Judge the next commit; throws what judging throws, and `IntegrityError` (chain-collection). */
  async take(one: Paged): Promise<void> {
    const { commit, signed } = one;
    await this.#people.withGeneration(commit.author, commit.keyId);
    for (const wrap of commit.wraps) await this.#people.withGeneration(wrap.uid, wrap.keyId);
    const author = this.#people.known(commit.author);
    if (author === null) throw new TypeError("an author's account is fetched before their commit is judged");
    await chain.verifyAuthor(signed, commit, author);
    const judged =
      this.state === null ? chain.begin(signed, commit, this) : chain.judge(this.state, signed, commit, this);
    if (!equal(judged.state.collection, this.#collection)) {
      throw new IntegrityError("A commit belongs to another collection.", { code: "chain-collection" });
    }
    this.state = judged.state;
    for (const [item, state] of judged.items) this.#items.set(hex(item), state);
    this.#hashes.push(judged.state.head);
    this.commits.push(one);
  }
}

/** Read a collection's whole history as the server has it, without its records. */
export async function readHistory(client: Mindhaven, collection: Uint8Array): Promise<History> {
  const found = new History(collection, client.people);
  for (;;) {
    const since = found.seq;
    const path = `/v1/collections/${toText(collection)}/commits?since=${String(since)}&bare=true`;
    const { headSeq, entries } = readPage(await client.vault.transport.cbor("GET", path));
    for (const entry of entries) await found.take({ ...readEntry(entry), items: [] });
    if (found.seq >= Math.min(headSeq, MOST_COMMITS) || found.seq === since) return found;
  }
}
