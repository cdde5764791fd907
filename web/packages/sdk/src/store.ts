/**
 * What one device keeps of one account: everything in memory while it is unlocked, every row sealed where it rests.
 *
 * Guarantees: a batch is kept whole or not at all, in memory and at rest; no row leaves this class unsealed. What is
 * hidden (`hide`) can be sealed at any time, and read only by who opens the store with its key, which it does not keep.
 * Does not: know what the rows mean, beyond items and the queue. I/O: only through `Rows`.
 */

import {
  ENC_BYTES,
  SealKey,
  Seed,
  UnwrapKey,
  concat,
  derive,
  encode,
  hex,
  mapSome,
  openBox,
  sealBox,
  utf8,
  wrap,
  wrapped,
  type chain,
} from "@mindhaven/crypto";

import { decodeItem, encodeItem, type LocalItem } from "./rows.ts";

/** Where sealed rows rest: one atomic write at a time. */
export interface Rows {
  /** Return all rows, by key. */
  load(): Promise<Map<string, Uint8Array>>;
  /** Write and remove rows, all or nothing. */
  write(puts: ReadonlyMap<string, Uint8Array>, removes: readonly string[]): Promise<void>;
}

/** Rows in memory only: for a shared device, and for tests. */
export class MemoryRows implements Rows {
  readonly rows = new Map<string, Uint8Array>();

  load(): Promise<Map<string, Uint8Array>> {
    return Promise.resolve(new Map(this.rows));
  }

  write(puts: ReadonlyMap<string, Uint8Array>, removes: readonly string[]): Promise<void> {
    for (const [key, row] of puts) this.rows.set(key, row);
    for (const key of removes) this.rows.delete(key);
    return Promise.resolve();
  }
}

const KIND = "local-row";
const HIDDEN_KIND = "local-hidden";
const ITEM = "item/";
const QUEUE = "queue/";
/** Rows under this name hold what `hide` gave. */
export const HIDDEN = "hidden/";
type Change = Uint8Array | null;

/** What changes rows: the store, each change by itself, or one of its batches. */
export interface Writer {
  put(name: string, value: Uint8Array): void;
  remove(name: string): void;
  putItem(collection: Uint8Array, one: LocalItem): void;
  enqueue(value: Uint8Array): number;
  unqueue(numbers: readonly number[]): void;
}

function itemName(collection: Uint8Array, one: LocalItem): string {
  return `${ITEM}${hex(collection)}/${hex(one.item)}`;
}

/** Changes that rest together or not at all. */
export class Batch implements Writer {
  readonly #change: (name: string, value: Change) => void;
  readonly #next: () => number;

  /** `next` returns the number of the next write that waits. */
  constructor(change: (name: string, value: Change) => void, next: () => number) {
    this.#change = change;
    this.#next = next;
  }

  put(name: string, value: Uint8Array): void {
    this.#change(name, value);
  }

  remove(name: string): void {
    this.#change(name, null);
  }

  putItem(collection: Uint8Array, one: LocalItem): void {
    this.#change(itemName(collection, one), encodeItem(one));
  }

  enqueue(value: Uint8Array): number {
    const number = this.#next();
    this.#change(`${QUEUE}${String(number)}`, value);
    return number;
  }

  unqueue(numbers: readonly number[]): void {
    for (const number of numbers) this.#change(`${QUEUE}${String(number)}`, null);
  }
}

/** The rows of one account on this device, opened. */
export class LocalStore implements Writer {
  readonly #rows: Rows;
  /** Derived from the store's key: it opens the rows, and tells nothing of what is hidden. */
  readonly #key: SealKey;
  /** What is hidden is wrapped to this public key; its private half lived for the length of `open`. */
  readonly #hider: Uint8Array;
  #hidden = new Map<string, Uint8Array>();
  readonly #plain = new Map<string, Uint8Array>();
  readonly #items = new Map<string, Map<string, LocalItem>>();
  #nextWrite = 1;
  #last: Promise<void> = Promise.resolve();

  private constructor(rows: Rows, key: SealKey, hider: Uint8Array) {
    this.#rows = rows;
    this.#key = key;
    this.#hider = hider;
  }

  /** Open what rests; throws `IntegrityError` if a row was changed or belongs to another key. */
  static async open(rows: Rows, key: SealKey): Promise<LocalStore> {
    const rowKey = new SealKey(derive(key, KIND));
    const hider = await UnwrapKey.fromSeed(new Seed(derive(key, HIDDEN_KIND)));
    const store = new LocalStore(rows, rowKey, hider.public);
    const found = [...(await rows.load())];
    const opened = await mapSome(found, ([name, row]) => openBox(rowKey, KIND, utf8(name), row));
    found.forEach(([name], number) => {
      store.#set(name, opened[number] ?? null);
    });
    for (const [name, row] of store.under(HIDDEN)) {
      const message = wrapped(row.subarray(0, ENC_BYTES), row.subarray(ENC_BYTES));
      store.#hidden.set(name.slice(HIDDEN.length), await hider.unwrap(message, encode([HIDDEN_KIND, name])));
    }
    return store;
  }

