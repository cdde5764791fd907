/** Entries as this device has them: written here, read here. Works without any server. */

import {
  DeniedError,
  MindhavenError,
  NotFoundError,
  decode,
  envelope,
  equal,
  hex,
  randomBytes,
} from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import type { Listed, Listing } from "./listing.ts";
import { check, fromContent, homeOf, monthOf, toContent, type Record } from "./records.ts";
import { decodeWrite, encodeWrite, type LocalItem } from "./rows.ts";
import type { LocalStore } from "./store.ts";

const ITEM_ID_BYTES = 16;
/** Of a content that opened; a row of another length says why it did not (rows.ts). */
const CONTENT_FIELDS = 5;

/** One record as this device has it. `error`: why it did not open. `held`: why it waits and can't be sent. */
export interface Entry {
  readonly record: Record | null;
  readonly item: Uint8Array;
  readonly revision: number;
  readonly collection: Uint8Array | null;
  readonly collectionName: string;
  readonly author: Uint8Array | null;
  readonly mine: boolean;
  readonly waits: boolean;
  readonly error: string | null;
  readonly held: string | null;
  readonly conflictOf: Uint8Array | null;
}

type Opened = Pick<Entry, "record" | "error" | "conflictOf">;

/** The entries of one account on this device. */
export class Entries {
  readonly #store: LocalStore;
  readonly #listing: Listing;
  readonly #access: Access;
  /** What was opened of each item as it rests: a list is read often, and few of its items change. */
  readonly #opened = new WeakMap<LocalItem, Opened>();

  constructor(store: LocalStore, listing: Listing, access: Access) {
    this.#store = store;
    this.#listing = listing;
    this.#access = access;
  }

  /** Write a record on this device; return its item id. It rests once `store.saved()` is done; a sync sends it. */
  add(record: Record, place: string | Uint8Array | null = null): Uint8Array {
    check(record);
    const item = randomBytes(ITEM_ID_BYTES);
    this.#enqueue(item, 0, record, place ?? homeOf(record));
    return item;
  }

  /** Write a next revision of one's own entry; a changed month is a new item, the old one is erased. */
  revise(entry: Entry, record: Record): Uint8Array {
    if (!entry.mine) throw new DeniedError("Nobody edits another's entry.", { code: "not-the-author" });
    check(record);
    const place = entry.collection ?? entry.collectionName;
    if (entry.record !== null && monthOf(entry.record) !== monthOf(record)) {
      this.erase(entry);
      return this.add(record, place);
    }
    this.#enqueue(entry.item, entry.revision, record, place);
    return entry.item;
  }

  /** Erase an entry: its salt goes from the server, then nobody can open any copy of it there. */
  erase(entry: Entry): void {
    if (!entry.mine && !(entry.collection !== null && this.#listing.isOwn(entry.collection))) {
      throw new DeniedError("Only its author or the owner of the collection erases an entry.", {
        code: "not-the-author",
      });
    }
    const place = entry.collection ?? entry.collectionName;
    this.#store.enqueue(encodeWrite({ place, item: entry.item, base: entry.revision, month: 0, content: null }));
  }

  #enqueue(item: Uint8Array, base: number, record: Record, place: string | Uint8Array): void {
    const content = envelope.encodeContent(toContent(record));
    this.#store.enqueue(encodeWrite({ place, item, base, month: monthOf(record), content }));
  }

  /** Return the entries on this device, oldest first, what waits included. */
  all({ kind, collection }: { kind?: string; collection?: Uint8Array } = {}): Entry[] {
    const found = new Map<string, Entry>();
    const listed = this.#listing.collections();
    for (const one of listed) {
      for (const entry of this.#stored(one)) found.set(hex(entry.item), entry);
    }
    const names = new Map(listed.map((one) => [hex(one.id), one.name]));
    for (const [number, row] of this.#store.queued()) {
      const write = decodeWrite(row);
      const held = this.#store.get(`held/${String(number)}`);
      if (write.content === null) {
        if (held === null) found.delete(hex(write.item));
        continue;
      }
      const { record, notes } = fromContent(envelope.decodeContent(write.content));
      const before = found.get(hex(write.item));
      found.set(hex(write.item), {
        record,
        item: write.item,
        revision: write.base + 1,
        collection: typeof write.place === "string" ? (before?.collection ?? null) : write.place,
        collectionName: typeof write.place === "string" ? write.place : (names.get(hex(write.place)) ?? "shared"),
        author: this.#access.me?.uid ?? null,
        mine: true,
        waits: true,
        error: null,
        held: held === null ? null : new TextDecoder().decode(held),
        conflictOf: notes.conflictOf,
      });
    }
    return [...found.values()]
      .filter((one) => kind === undefined || one.record?.kind === kind)
      .filter((one) => collection === undefined || (one.collection !== null && equal(one.collection, collection)))
      .sort((one, other) => (one.record?.createdAt ?? 0) - (other.record?.createdAt ?? 0));
  }

  /** Return one entry; throws `NotFoundError` (entry-unknown) if it is not on this device. */
  one(item: Uint8Array): Entry {
    const found = this.all().find((entry) => equal(entry.item, item));
    if (found === undefined) throw new NotFoundError("There is no such entry here.", { code: "entry-unknown" });
    return found;
  }

  #stored(listed: Listed): Entry[] {
    const me = this.#access.me?.uid ?? null;
    return this.#store.items(listed.id).map((local): Entry => {
      const where = {
        item: local.item,
        revision: local.state.revision,
        collection: listed.id,
        collectionName: listed.name,
        author: local.state.author,
        mine: me !== null && equal(local.state.author, me),
        waits: false,
        held: null,
      };
      return { ...where, ...this.#open(local) };
    });
  }

  #open(local: LocalItem): Opened {
    const before = this.#opened.get(local);
    if (before !== undefined) return before;
    const opened = openedOf(local.value);
    this.#opened.set(local, opened);
    return opened;
  }
}

/** Return what an item's row says: its record, or why there is none. */
function openedOf(row: Uint8Array | null): Opened {
  const none = { record: null, conflictOf: null };
  if (row === null) return { ...none, error: "withheld" };
  const value = decode(row);
  if (!Array.isArray(value) || value.length !== CONTENT_FIELDS) {
    const reason: unknown = Array.isArray(value) && value.length === 1 ? value[0] : null;
    return { ...none, error: typeof reason === "string" ? reason : "no-key" };
  }
  try {
    const { record, notes } = fromContent(envelope.decodeContent(row));
    return { record, error: null, conflictOf: notes.conflictOf };
  } catch (error) {
    if (!(error instanceof MindhavenError)) throw error;
    return { ...none, error: error.reason };
  }
}
