/**
 * Syncing: the queue goes out, everything that the server shows comes in and is checked. I/O: server and local store.
 *
 * Guarantees: what can't be sent stays in the queue and is told; a failed check is a named error that leaves the local
 * copy as it was.
 */

import {
  DeniedError,
  IntegrityError,
  InvalidInputError,
  MindhavenError,
  NotFoundError,
  encode,
  envelope,
  equal,
  hex,
  utf8,
} from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import { ASK_THE_HOST, OfflineError, SignedOutError, WithheldError } from "./errors.ts";
import type { Listing } from "./listing.ts";
import type { Checked } from "./looking.ts";
import { fromContent, toContent } from "./records.ts";
import type { Restored, Restoring } from "./restoring.ts";
import { coalesced, decodeWrite, type Step, type Write } from "./rows.ts";
import { GONE, type Sharing } from "./sharing.ts";
import type { LocalStore } from "./store.ts";
import { PUSH_BATCH, type Draft, type Vault } from "./vault.ts";
import type { Vouching } from "./vouching.ts";
import { readCollections, type CollectionShown, type ListingShown } from "./wire.ts";

/** What a collection is called whose sharer sealed no name for it. */
const UNNAMED = "shared";
const OWNER_SWAPPED = "owner-swapped";
/** What a server says that no longer has a part of an attachment: it lets go of parts that no entry names for long. */
const FILE_GONE = "blob-missing";
const HELD = "held/";
const TRIED = "tried/";

/** Why something is held. `count`: how many entries stay on this device; 0: it is something that others share. */
export interface Held {
  readonly count: number;
  readonly error: MindhavenError;
}

/**
 * What a sync did: writes sent, collections looked at, what stays here and why (`why`, and in words `held`), what strangers
 * offer.
 *
 * `logFault` is what the server's logs or its receipts show wrong, now or since the last look; care goes on beside it.
 */
export interface Synced {
  readonly sent: number;
  readonly collections: number;
  readonly held: readonly string[];
  readonly why: readonly Held[];
  readonly newlyShared: readonly Uint8Array[];
  readonly offered: readonly Uint8Array[];
  readonly logFault: IntegrityError | null;
  /** What was done about a server that says that it was restored; null: it does not. */
  readonly restored: Restored | null;
}

/** What a sync asks for that is no part of what a page waits for. */
export interface Beside {
  /** Bring back what a server lost that says that it was restored. */
  readonly restoring: (shown: ListingShown) => Promise<Restoring>;
  /** Keep what such a server may need; return what is wrong with a receipt, and in words what is held. */
  readonly after: (held: readonly Held[]) => Promise<After>;
}

/** What came of what follows a sync. */
export interface After {
  readonly unkept: IntegrityError | null;
  readonly held: readonly string[];
}

/** The exchange of one account's device with its server. */
export class Syncing {
  readonly #store: LocalStore;
  readonly #vault: Vault;
  readonly #listing: Listing;
  readonly #access: Access;
  readonly #sharing: Sharing;
  readonly #vouching: Vouching;
  readonly #beside: Beside;
  #restoring: Restoring | null = null;

  constructor(
    store: LocalStore,
    vault: Vault,
    listing: Listing,
    access: Access,
    sharing: Sharing,
    vouching: Vouching,
    beside: Beside,
  ) {
    this.#store = store;
    this.#vault = vault;
    this.#listing = listing;
    this.#access = access;
    this.#sharing = sharing;
    this.#vouching = vouching;
    this.#beside = beside;
  }