  /** Return a value for the row of that name (under `HIDDEN`) that can be read again only when the store is opened. */
  async hide(name: string, value: Uint8Array): Promise<Uint8Array> {
    const { enc, ciphertext } = await wrap(this.#hider, value, encode([HIDDEN_KIND, name]));
    return concat(enc, ciphertext);
  }

  /** Return what was hidden when this store was opened, by name without `HIDDEN`: once, then it is forgotten. */
  takeHidden(): ReadonlyMap<string, Uint8Array> {
    const taken = this.#hidden;
    this.#hidden = new Map();
    return taken;
  }

  // -- rows by name

  get(name: string): Uint8Array | null {
    return this.#plain.get(name) ?? null;
  }

  put(name: string, value: Uint8Array): void {
    this.#change(name, value);
  }

  remove(name: string): void {
    this.#change(name, null);
  }

  /** Return the names that begin with `prefix`, and what they hold. */
  under(prefix: string): [string, Uint8Array][] {
    return [...this.#plain].filter(([name]) => name.startsWith(prefix));
  }

  // -- items

  item(collection: Uint8Array, item: Uint8Array): LocalItem | null {
    return this.#items.get(hex(collection))?.get(hex(item)) ?? null;
  }

  itemState(collection: Uint8Array, item: Uint8Array): chain.ItemState | null {
    return this.item(collection, item)?.state ?? null;
  }

  /** Return the live items of a collection. */
  items(collection: Uint8Array): LocalItem[] {
    return [...(this.#items.get(hex(collection))?.values() ?? [])].filter((one) => !one.state.erased);
  }

  putItem(collection: Uint8Array, one: LocalItem): void {
    this.put(itemName(collection, one), encodeItem(one));
  }

  // -- the queue

  /** Return what waits, the oldest first. */
  queued(): [number, Uint8Array][] {
    return this.under(QUEUE)
      .map(([name, value]): [number, Uint8Array] => [Number(name.slice(QUEUE.length)), value])
      .sort(([one], [other]) => one - other);
  }

  enqueue(value: Uint8Array): number {
    const number = this.#nextWrite;
    this.#change(`${QUEUE}${String(number)}`, value);
    return number;
  }

  unqueue(numbers: readonly number[]): void {
    for (const number of numbers) this.#change(`${QUEUE}${String(number)}`, null);
  }

  // -- batches

  /**
   * Do several changes whole or not at all: those that `act` makes through the batch that it is given.
   *
   * What others change meanwhile, such as an entry that a person writes while a page is verified, rests by itself.
   */
  async batch<T>(act: (batch: Batch) => T | Promise<T>): Promise<T> {
    const changes = new Map<string, Change>();
    const undo: (() => void)[] = [];
    const change = (name: string, value: Change): void => {
      const before = this.#plain.get(name) ?? null;
      undo.push(() => {
        this.#set(name, before);
      });
      this.#set(name, value);
      changes.set(name, value);
    };
    try {
      const result = await act(new Batch(change, () => this.#nextWrite));
      await this.#rest(changes);
      return result;
    } catch (error) {
      for (const one of undo.reverse()) one();
      throw error;
    }
  }

  /** Wait until what was changed outside of a batch rests; throws what kept the last change from resting. */
  async saved(): Promise<void> {
    await this.#last;
  }

  #change(name: string, value: Change): void {
    this.#set(name, value);
    void this.#rest(new Map([[name, value]])).catch(() => undefined); // `saved` tells
  }

  /** Write changes in the order in which they were made; one that fails keeps no later one from resting. */
  #rest(changes: ReadonlyMap<string, Change>): Promise<void> {
    this.#last = this.#last.catch(() => undefined).then(() => this.#write(changes));
    return this.#last;
  }

  #set(name: string, value: Change): void {
    if (value === null) this.#plain.delete(name);
    else this.#plain.set(name, value);
    if (name.startsWith(ITEM)) {
      const [, collection = "", item = ""] = name.split("/");
      let items = this.#items.get(collection);
      if (items === undefined) this.#items.set(collection, (items = new Map<string, LocalItem>()));
      if (value === null) items.delete(item);
      else items.set(item, decodeItem(item, value));
    } else if (name.startsWith(QUEUE)) {
      this.#nextWrite = Math.max(this.#nextWrite, Number(name.slice(QUEUE.length)) + 1);
    }
  }

  async #write(changes: ReadonlyMap<string, Change>): Promise<void> {
    if (changes.size === 0) return;
    const puts = [...changes].filter((one): one is [string, Uint8Array] => one[1] !== null);
    const removes = [...changes].filter(([, value]) => value === null).map(([name]) => name);
    const sealed = await mapSome(puts, async ([name, value]): Promise<[string, Uint8Array]> => {
      return [name, await sealBox(this.#key, KIND, utf8(name), value)];
    });
    await this.#rows.write(new Map(sealed), removes);
  }
}
