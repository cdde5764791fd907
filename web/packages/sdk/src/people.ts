/** Accounts as this device has verified them: chains from their uids, never from a server's word. */

import {
  IntegrityError,
  Signed,
  decode,
  encode,
  equal,
  hex,
  shape,
  account,
} from "@mindhaven/crypto";

import { RollbackError } from "./errors.ts";
import { toText } from "./ids.ts";
import { Reader, asBytes } from "./read.ts";
import type { LocalStore } from "./store.ts";
import type { Transport } from "./transport.ts";

const COMPARE = "Do not share anything now. Compare safety words with that person.";
const MAX_STATEMENTS = 10_000;

/** Verified account chains, kept on the device and extended as they grow. */
export class People {
  readonly #store: LocalStore;
  readonly #transport: Transport;
  readonly #states = new Map<string, account.AccountState>();

  constructor(store: LocalStore, transport: Transport) {
    this.#store = store;
    this.#transport = transport;
  }

  /** Return what this device has verified of an account in this sitting, without asking anyone. */
  known(uid: Uint8Array): account.AccountState | null {
    return this.#states.get(hex(uid)) ?? null;
  }

  /** Return an account as this device keeps it, verified anew from its statements, or null. */
  async kept(uid: Uint8Array): Promise<account.AccountState | null> {
    const known = this.known(uid);
    if (known !== null) return known;
    const statements = this.statements(uid);
    if (statements.length === 0) return null;
    const state = await account.verifyChain(uid, statements.map((one) => Signed.decode(one)));
    this.#states.set(hex(uid), state);
    return state;
  }

  /** Return the signed statements kept of an account. */
  statements(uid: Uint8Array): Uint8Array[] {
    const row = this.#store.get(`chain/${hex(uid)}`);
    if (row === null) return [];
    return shape.items(decode(row), "A chain", { most: MAX_STATEMENTS }).map((one) => shape.raw(one, "A statement"));
  }

  /**
   * Verify a chain as shown and keep it; it must account.extend what this device has already seen.
   *
   * Throws `RollbackError` (account-rollback) for a shorter or another history, and what verification throws.
   */
  async learn(uid: Uint8Array, shown: readonly Uint8Array[]): Promise<account.AccountState> {
    const kept = this.statements(uid);
    const signed = shown.map((one) => Signed.decode(one));
    const same = kept.every((one, number) => {
      const there = signed[number];
      return there !== undefined && equal(there.body, Signed.decode(one).body);
    });
    if (!same) {
      throw new RollbackError(
        "The server shows an older or another history of an account than this device has seen.",
        { code: "account-rollback", hint: COMPARE },
      );
    }
    let state = kept.length > 0 ? ((await this.kept(uid)) ?? undefined) : undefined;
    for (const one of signed.slice(kept.length)) state = await account.extend(uid, state, one);
    if (state === undefined) {
      throw new IntegrityError("The server shows an account without its beginning.", { code: "account-empty" });
    }
    if (shown.length > kept.length) this.#store.put(`chain/${hex(uid)}`, encode([...shown]));
    this.#states.set(hex(uid), state);
    return state;
  }

  /** Ask the server for an account's newest chain, verify and keep it. */
  async fetch(uid: Uint8Array): Promise<account.AccountState> {
    const answer = new Reader(await this.#transport.call("GET", `/v1/accounts/${toText(uid)}`));
    return this.learn(uid, answer.list("statements", (one) => asBytes(one)));
  }

  /** Return an account that has stated `generation`, asking the server only if that is news. */
  async withGeneration(uid: Uint8Array, generation: number): Promise<account.AccountState> {
    const state = await this.kept(uid);
    return state?.identities.has(generation) === true ? state : this.fetch(uid);
  }
}
