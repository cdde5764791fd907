/** What must be known beside a collection's state while a commit is judged, from the local store. No I/O. */

import { type chain, hex } from "@mindhaven/crypto";

import type { People } from "./people.ts";
import type { LocalStore } from "./store.ts";

/** What the local store says of items and accounts while a commit is judged. */
export class StoredFacts implements chain.Facts {
  readonly #store: LocalStore;
  readonly #people: People;
  readonly #collection: Uint8Array;

  constructor(store: LocalStore, people: People, collection: Uint8Array) {
    this.#store = store;
    this.#people = people;
    this.#collection = collection;
  }

  item(item: Uint8Array): chain.ItemState | undefined {
    return this.#store.itemState(this.#collection, item) ?? undefined;
  }

  liveEpochs(): Set<number> {
    return new Set(this.#store.items(this.#collection).map((one) => one.state.epoch));
  }

  keyStated(uid: Uint8Array, keyId: number): boolean {
    return this.#people.known(uid)?.identities.has(keyId) === true;
  }

  commitHash(seq: number): Uint8Array | undefined {
    return this.#store.get(hashName(this.#collection, seq)) ?? undefined;
  }
}

/** Return the name of the row that keeps the hash of a verified commit; "" for `seq`: how all of them begin. */
export function hashName(collection: Uint8Array, seq: number | ""): string {
  return `hash/${hex(collection)}/${String(seq)}`;
}

/** Return the name of the row that keeps a verified commit as it was signed; "" for `seq`: how all of them begin. */
export function signedName(collection: Uint8Array, seq: number | ""): string {
  return `signed/${hex(collection)}/${String(seq)}`;
}

/** Return the name of the row that keeps a consent that was given on this device, by its hash. */
export function consentName(digest: Uint8Array): string {
  return `consent/${hex(digest)}`;
}

/** Return the name of the row that keeps which collection a file's parts were sent to, by the first of them. */
export function attachedName(blob: Uint8Array): string {
  return `attached/${hex(blob)}`;
}