  /** Send what waits, then pull and verify everything. Throws named errors; the local copy stays sound. */
  async sync(): Promise<Synced> {
    const me = this.#access.needMe().uid;
    const listing = await this.#shown();
    this.#restoring = listing.offerUntil > 0 ? await this.#beside.restoring(listing) : null;
    this.#vault.restored = this.#restoring !== null;
    const shown = this.#restoring === null ? listing.collections : (await this.#shown()).collections;
    await this.#checkIndex(shown);
    const why: Held[] = [];
    const newlyShared = await this.#nameShared(shown, me, why);
    const sent = await this.#flush(why);
    const there = sent > 0 ? (await this.#shown()).collections : shown;
    this.#noteGone(there, me);
    const listed = new Set(this.#listing.collections().map((one) => hex(one.id)));
    const index = this.#indexId();
    const offered: Uint8Array[] = [];
    const pulled: Uint8Array[] = [];
    for (const one of there) {
      if (equal(one.id, index)) continue;
      if (!listed.has(hex(one.id)) && !equal(one.owner, me)) {
        offered.push(one.id);
        continue;
      }
      try {
        await this.#bring(one);
        pulled.push(one.id);
      } catch (error) {
        if (this.#restoring?.takes(error, one) === true) continue;
        if (!isOfOthers(error) || equal(one.owner, me)) throw error;
        why.push({ count: 0, error });
      }
    }
    if (this.#restoring?.whole !== false) await this.#listing.noteHeadsIfDue(pulled, { sent: sent > 0 });
    const logFault = await this.#vouching.checkIfDue([index, ...pulled], there.map((one) => one.id));
    const { unkept, held } = await this.#beside.after(why);
    await this.#store.saved();
    const restored = this.#restoring?.result() ?? null;
    return { sent, collections: there.length, held, why, newlyShared, offered, logFault: logFault ?? unkept, restored };
  }

  /** Pull everything, then look at the logs now. */
  async checkLogs(): Promise<Checked> {
    const shown = (await this.#shown()).collections;
    await this.#checkIndex(shown);
    const listed = this.#listing.collections().filter((one) => shown.some((there) => equal(there.id, one.id)));
    for (const one of listed) await this.#vault.pull(one.id);
    return this.#vouching.check([this.#indexId(), ...listed.map((one) => one.id)], shown.map((one) => one.id));
  }

  /** Keep which of others' collections the server shows no longer, for when it is out of reach. */
  #noteGone(shown: readonly CollectionShown[], me: Uint8Array): void {
    const there = new Set(shown.map((one) => hex(one.id)));
    const gone = this.#listing.collections().filter((one) => !equal(one.owner, me) && !there.has(hex(one.id)));
    this.#store.put(GONE, encode(gone.map((one) => one.id)));
  }

  async #bring(one: CollectionShown): Promise<void> {
    const state = this.#vault.state(one.id);
    if (state === null || !equal(state.head, one.head) || this.#vault.withheld(one.id) > 0) {
      await this.#vault.pull(one.id);
    }
    this.#listing.checkPulled(one.id);
    const me = this.#access.needMe();
    const now = this.#vault.state(one.id);
    const signedWith = now?.signedKeys.get(me.uid);
    if (signedWith !== undefined && signedWith < me.bundle.newest().generation) await this.#vault.replaceKey(one.id);
  }

  async #shown(): Promise<ListingShown> {
    return readCollections(await this.#vault.transport.call("GET", "/v1/collections"));
  }

  #indexId(): Uint8Array {
    if (this.#listing.id === null) {
      throw new InvalidInputError("This account has no list of its own yet.", {
        code: "unfinished",
        hint: "Finish setting up first.",
      });
    }
    return this.#listing.id;
  }

  async #checkIndex(shown: readonly CollectionShown[]): Promise<void> {
    const id = this.#indexId();
    const there = shown.find((one) => equal(one.id, id));
    if (there === undefined) {
      throw new WithheldError("The server does not show this account's own list.", {
        code: "collection-withheld",
        hint: ASK_THE_HOST,
      });
    }
    const state = this.#vault.state(id);
    // What the server withheld of the list is told at each sync, not only at the one that brought its commit.
    const whole = state !== null && this.#vault.withheld(id) === 0;
    try {
      if (!whole || !equal(state.head, there.head)) await this.#vault.pull(id);
    } catch (error) {
      throw this.#restoring?.ofIndex(error) ?? error;
    }
    (this.#restoring ?? this.#listing).check(shown);
  }

  /**
   * List what contacts newly share, under the name that their consent seals; a stranger's stays an offer.
   *
   * Whose it is the collection's own chain says: by the server's word alone, what it made would stand as a contact's.
   */
  async #nameShared(shown: readonly CollectionShown[], me: Uint8Array, held: Held[]): Promise<Uint8Array[]> {
    const listed = new Set(this.#listing.collections().map((one) => hex(one.id)));
    const known = new Set(this.#listing.contacts().filter((one) => one.checked !== "none").map((one) => hex(one.uid)));
    const fresh: CollectionShown[] = [];
    for (const one of shown) {
      if (equal(one.owner, me) || listed.has(hex(one.id)) || !known.has(hex(one.owner))) continue;
      try {
        const { owner } = await this.#vault.pull(one.id);
        if (!equal(owner, one.owner)) throw ofAnother();
        fresh.push(one);
      } catch (error) {
        if (!isOfOthers(error)) throw error;
        held.push({ count: 0, error });
      }
    }
    if (fresh.length === 0) return [];
    const names = await this.#sharing.namesFor(fresh);
    for (const one of fresh) {
      await this.#listing.add({ id: one.id, name: names.get(hex(one.id)) ?? UNNAMED, owner: one.owner });
    }
    return fresh.map((one) => one.id);
  }

  // -- what waits

  async #flush(told: Held[]): Promise<number> {
    const places = new Map<string, { place: string | Uint8Array; waiting: [number, Write][] }>();
    for (const [number, row] of this.#store.queued()) {
      const write = decodeWrite(row);
      const key = typeof write.place === "string" ? `name/${write.place}` : `id/${hex(write.place)}`;
      const there = places.get(key) ?? { place: write.place, waiting: [] };
      there.waiting.push([number, write]);
      places.set(key, there);
    }
    const tried = new Set(this.#store.under(TRIED).map(([name]) => Number(name.slice(TRIED.length))));
    let sent = 0;
    for (const { place, waiting } of places.values()) {
      sent += await this.#send(place, coalesced(waiting, tried), told);
    }
    return sent;
  }

  async #send(place: string | Uint8Array, steps: readonly Step[], told: Held[]): Promise<number> {
    const void_ = steps.filter((one) => one.write === null);
    this.#forget(void_);
    const going = steps.filter((one) => one.write !== null);
    if (going.length === 0) return 0;
    let collection: Uint8Array;
    try {
      collection = typeof place === "string" ? (await this.#listing.ensure(place)).id : place;
      await this.#vault.pull(collection);
    } catch (error) {
      const split = this.#restoring?.holds(error);
      if (!split && (typeof place === "string" || !isOfThisPlace(error))) throw error;
      this.#hold(going, split ?? (error as MindhavenError), told);
      return 0;
    }
    let sent = 0;
    for (let start = 0; start < going.length; start += PUSH_BATCH) {
      sent += await this.#sendBatch(collection, going.slice(start, start + PUSH_BATCH), told);
    }
    return sent;
  }

  /** Send a batch whole; if a file's part is gone there, one by one, so that one refused entry holds no other. */
  async #sendBatch(collection: Uint8Array, batch: readonly Step[], told: Held[]): Promise<number> {
    const numbers = batch.flatMap((one) => one.numbers);
    for (const number of numbers) this.#store.put(`${TRIED}${String(number)}`, new Uint8Array(0));
    try {
      await this.#vault.write(collection, batch.map(draftOf), () => {
        this.#forget(batch);
      });
      return batch.length;
    } catch (error) {
      if (!isOfThisPlace(error)) throw error;
      if (batch.length === 1 || error.reason !== FILE_GONE) {
        this.#hold(batch, error, told);
        return 0;
      }
    }
    let sent = 0;
    for (const one of batch) sent += await this.#sendBatch(collection, [one], told);
    return sent;
  }

