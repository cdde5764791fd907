/**
 * The index collection: a person's own list of collections, contacts and last heads (spec/index.md).
 *
 * Guarantees: what it lists and the server does not show is named as withheld; a head older than the one it names is a
 * rollback, also on a new device.
 */

import { decode, encode, envelope, equal, fromHex, hex, shape } from "@mindhaven/crypto";

import { decodeBody, encodeBody, type JsonObject } from "./canonical.ts";
import { ASK_THE_HOST, RollbackError, WithheldError, outOfReach } from "./errors.ts";
import type { LocalStore } from "./store.ts";
import type { Vault } from "./vault.ts";
import type { CollectionShown } from "./wire.ts";

const COLLECTION = "mindhaven/index.collection";
const CONTACT = "mindhaven/index.contact";
/** The kind of notes of heads. */
export const HEADS = "mindhaven/index.heads";
const NOTED_AT = "heads-noted";
const NOTE_EVERY_MS = 600_000;

/** One collection of the index: its id, name, and whose it is. */
export interface Listed {
  readonly id: Uint8Array;
  readonly name: string;
  readonly owner: Uint8Array;
}

/** One contact; `checked`: how the uid was checked (card, link, words or none). */
export interface Contact {
  readonly uid: Uint8Array;
  readonly handle: string;
  readonly name: string;
  readonly checked: string;
}

/** An item of the index. */
export interface Found {
  readonly item: Uint8Array;
  readonly revision: number;
  readonly body: JsonObject;
}

/** The index of one account. */
export class Listing {
  readonly #vault: Vault;
  readonly #store: LocalStore;
  readonly #now: () => number;
  id: Uint8Array | null = null;

  constructor(vault: Vault, store: LocalStore, now: () => number) {
    this.#vault = vault;
    this.#store = store;
    this.#now = now;
  }

  /** Return the items of one of the kinds of the index. */
  entries(kind: string): Found[] {
    if (this.id === null) return [];
    const found: Found[] = [];
    for (const local of this.#store.items(this.id)) {
      if (local.value === null) continue;
      const value = decode(local.value);
      if (!Array.isArray(value) || value.length !== 5) continue;
      const content = envelope.decodeContent(local.value);
      if (content.kind !== kind) continue;
      found.push({ item: local.item, revision: local.state.revision, body: decodeBody(content.body) });
    }
    return found;
  }

  /** Return what the index lists. */
  collections(): Listed[] {
    return this.entries(COLLECTION).map(({ body }) => ({
      id: fromHex(text(body, "id")),
      name: text(body, "name"),
      owner: fromHex(text(body, "owner")),
    }));
  }

  /** Return the contacts. */
  contacts(): Contact[] {
    return this.entries(CONTACT).map(({ body }) => ({
      uid: fromHex(text(body, "uid")),
      handle: text(body, "handle"),
      name: text(body, "name"),
      checked: text(body, "checked"),
    }));
  }

  /** Return one's own collection of that name; what others share is found by its id only. */
  named(name: string): Listed | null {
    return this.collections().find((one) => one.name === name && this.#mine(one)) ?? null;
  }

  /** Return what the index lists under an id. */
  listed(collection: Uint8Array): Listed | null {
    return this.collections().find((one) => equal(one.id, collection)) ?? null;
  }

  /** Return whose a collection is: its verified history says so, and only until that is here the list. */
  ownerOf(collection: Uint8Array): Uint8Array | null {
    return this.#vault.state(collection)?.owner ?? this.listed(collection)?.owner ?? null;
  }

  /** Tell whether a collection is one's own, by its verified state, else by the list. */
  isOwn(collection: Uint8Array): boolean {
    const state = this.#vault.state(collection);
    const mine = this.id === null ? null : this.#vault.state(this.id);
    if (state !== null && mine !== null) return equal(state.owner, mine.owner);
    const listed = this.listed(collection);
    return listed !== null && this.#mine(listed);
  }

  #mine(one: Listed): boolean {
    const state = this.id === null ? null : this.#vault.state(this.id);
    return state !== null && equal(state.owner, one.owner);
  }

