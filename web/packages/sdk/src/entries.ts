/** Entries as this device has them: written here, read here. Works without any server. */

import {
  DeniedError,
  InvalidInputError,
  MindhavenError,
  NotFoundError,
  collection as collections,
  decode,
  envelope,
  equal,
  hex,
  randomBytes,
} from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import type { Listed, Listing } from "./listing.ts";
import { attachedName } from "./facts.ts";
import { check, fromContent, homeOf, monthOf, toContent, type Notes, type Record } from "./records.ts";
import { decodeWrite, encodeWrite, type LocalItem } from "./rows.ts";
import type { Batch, LocalStore } from "./store.ts";

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
  /** Its attachments; the client reads them (`Mindhaven.readFile`). */
  readonly files: Files;
}

type Files = Notes["files"];
type Queue = Pick<Batch, "enqueue">;
type Beside = (batch: Batch, items: readonly Uint8Array[]) => void;
type Opened = Pick<Entry, "record" | "error" | "conflictOf" | "files">;

/** Locks and what they lock (spec/lock.md): in no list, search or export unless they are asked for. */
const LOCKS = /^mindhaven\/lock(ed)?$/;

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

  /**
   * Write a record on this device; return its item id. It rests once `store.saved()` is done; a sync sends it.
   *
   * `files` were attached to the collection that it goes to (attachment-elsewhere).
   */
  add(record: Record, place: string | Uint8Array | null = null, files: Files = []): Uint8Array {
    check(record);
    const to = place ?? homeOf(record);
    this.#checkFiles(to, files);
    return this.enqueue(randomBytes(ITEM_ID_BYTES), 0, record, to, { conflictOf: null, files });
  }

  /**
   * Write many records, each where its kind is at home, whole or not at all; they rest when this is done. Returns their ids.
   *
   * `beside` keeps rows of its own in the same batch, and is given those ids.
   */
  async addAll(records: readonly Record[], beside: Beside = () => undefined): Promise<Uint8Array[]> {
    for (const record of records) check(record);
    return this.#store.batch((batch) => {
      const alone = { conflictOf: null, files: [] };
      const added = records.map((one) => this.enqueue(randomBytes(ITEM_ID_BYTES), 0, one, homeOf(one), alone, batch));
      beside(batch, added);
      return added;
    });
  }

  /** Erase many entries, whole or not at all; they are gone here when this is done. `beside` as `addAll` has it. */
  async eraseAll(entries: readonly Entry[], beside: Beside = () => undefined): Promise<void> {
    await this.#store.batch((batch) => {
      for (const one of entries) this.erase(one, batch);
      beside(batch, []);
    });
  }

  /** Write a next revision of one's own entry; a changed month is a new item, the old one is erased. */
  revise(entry: Entry, record: Record, files: Files = entry.files): Uint8Array {
    if (!entry.mine) throw new DeniedError("Nobody edits another's entry.", { code: "not-the-author" });
    check(record);
    const place = entry.collection ?? entry.collectionName;
    this.#checkFiles(place, files.filter((one) => !entry.files.includes(one)));
    const notes = { conflictOf: null, files }; // whoever edits one of two has settled which is meant
    if (entry.record !== null && monthOf(entry.record) !== monthOf(record)) {
      this.erase(entry);
      return this.enqueue(randomBytes(ITEM_ID_BYTES), 0, record, place, notes);
    }
    return this.enqueue(entry.item, entry.revision, record, place, notes);
  }

  /** Erase an entry: its salt goes from the server, then nobody can open any copy of it there. */
  erase(entry: Entry, to: Queue = this.#store): void {
    if (!entry.mine && !(entry.collection !== null && this.#listing.isOwn(entry.collection))) {
      throw new DeniedError("Only its author or the owner of the collection erases an entry.", {
        code: "not-the-author",
      });
    }
    const place = entry.collection ?? entry.collectionName;
    const write = { place, item: entry.item, base: entry.revision, month: 0, content: null, blobs: [] };
    to.enqueue(encodeWrite(write));
  }

  /** Write a revision as it is given, for `Locks` and this class; `kept` are files whose parts stay, if not its own. */
  enqueue(
    item: Uint8Array,
    base: number,
    record: Record,
    place: string | Uint8Array,
    notes: Notes,
    to: Queue = this.#store,
    kept: Files = notes.files,
  ): Uint8Array {
    const content = envelope.encodeContent(toContent(record, notes));
    const blobs = collections.blobsOf(kept.flatMap((one) => one.blobs));
    to.enqueue(encodeWrite({ place, item, base, month: monthOf(record), content, blobs }));
    return item;
  }

  /** Refuse a file whose parts are in another collection: the server would refuse the record, and all after it. */
  #checkFiles(place: string | Uint8Array, files: Files): void {
    if (files.length === 0) return;
    const id = typeof place === "string" ? this.#listing.named(place)?.id : place;
    const there = id === undefined ? [] : this.all({ collection: id }).flatMap((one) => one.files);
    for (const { blobs } of files) {
      const sentTo = blobs[0] && this.#store.get(attachedName(blobs[0]));
      if (sentTo && id !== undefined && equal(sentTo, id)) continue;
      if (there.some((one) => one.blobs[0] && blobs[0] && equal(one.blobs[0], blobs[0]))) continue;
      throw new InvalidInputError("A file was not attached to the collection that this record goes to.", {
        code: "attachment-elsewhere",
        hint: "Attach it anew, to that collection.",
      });
    }
  }

  /** Return the entries on this device, oldest first, what waits included; locks and what they lock only if asked. */
  all({ kind, collection, locks = false }: { kind?: string; collection?: Uint8Array; locks?: boolean } = {}): Entry[] {
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
        ...notes,
      });
    }
    return [...found.values()]
      .filter((one) => locks || !LOCKS.test(one.record?.kind ?? ""))
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
  const none = { record: null, conflictOf: null, files: [] };
  if (row === null) return { ...none, error: "withheld" };
  const value = decode(row);
  if (!Array.isArray(value) || value.length !== CONTENT_FIELDS) {
    const reason: unknown = Array.isArray(value) && value.length === 1 ? value[0] : null;
    return { ...none, error: typeof reason === "string" ? reason : "no-key" };
  }
  try {
    const { record, notes } = fromContent(envelope.decodeContent(row));
    return { record, error: null, ...notes };
  } catch (error) {
    if (!(error instanceof MindhavenError)) throw error;
    return { ...none, error: error.reason };
  }
}
