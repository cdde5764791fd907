/**
 * Maps and sets whose keys are byte strings: uids, item ids, tags. Keys compare by content and keep their order.
 *
 * Given bytes are kept, not copied: whoever hands them over does not change them. No I/O.
 */

/** What can be read of a `ByteMap`. */
export interface ReadonlyByteMap<V> extends Iterable<readonly [Uint8Array, V]> {
  readonly size: number;
  get(key: Uint8Array): V | undefined;
  has(key: Uint8Array): boolean;
  keys(): IterableIterator<Uint8Array>;
  values(): IterableIterator<V>;
}

/** A map from byte strings, in the order in which its keys came first. */
export class ByteMap<V> implements ReadonlyByteMap<V> {
  readonly #entries: Map<string, readonly [Uint8Array, V]>;

  constructor(entries: Iterable<readonly [Uint8Array, V]> = []) {
    // A copy keeps the texts that were made already.
    const copied = entries instanceof ByteMap ? (entries as ByteMap<V>).#entries : [];
    this.#entries = new Map<string, readonly [Uint8Array, V]>(copied);
    if (!(entries instanceof ByteMap)) for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Uint8Array): V | undefined {
    return this.#entries.get(textOf(key))?.[1];
  }

  has(key: Uint8Array): boolean {
    return this.#entries.has(textOf(key));
  }

  set(key: Uint8Array, value: V): this {
    this.#entries.set(textOf(key), [key, value]);
    return this;
  }

  delete(key: Uint8Array): boolean {
    return this.#entries.delete(textOf(key));
  }

  *keys(): IterableIterator<Uint8Array> {
    for (const [key] of this.#entries.values()) yield key;
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.#entries.values()) yield value;
  }

  [Symbol.iterator](): IterableIterator<readonly [Uint8Array, V]> {
    return this.#entries.values();
  }
}

/** What can be read of a `ByteSet`. */
export interface ReadonlyByteSet extends Iterable<Uint8Array> {
  readonly size: number;
  has(key: Uint8Array): boolean;
}

/** A set of byte strings, in the order in which they came first. */
export class ByteSet implements ReadonlyByteSet {
  readonly #members = new Map<string, Uint8Array>();

  constructor(members: Iterable<Uint8Array> = []) {
    for (const member of members) this.add(member);
  }

  get size(): number {
    return this.#members.size;
  }

  has(key: Uint8Array): boolean {
    return this.#members.has(textOf(key));
  }

  add(key: Uint8Array): this {
    this.#members.set(textOf(key), key);
    return this;
  }

  [Symbol.iterator](): IterableIterator<Uint8Array> {
    return this.#members.values();
  }
}

/** One character for each byte. Made in one call: a text that grows by pieces is put together again when it is sought. */
function textOf(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[]);
}