  /** Write an item of the index, `over` the one that there is. */
  async put(kind: string, body: JsonObject, over?: Found): Promise<void> {
    if (this.id === null) throw new TypeError("the index is not here yet");
    const content = { kind, version: 1, createdAt: this.#now(), zone: "UTC", body: encodeBody(body) };
    const item = over?.item ?? this.#vault.freshItem();
    await this.#vault.write(this.id, [{ item, month: 0, content, revision: (over?.revision ?? 0) + 1 }]);
  }

  /** List a collection. */
  async add(listed: Listed): Promise<void> {
    await this.put(COLLECTION, { id: hex(listed.id), name: listed.name, owner: hex(listed.owner) });
  }

  /** Return one's own collection of that name, begun and listed if there is none. */
  async ensure(name: string): Promise<Listed> {
    if (this.named(name) === null && this.id !== null) {
      await this.#vault.pull(this.id); // another device, or a try whose answer was lost, may have begun it
    }
    const found = this.named(name);
    if (found !== null) return found;
    const id = await this.#vault.create();
    const state = this.#vault.state(id);
    if (state === null) throw new TypeError("a new collection has no state");
    const listed = { id, name, owner: state.owner };
    await this.add(listed);
    return this.named(name) ?? listed; // of two that were begun at once all go on with one
  }

  /** Add a contact, or change the one with that uid. */
  async keepContact(contact: Contact): Promise<void> {
    const body = { uid: hex(contact.uid), handle: contact.handle, name: contact.name, checked: contact.checked };
    const known = this.entries(CONTACT).find((one) => one.body["uid"] === body.uid);
    if (known !== undefined && equal(encodeBody(known.body), encodeBody(body))) return;
    await this.put(CONTACT, body, known);
  }

  // -- heads

  /** Compare what the server lists with the index. Throws `WithheldError` and `RollbackError`. */
  check(shown: readonly CollectionShown[]): void {
    if (this.missing(shown).length > 0) {
      throw new WithheldError("The server does not show a collection that is on your list.", {
        code: "collection-withheld",
        hint: ASK_THE_HOST,
      });
    }
    const there = new Map(shown.map((one) => [hex(one.id), one]));
    for (const [collection, [seq]] of this.noted()) {
      const found = there.get(collection);
      if (found !== undefined && found.seq < seq) {
        throw new RollbackError(
          "The server shows an older state of a collection than your other devices noted.",
          { code: "rollback", hint: ASK_THE_HOST },
        );
      }
    }
  }

  /** Return one's own collections that are listed here and not shown by the server. */
  missing(shown: readonly CollectionShown[]): Uint8Array[] {
    const there = new Set(shown.map((one) => hex(one.id)));
    const owned = this.collections().filter((one) => {
      const state = this.#vault.state(one.id);
      return (state === null || equal(state.owner, one.owner)) && this.#mine(one);
    });
    return owned.map((one) => one.id).filter((id) => !there.has(hex(id)));
  }

  /** Compare a pulled history with the head that another device noted: it must pass through it. */
  checkPulled(collection: Uint8Array): void {
    const noted = this.noted().get(hex(collection));
    if (noted === undefined) return;
    const mine = this.#vault.commitHash(collection, noted[0]);
    if (mine === null || hex(mine) !== noted[1]) {
      throw new RollbackError(
        "The server shows another history of a collection than your other devices noted.",
        { code: "fork", hint: ASK_THE_HOST },
      );
    }
  }

  /** Return the heads that this account's devices noted, by the collection's id (hex): seq and hash (hex). */
  noted(): Map<string, [number, string]> {
    const noted = new Map<string, [number, string]>();
    for (const { body } of this.entries(HEADS)) {
      for (const [name, value] of Object.entries((body["heads"] ?? {}) as JsonObject)) {
        const [seq, head] = value as [number, string];
        const known = noted.get(name);
        if (known === undefined || known[0] < seq) noted.set(name, [seq, head]);
      }
    }
    return noted;
  }

  /**
   * Write down the heads that this device has verified, so that other devices notice an older one.
   *
   * What was noted of a listed collection is never lowered or dropped: else hiding it once would let it go back. Only
   * where its owner decided between two histories it is noted `anew`.
   */
  async noteHeads(collections: readonly Uint8Array[], anew: readonly Uint8Array[] = []): Promise<void> {
    await (await import("./later.ts").catch(outOfReach)).noteHeads(this, this.#vault, this.#store, collections, anew);
  }

  /** Note the heads if something was sent, or if it was done long ago: others write, and an act may have been cut off. */
  async noteHeadsIfDue(collections: readonly Uint8Array[], { sent }: { sent: boolean }): Promise<void> {
    const row = this.#store.get(NOTED_AT);
    const last = row === null ? 0 : shape.number(shape.fields(decode(row), 1, "A moment")[0], "A moment");
    if (!sent && this.#now() - last < NOTE_EVERY_MS) return;
    await this.noteHeads(collections);
    this.#store.put(NOTED_AT, encode([this.#now()]));
  }
}

function text(body: JsonObject, name: string): string {
  const value = body[name];
  return typeof value === "string" ? value : "";
}