  #forget(steps: readonly Step[]): void {
    const numbers = steps.flatMap((one) => one.numbers);
    const { out } = this.#vault; // with the commit that landed, or by itself
    out.unqueue(numbers);
    for (const number of numbers) {
      out.remove(`${TRIED}${String(number)}`);
      out.remove(`${HELD}${String(number)}`);
    }
  }

  #hold(steps: readonly Step[], error: MindhavenError, told: Held[]): void {
    for (const number of steps.flatMap((one) => one.numbers)) {
      this.#store.put(`${HELD}${String(number)}`, utf8(error.reason));
    }
    told.push({ count: steps.length, error });
  }
}

/** Tell whether an error may be the fault of somebody who shares: then it keeps nothing else from going on. */
function isOfOthers(error: unknown): error is MindhavenError {
  return error instanceof MindhavenError && !(error instanceof OfflineError) && error.reason !== OWNER_SWAPPED;
}

/** No member can do this: only the server says whose a collection is before its history is there. */
function ofAnother(): IntegrityError {
  return new IntegrityError("The server shows as a contact's what another made.", {
    code: OWNER_SWAPPED,
    hint: ASK_THE_HOST,
  });
}

/** Tell whether an error is about one collection: then what waits for it is held, and the others go. */
function isOfThisPlace(error: unknown): error is MindhavenError {
  if (error instanceof OfflineError || error instanceof SignedOutError || error instanceof IntegrityError) return false;
  if (error instanceof MindhavenError && error.reason === FILE_GONE) return true;
  return error instanceof DeniedError || error instanceof NotFoundError || error instanceof InvalidInputError;
}

function draftOf(step: Step): Draft {
  const write = step.write;
  if (write === null) throw new TypeError("a step without a write is never sent");
  const base = { item: write.item, month: write.month, revision: write.base + 1, blobs: write.blobs };
  if (write.content === null) return { ...base, content: null };
  const content = envelope.decodeContent(write.content);
  return {
    ...base,
    content,
    sent: step.sent,
    asConflict: (of) => {
      const { record, notes } = fromContent(content);
      return toContent(record, { ...notes, conflictOf: of });
    },
  };
}
