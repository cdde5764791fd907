/** Sealed rows in IndexedDB: one database an account, one atomic write at a time. I/O: the browser's storage. */

import { UnavailableError } from "@mindhaven/crypto";

import type { Rows } from "../store.ts";

const VERSION = 1;
const ROWS = "rows";
const PLAIN = "plain";

/** A database of sealed rows, and a few plain ones that are needed before anything is unlocked. */
export class IndexedRows implements Rows {
  readonly #db: IDBDatabase;

  private constructor(db: IDBDatabase) {
    this.#db = db;
  }

  /** Open or make the database of that name. Throws `UnavailableError` (storage) if the browser keeps nothing. */
  static async open(name: string): Promise<IndexedRows> {
    const asked = indexedDB.open(name, VERSION);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(ROWS);
      asked.result.createObjectStore(PLAIN);
    };
    const db = await done(asked);
    db.onversionchange = () => {
      db.close();
    };
    return new IndexedRows(db);
  }

  /** Remove the database of that name, whatever is in it. */
  static async remove(name: string): Promise<void> {
    await done(indexedDB.deleteDatabase(name));
  }

  async load(): Promise<Map<string, Uint8Array>> {
    const rows = this.#db.transaction(ROWS).objectStore(ROWS);
    const [keys, values] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll() as IDBRequest<unknown[]>)]);
    const found = new Map<string, Uint8Array>();
    keys.forEach((key, number) => {
      const value = values[number];
      if (typeof key === "string" && value instanceof Uint8Array) found.set(key, value);
    });
    return found;
  }

  async write(puts: ReadonlyMap<string, Uint8Array>, removes: readonly string[]): Promise<void> {
    // "strict": an entry counts as saved once it rests on the disk, not in a cache that a crash empties.
    const act = this.#db.transaction(ROWS, "readwrite", { durability: "strict" });
    const rows = act.objectStore(ROWS);
    for (const [key, value] of puts) rows.put(value, key);
    for (const key of removes) rows.delete(key);
    await finished(act);
  }

  /** Return a plain row: how the store is unlocked. Nothing secret stands there. */
  async plain(key: string): Promise<unknown> {
    return done(this.#db.transaction(PLAIN).objectStore(PLAIN).get(key) as IDBRequest<unknown>);
  }

  /** Write a plain row. */
  async putPlain(key: string, value: unknown): Promise<void> {
    const act = this.#db.transaction(PLAIN, "readwrite", { durability: "strict" });
    act.objectStore(PLAIN).put(value, key);
    await finished(act);
  }

  close(): void {
    this.#db.close();
  }
}

function done<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => {
      resolve(asked.result);
    };
    asked.onerror = () => {
      reject(failed(asked.error));
    };
  });
}

function finished(act: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    act.oncomplete = () => {
      resolve();
    };
    act.onabort = act.onerror = () => {
      reject(failed(act.error));
    };
  });
}

function failed(error: DOMException | null): UnavailableError {
  const full = error?.name === "QuotaExceededError";
  return new UnavailableError(
    full ? "There is no room left in this browser." : "This browser does not keep data for this page.",
    {
      code: full ? "storage-full" : "storage",
      hint: full ? "Free some space on this device, then write it again." : "Private windows may forbid it.",
    },
  );
}
