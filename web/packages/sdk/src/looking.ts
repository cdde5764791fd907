/**
 * A look at the logs of keys and heads: what they say is compared with what this device was shown.
 *
 * It is loaded when the first look is due, so that it is no part of what a page waits for.
 * Does not: keep what was found wrong, or say it (`vouching`). I/O: server and local store.
 * Implements spec/ledger.md steps 9 and 10.
 */

import { ByteMap, IntegrityError, Signed, decode, encode, hex, ledger, shape, tlog } from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import { Heads } from "./heads.ts";
import type { Listing } from "./listing.ts";
import { Logs, keepScanned, type LogState, type Quorum } from "./logs.ts";
import type { People } from "./people.ts";
import type { LocalStore } from "./store.ts";
import type { Transport } from "./transport.ts";
import { LOGGED, pairs } from "./vouching.ts";

const ENTRIES = "vouching/entries";
const MAX_STATEMENTS = 10_000;

/** What a look at the logs found: how long they are, and whether enough witnesses vouch for both. */
export interface Checked {
  readonly keys: number;
  readonly heads: number;
  readonly quorum: Quorum;
}

/** What a look needs of one account's client; `seqOf` gives the newest seq verified of a collection, -1 if none. */
export interface Looker {
  readonly store: LocalStore;
  readonly transport: Transport;
  readonly people: People;
  readonly listing: Listing;
  readonly access: Access;
  readonly seqOf: (collection: Uint8Array) => number;
  readonly now: () => number;
}

/** One account's look at the logs of one server. */
export class Looking {
  readonly #store: LocalStore;
  readonly #logs: Logs;
  readonly #people: People;
  readonly #listing: Listing;
  readonly #access: Access;
  readonly #heads: Heads;

  constructor({ store, transport, people, listing, access, seqOf, now }: Looker) {
    this.#store = store;
    this.#logs = new Logs(store, transport);
    this.#people = people;
    this.#listing = listing;
    this.#access = access;
    this.#heads = new Heads(store, this.#logs, seqOf, now);
  }

  /** Throw `InvalidInputError` (policy), naming the line, unless this is a policy. */
  checkPolicy(text: Uint8Array): void {
    tlog.Policy.parse(text);
  }

  /** Read both logs. Throws `IntegrityError`: see `Vouching.check`. */
  async look(pulled: readonly Uint8Array[], shown: readonly Uint8Array[]): Promise<Checked> {
    const keys = await this.#checkKeys();
    const heads = await this.#heads.check(pulled, shown);
    const missing = keys.quorum === "missing" || heads.quorum === "missing";
    return { keys: keys.checkpoint.size, heads: heads.checkpoint.size, quorum: missing ? "missing" : keys.quorum };
  }

  async #checkKeys(): Promise<LogState> {
    const uids = [this.#access.needMe().uid, ...this.#knownContacts()];
    const wanted = new ByteMap(uids.map((uid) => [ledger.keysTag(uid), uid] as const));
    const row = this.#store.get(ENTRIES);
    const kept = row === null ? new ByteMap<unknown>() : pairs(decode(row));
    const anew = ![...wanted.keys()].every((tag) => kept.has(tag));
    const found = new ByteMap([...wanted.keys()].map((tag) => [tag, anew ? [] : hashes(kept.get(tag))] as const));
    const scanned = await this.#logs.scan(
      ledger.KEYS,
      (tag, statement) => found.get(tag)?.push(statement.slice()),
      { anew },
    );
    const counts: [Uint8Array, number][] = [];
    for (const [tag, uid] of wanted) counts.push([uid, await this.#statements(uid, found.get(tag) ?? [])]);
    await this.#store.batch((batch) => {
      batch.put(ENTRIES, encode([...found].map(([tag, logged]) => [tag, logged])));
      batch.put(LOGGED, encode([scanned.state.quorum, counts]));
      keepScanned(batch, scanned);
    });
    return scanned.state;
  }

  /** Compare with the chain as shown; ask for it once more before a hidden statement is named. */
  async #statements(uid: Uint8Array, logged: readonly Uint8Array[]): Promise<number> {
    try {
      return ledger.checkStatements(this.#hashes(uid), logged);
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      await this.#people.fetch(uid);
      return ledger.checkStatements(this.#hashes(uid), logged);
    }
  }

  #hashes(uid: Uint8Array): Uint8Array[] {
    return this.#people.statements(uid).map((one) => Signed.decode(one).hash("statement"));
  }

  #knownContacts(): Uint8Array[] {
    const mine = hex(this.#access.needMe().uid);
    const known = this.#listing.contacts().filter((one) => this.#people.statements(one.uid).length > 0);
    return known.map((one) => one.uid).filter((uid) => hex(uid) !== mine);
  }
}

function hashes(value: unknown): Uint8Array[] {
  const found = shape.items(value, "Logged statements", { most: MAX_STATEMENTS });
  return found.map((one) => shape.raw(one, "A hash", { length: 32 }));
}
