/**
 * Two histories after a server's restore: showing what is lost, and following the one that stands. I/O: server, store.
 *
 * Guarantees: another history is followed only if it leads through a commit that this device has verified, and only if
 * the owner signed that it goes on there (`rejoin`); what this person wrote and the other history lacks waits in the
 * queue before anything is dropped; what both have keeps its content. What was written or erased here meanwhile stands,
 * and what both histories changed is kept twice, one marked as a conflict: it is judged at the head when it is sent.
 * Does not: follow by itself; whoever calls `rejoin` has shown `Split.lost` to the person.
 * Implements spec/transfer.md steps 11 and 12.
 */

import {
  IntegrityError,
  chain,
  collection as collections,
  decode,
  encode,
  envelope,
  equal,
  hex,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { hashName, signedName } from "./facts.ts";
import { readHistory, type History } from "./history.ts";
import { toText } from "./ids.ts";
import { HEADS } from "./listing.ts";
import { putAt, signedAt } from "./offering.ts";
import { isOfHistory } from "./restoring.ts";
import { fromContent, toContent } from "./records.ts";
import { decodeWrite, encodeWrite, type LocalItem, type Write } from "./rows.ts";
import type { Writer } from "./store.ts";
import { keepTold } from "./told.ts";
import { readCollections } from "./wire.ts";

/** What the kinds of the index begin with. */
const INDEX = "mindhaven/index.";
/** Rows of what waits, and what is kept beside each under its number. */
const QUEUE = "queue/";
const MARKS = ["held/", "tried/"];

type Waiting = readonly [number, Write];

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
    const before = revisionsAt(there, common);
    const moved = ({ item }: LocalItem): boolean => {
      const now = there.item(item);
      return now !== undefined && (now.erased || now.revision > (before.get(hex(item)) ?? 0));
    };
    const mine = lost.filter((one) => equal(one.state.author, me) && isWrittenAnew(one, moved(one)));
    const later = there.commits.slice(common + 1).flatMap(({ commit }) => commit.changes);
    const decided = later.some((one) => this.#leadsHere(collection, common, one));
    const owns = there.state !== null && equal(there.state.owner, me);
    const erased = this.#erased(collection, common, there).length;
    return { collection, common, lost, mine, erased, can: decided ? "follow" : owns ? "rejoin" : "wait" };
  }

  /** Tell whether a change is a `rejoin` that names the last common commit: an older one decided about another split. */
  #leadsHere(collection: Uint8Array, common: number, change: collections.Change): boolean {
    if (change.kind !== "rejoin" || change.seq !== common) return false;
    const mine = this.#client.vault.commitHash(collection, common);
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
    this.#queue(split, there);
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
      this.#rebase(split, there, out);
    });
    return split;
  }

  /** Queue what is erased again and what is written anew; what waits already is newer than what was lost. */
  #queue(split: Split, there: History): void {
    const { collection, common } = split;
    const { store } = this.#client;
    const before = revisionsAt(there, common);
    const waiting = this.#waiting(collection);
    for (const item of this.#erased(collection, common, there)) {
      this.#setAside(item, waiting.get(hex(item)) ?? []);
      const base = there.item(item)?.revision ?? 0;
      store.enqueue(encodeWrite({ place: collection, item, base, month: 0, content: null, blobs: [] }));
    }
    for (const one of split.mine) {
      const rows = waiting.get(hex(one.item)) ?? [];
      const has = (content: Uint8Array | null): boolean =>
        content !== null && one.value !== null && equal(content, one.value);
      const [, first] = rows[0] ?? [];
      const knew = first !== undefined && (first.base >= one.state.revision || rows.some(([, row]) => has(row.content)));
      if (rows.at(-1)?.[1].content === null || knew) continue;
      this.#setAside(one.item, rows); // an edit that did not know of the lost one, which would stand in its place
      store.enqueue(this.#anew(collection, one, before.get(hex(one.item)) ?? 0));
    }
  }

  /** Make an entry of its own of an edit that waits, as of one that lost a race; an erasure that waits stays. */
  #setAside(item: Uint8Array, rows: readonly Waiting[]): void {
    if (rows.at(-1)?.[1].content === null) return;
    const fresh = this.#client.vault.freshItem();
    for (const [number, write] of rows) {
      if (write.content === null) continue;
      const { record, notes } = fromContent(envelope.decodeContent(write.content));
      const content = envelope.encodeContent(toContent(record, { ...notes, conflictOf: item }));
      this.#client.store.put(`${QUEUE}${String(number)}`, encodeWrite({ ...write, item: fresh, base: 0, content }));
    }
  }

  /**
   * Let what waits follow what both histories had: if the other one went on from there, it is kept beside that.
   *
   * An erasure erases what stands there, and is dropped if nothing does.
   */
  #rebase({ collection, common }: Split, there: History, out: Writer): void {
    const before = revisionsAt(there, common);
    for (const [item, rows] of this.#waiting(collection)) {
      const [first] = rows;
      if (first === undefined) continue;
      const now = there.item(first[1].item);
      const erases = rows.at(-1)?.[1].content === null;
      for (const [number, write] of rows) {
        if (erases && now?.erased !== false) {
          out.unqueue([number]);
          for (const mark of MARKS) out.remove(`${mark}${String(number)}`);
          continue;
        }
        const base = erases && now !== undefined ? now.revision : Math.min(write.base, before.get(item) ?? 0);
        if (base !== write.base) out.put(`${QUEUE}${String(number)}`, encodeWrite({ ...write, base }));
      }
    }
  }

  /** Return what waits for a collection, by item (hex), the oldest first. */
  #waiting(collection: Uint8Array): Map<string, Waiting[]> {
    const { listing, store } = this.#client;
    const found = new Map<string, Waiting[]>();
    for (const [number, row] of store.queued()) {
      const write = decodeWrite(row);
      const id = typeof write.place === "string" ? listing.named(write.place)?.id : write.place;
      if (id === undefined || !equal(id, collection)) continue;
      found.set(hex(write.item), [...(found.get(hex(write.item)) ?? []), [number, write]]);
    }
    return found;
  }

  /** Return a lost record as an edit of what both histories had; where the other went on, sending it tells them apart. */
  #anew(collection: Uint8Array, one: LocalItem, base: number): Uint8Array {
    const blobs = putAt(this.#client, collection, one)?.blobs ?? [];
    return encodeWrite({ place: collection, item: one.item, base, month: one.state.month, content: one.value, blobs });
  }
}

/** Return the newest revision of each item (hex) as of the commit at `seq`. */
function revisionsAt(there: History, seq: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const change of there.commits.slice(0, seq + 1).flatMap(({ commit }) => commit.changes)) {
    if (change.kind === "put") found.set(hex(change.item), change.revision);
  }
  return found;
}

/**
 * Tell whether a lost record is one to write again: one that opens, but for notes of heads, which passed.
 *
 * What the index lists stands there once: where the other history changed it (`moved`), that counts.
 */
function isWrittenAnew(one: LocalItem, moved: boolean): boolean {
  const value = one.value === null ? null : decode(one.value);
  if (!Array.isArray(value) || value.length !== 5) return false;
  const kind: unknown = value[0];
  return kind !== HEADS && !(moved && typeof kind === "string" && kind.startsWith(INDEX));
}
