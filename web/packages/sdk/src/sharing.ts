/**
 * Grants, revocations, invitations, contacts. I/O: server and local store.
 *
 * Guarantees: a grant starts from a uid that the person checked, never from a handle; consent, wraps and commit are one
 * request; after a revocation nothing new is sealed for the one who is out.
 */

import {
  ConflictError,
  NotFoundError,
  collection as collections,
  decode,
  equal,
  hex,
  shape,
  type chain,
  type consent as consents,
} from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import { outOfReach } from "./errors.ts";
import type { Grants } from "./granting.ts";
import type { Contact, Listing } from "./listing.ts";
import type { People } from "./people.ts";
import type { LocalStore } from "./store.ts";
import { keepTold } from "./told.ts";
import type { Transport } from "./transport.ts";
import type { Prepared, Vault } from "./vault.ts";
import type { Vouching } from "./vouching.ts";

const MAX_GONE = 10_000;
/** The row that says which of others' collections the server showed no longer. */
export const GONE = "gone";

/** A share that stands: the part's name, from which month (yyyymm, 0: all), until which day (0: open). */
export interface Share {
  readonly part: string;
  readonly since: number;
  readonly until: number;
}

/** What is granted: from which month, until which day, under which words that the person saw, for what (else care). */
export interface Granting {
  readonly purpose?: consents.Purpose;
  readonly since: number;
  readonly until: number;
  readonly text: string;
  readonly language: string;
}

/** What sharing needs of one account's client. */
export interface Sharer {
  readonly store: LocalStore;
  readonly transport: Transport;
  readonly access: Access;
  readonly people: People;
  readonly vault: Vault;
  readonly listing: Listing;
}

/** What this person shares, and what is shared with them. */
export class Sharing {
  readonly #of: Sharer;
  readonly #store: LocalStore;
  readonly #access: Access;
  readonly #vault: Vault;
  readonly #listing: Listing;
  readonly #vouching: Vouching;

  constructor(of: Sharer, vouching: Vouching) {
    this.#of = of;
    this.#store = of.store;
    this.#access = of.access;
    this.#vault = of.vault;
    this.#listing = of.listing;
    this.#vouching = vouching;
  }

  // -- grant and revoke

  #part(part: string): Uint8Array {
    const listed = this.#listing.named(part);
    if (listed === null) throw new NotFoundError(`Nothing is called ${part} here.`, { code: "collection-unknown" });
    return listed.id;
  }

  /**
   * Let a contact read one part.
   *
   * Throws `DeniedError` (contact-unchecked) for one who was found by name only, and what is wrong with the server's logs
   * (`Vouching.check`): keys may be hidden from this device, and what is shared can't be taken back.
   */
  async grant(part: string, uid: Uint8Array, granting: Granting): Promise<void> {
    this.#vouching.refuseFault();
    await (await this.#grants()).grant(this.#part(part), part, uid, granting);
    await this.#noteHeads();
  }

  /** Note the new head in the index, so that a server can't hide who is in or out from one's own other devices. */
  async #noteHeads(): Promise<void> {
    await this.#listing.noteHeads(this.#listing.collections().map((one) => one.id));
  }

  /** Take all access to a part from a member. */
  async revoke(part: string, uid: Uint8Array): Promise<void> {
    const prepare = (state: chain.ChainState): Promise<Prepared> => {
      if (!state.members.has(uid)) throw new ConflictError("This was already stopped.", { code: "not-shared" });
      const members = [...state.members.values()].filter((one) => !equal(one.uid, uid));
      return Promise.resolve(only({ kind: "members", members, settings: state.settings, consent: null, wraps: [] }));
    };
    const collection = this.#part(part);
    const answer = await this.#vault.push(collection, prepare, { path: "revocations" });
    keepTold(this.#store, answer, { collection, person: uid });
    await this.#noteHeads();
  }

  /** Return what somebody can read of one's own, as last verified here. */
  readableBy(uid: Uint8Array): Share[] {
    return this.#shares((one) => this.#listing.isOwn(one), uid);
  }

  /** Return what somebody shares with this person, as last verified here. */
  sharedBy(uid: Uint8Array): Share[] {
    const me = this.#access.needMe().uid;
    const gone = this.#gone();
    return this.#shares((one) => {
      const state = this.#vault.state(one);
      return state !== null && equal(state.owner, uid) && !gone.has(hex(one));
    }, me);
  }

  /** Return the ids (hex) of others' collections that the server showed no longer, when it was last asked. */
  #gone(): Set<string> {
    const row = this.#store.get(GONE);
    const ids = row === null ? [] : shape.items(decode(row), "The ended shares", { most: MAX_GONE });
    return new Set(ids.map((id) => hex(shape.raw(id, "A collection id"))));
  }

  #shares(which: (collection: Uint8Array) => boolean, member: Uint8Array): Share[] {
    const found: Share[] = [];
    for (const one of this.#listing.collections().filter(({ id }) => which(id))) {
      const there = this.#vault.state(one.id)?.members.get(member);
      if (there === undefined || !collections.isActive(there, this.#vault.today())) continue;
      found.push({ part: one.name, since: there.since, until: there.until });
    }
    return found;
  }

  /**
   * Report to somebody that parts of theirs were shown here, once a device and day: they see it as a report, not as proof.
   *
   * Sends which parts, and nothing else. Throws what `Transport` throws.
   */
  async reportOpened(uid: Uint8Array, parts: readonly string[]): Promise<void> {
    const shown = this.#listing.collections().filter(({ id, name }) => {
      const owner = this.#vault.state(id)?.owner;
      return parts.includes(name) && owner !== undefined && equal(owner, uid);
    });
    await (await this.#grants()).reportOpened(shown.map(({ id }) => id));
  }

  // -- what is loaded when it is first asked for

  /** Return the words that both people see if each has the right person. */
  async words(uid: Uint8Array): Promise<string> {
    return (await this.#grants()).words(uid);
  }

  /** Return the names that the owners of collections (hex) sealed to this person, from their own verified consents. */
  async namesFor(wanted: readonly { readonly id: Uint8Array; readonly owner: Uint8Array }[]): Promise<Map<string, string>> {
    return (await this.#grants()).namesFor(wanted);
  }

  /** Make an invitation link: single use, seven days; its secret never reaches the server. */
  async invite(): Promise<string> {
    return (await this.#grants()).invite();
  }

  /** Answer an invitation; the inviter becomes a contact, checked by the link. */
  async accept(link: string, myName: string, theirName: string): Promise<void> {
    return (await this.#grants()).accept(link, myName, theirName);
  }

  /** Open the answers to one's invitations; each answerer becomes a contact, checked by the link's secret. */
  async answers(): Promise<Contact[]> {
    return (await this.#grants()).answers();
  }

  async #grants(): Promise<Grants> {
    const { Grants: Made } = await import("./later.ts").catch(outOfReach);
    return new Made(this.#of);
  }
}

/** Return a change as all that a push brings. */
export function only(change: collections.Change): Prepared {
  return { changes: [change], items: [], keys: new Map(), contents: new Map() };
}


