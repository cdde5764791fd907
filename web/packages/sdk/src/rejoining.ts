/**
 * Two histories after a server's restore: showing what is lost, and following the one that stands. I/O: server, store.
 *
 * Guarantees: another history is followed only if it leads through a commit that this device has verified, and only if
 * the owner signed that it goes on there (`rejoin`); what this person wrote and the other history lacks waits in the
 * queue before anything is dropped; what both have keeps its content.
 * Does not: follow by itself; whoever calls `rejoin` has shown `Split.lost` to the person.
 * Implements spec/transfer.md steps 11 and 12.
 */

import {
  IntegrityError,
  chain,
  collection as collections,
  decode,
  encode,
  equal,
  hex,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { hashName, signedName } from "./facts.ts";
import { readHistory, type History } from "./history.ts";
import { toText } from "./ids.ts";
import { putAt, signedAt } from "./offering.ts";
import { isOfHistory } from "./restoring.ts";
import { encodeWrite, type LocalItem } from "./rows.ts";
import { keepTold } from "./told.ts";
import { readCollections } from "./wire.ts";

/** Notes of heads are of their day: they are made anew, never brought back. */
const HEADS = "mindhaven/heads";

/**
 * A collection with two histories.
 *
 * `common` is the seq of the last commit that both have; `lost` are the records, live on this device, whose newest
 * revision the server's history lacks, and `mine` those of them that this person wrote: they are written anew. `erased`
 * counts records that this person erased and the server's history still has: they are erased again. `can`: "rejoin"
 * (this person owns it and decides), "follow" (its owner decided), "wait" (for its owner).
 */
export interface Split {
  readonly collection: Uint8Array;
  readonly common: number;
  readonly lost: readonly LocalItem[];
  readonly mine: readonly LocalItem[];
  readonly erased: number;
  readonly can: "rejoin" | "follow" | "wait";
}

interface Compared {
  readonly split: Split | null;
  readonly there: History;
}

/** What one device does about collections with two histories. */
export class Rejoining {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /**
   * Return the collections of which the server shows another history than this device has, the index first.
   *
   * Only after a restore: what a server says of itself at other times is a named error of `sync`.
   */
  async splits(): Promise<Split[]> {
    return this.#client.inTurn(async () => {
      const { vault, listing } = this.#client;
      const shown = readCollections(await vault.transport.call("GET", "/v1/collections"));
      const found: Split[] = [];
      vault.restored = shown.offerUntil > 0;
      if (!vault.restored) return found;
      const isIndex = (id: Uint8Array): boolean => listing.id !== null && equal(id, listing.id);
      const sorted = [...shown.collections].sort((one, other) => Number(isIndex(other.id)) - Number(isIndex(one.id)));
      for (const { id } of sorted.filter((one) => vault.state(one.id) !== null)) {
        try {
          await vault.pull(id);
        } catch (error) {
          if (!isOfHistory(error)) throw error;
          const { split } = await this.#compare(id);
          if (split !== null) found.push(split);
        }
      }
      return found;
    });
  }

  /**
   * Go on from the server's history of a split collection; call it after `Split.lost` was shown to the person.
   *
   * Its owner decides that by a signature; everybody else follows the owner. What this person wrote and the server's
   * history lacks is queued, and sent by the next sync. Returns what was lost, null if nothing is split. Throws
   * `IntegrityError` (fork) where the owner has not decided; nothing changes then.
   */
  async rejoin(collection: Uint8Array): Promise<Split | null> {
    return this.#client.inTurn(async () => {
      const { split, there } = await this.#compare(collection);
      if (split?.can === "rejoin") await this.#sign(split, there);
      const followed = await this.#follow(collection);
      if (followed === null) return null;
      await this.#client.vault.pull(collection); // the records that only the server's history has
      await this.#client.listing.noteHeads([collection], [collection]);
      return followed;
    });
  }

  // -- comparing

  async #compare(collection: Uint8Array): Promise<Compared> {
    const there = await readHistory(this.#client, collection);
    const { vault } = this.#client;
    const mine = vault.state(collection)?.seq ?? -1;
    const same = (seq: number): boolean => {
      const [one, other] = [vault.commitHash(collection, seq), there.commitHash(seq)];
      return one !== null && other !== undefined && equal(one, other);
    };
    let common = Math.min(mine, there.seq);
    while (common >= 0 && !same(common)) common -= 1;
    if (common < 0) {
      throw new IntegrityError("The server shows another beginning of a collection than this device has seen.", {
        code: "fork",
      });
    }
    return { split: common === there.seq || common === mine ? null : this.#split(collection, common, there), there };
  }

  #split(collection: Uint8Array, common: number, there: History): Split {
    const me = this.#client.access.needMe().uid;
    const named = new Set(there.puts(common).map((one) => hex(one.envelopeHash)));
    const lost = this.#client.store.items(collection).filter((one) => {
      const put = putAt(this.#client, collection, one);
      return one.seq > common && (put === null || !named.has(hex(put.envelopeHash)));
    });
    const mine = lost.filter((one) => equal(one.state.author, me) && isWrittenAnew(one));
    const decided = there.commits.some(({ commit }) => commit.changes.some((one) => this.#leadsHere(collection, one)));
    const owns = there.state !== null && equal(there.state.owner, me);
    const erased = this.#erased(collection, common, there).length;
    return { collection, common, lost, mine, erased, can: decided ? "follow" : owns ? "rejoin" : "wait" };
  }

  /** Tell whether a change is a `rejoin` that names a commit of this device's own history. */
  #leadsHere(collection: Uint8Array, change: collections.Change): boolean {
    if (change.kind !== "rejoin") return false;
    const mine = this.#client.vault.commitHash(collection, change.seq);
    return mine !== null && equal(mine, change.hash);
  }

  /** Return the records that this person erased after `common` and that live in the other history. */
  #erased(collection: Uint8Array, common: number, there: History): Uint8Array[] {
    const me = this.#client.access.needMe().uid;
    const found: Uint8Array[] = [];
    for (let seq = common + 1; ; seq++) {
      const signed = signedAt(this.#client, collection, seq);
      if (signed === null) return found;
      const commit = collections.Commit.decode(signed.body);
      if (!equal(commit.author, me)) continue;
      for (const change of commit.changes) {
        if (change.kind === "erase" && there.item(change.item)?.erased === false) found.push(change.item);
      }
    }
  }

  // -- deciding and following

  /** Sign that the server's history goes on: who lost access in the part that is lost stays out, and nobody gains. */
  async #sign({ collection, common }: Split, { state }: History): Promise<void> {
    const { vault, store } = this.#client;
    const [mine, hash] = [vault.state(collection), vault.commitHash(collection, common)];
    if (state === null || mine === null || hash === null) throw new TypeError("both histories were compared");
    const list = [...state.members.values()].flatMap((one) => {
      const kept = mine.members.get(one.uid);
      return kept === undefined ? [] : [chain.gains(one, kept) ? one : kept];
    });
    const settings: collections.Settings = {
      history: state.settings.history > mine.settings.history ? state.settings.history : mine.settings.history,
      holdUntil: Math.max(state.settings.holdUntil, mine.settings.holdUntil),
      processingEntry: state.settings.processingEntry,
    };
    const rejoin: collections.Change = { kind: "rejoin", seq: common, hash };
    const members: collections.Change = { kind: "members", members: list, settings, consent: null, wraps: [] };
    const { signed } = await vault.sign(collection, state, [rejoin, members]);
    const body = encode([[signed.body, [...signed.signatures]], []]);
    const answer = await vault.transport.cbor("POST", `/v1/collections/${toText(collection)}/revocations`, body);
    keepTold(store, answer, { collection });
  }

  /** Take the server's history over, if its owner signed that it goes on from a commit that this device has. */
  async #follow(collection: Uint8Array): Promise<Split | null> {
    const { split, there } = await this.#compare(collection);
    if (split === null) return null;
    if (split.can !== "follow") {
      throw new IntegrityError("The owner of this collection has not decided how it goes on.", {
        code: "fork",
        hint: "Your entries here stay as they are. They go on when the owner's device has decided.",
      });
    }
    const { store, vault } = this.#client;
    for (const item of this.#erased(collection, split.common, there)) {
      const state = there.item(item);
      const base = state?.revision ?? 0;
      store.enqueue(encodeWrite({ place: collection, item, base, month: 0, content: null, blobs: [] }));
    }
    for (const one of split.mine) store.enqueue(this.#anew(collection, one, there));
    await store.saved(); // what is written anew rests before anything is dropped
    const kept = store.items(collection);
    await vault.replace(collection, async (out, take) => {
      const rows = [`item/${hex(collection)}/`, `key/${hex(collection)}/`, hashName(collection, ""), signedName(collection, "")];
      for (const [name] of rows.flatMap((prefix) => store.under(prefix))) out.remove(name);
      for (const one of there.commits) await take(one);
      for (const old of kept) {
        const now = store.item(collection, old.item);
        if (now === null || old.value === null || !old.given || now.seq !== old.seq || old.seq > split.common) continue;
        const { value, salt } = old;
        out.putItem(collection, { ...now, value, salt, given: true });
      }
    });
    return split;
  }

  #anew(collection: Uint8Array, one: LocalItem, there: History): Uint8Array {
    const base = there.item(one.item)?.revision ?? 0;
    const blobs = putAt(this.#client, collection, one)?.blobs ?? [];
    return encodeWrite({ place: collection, item: one.item, base, month: one.state.month, content: one.value, blobs });
  }
}

/** Tell whether a lost record is one to write again: one that opens, but for notes of heads, which passed. */
function isWrittenAnew(one: LocalItem): boolean {
  const value = one.value === null ? null : decode(one.value);
  return Array.isArray(value) && value.length === 5 && value[0] !== HEADS;
}
