/**
 * The ways in of an account as a person sees and changes them: which there are, what waits, the code beside a passphrase.
 *
 * Guarantees: what one way in does at once touches no other (docs/adr/0006); what waits is shown and can be stopped.
 * I/O: server, through `access`.
 */

import { InvalidInputError, equal, randomBytes, slots, type RootKey, type SlotSecret } from "@mindhaven/crypto";

import type { Access, Opened } from "./access.ts";
import { toText } from "./ids.ts";
import { Reader } from "./read.ts";
import type { Transport } from "./transport.ts";
import { namelessSlot, passphraseSlot } from "./ways.ts";

const SERVER_SALT_BYTES = 16;
/** Nobody is left with one: all ways lost, all records lost. */
const LEAST_WAYS = 2;

/** One way in, as the account's verified list names it. */
export interface WayIn {
  readonly id: Uint8Array;
  readonly kind: slots.SlotKind;
}

/** A change of ways in that waits, by the hash of its statement; times in seconds since 1970 UTC. */
export interface Waiting {
  readonly id: Uint8Array;
  readonly statement: Uint8Array;
  readonly askedAt: number;
  readonly dueAt: number;
}

/** What there is: the ways in, the changes that wait, and whether a code is asked for beside the passphrase. */
export interface WaysIn {
  readonly ways: readonly WayIn[];
  readonly waiting: readonly Waiting[];
  readonly code: boolean;
}

/** Changing one's ways in. Each act asks for ways in that were opened on this device within ten minutes. */
export class Entrance {
  readonly #access: Access;
  readonly #transport: Transport;

  constructor(access: Access, transport: Transport) {
    this.#access = access;
    this.#transport = transport;
  }

  /** Return the ways in, from the verified list. */
  async all(): Promise<WaysIn> {
    const { shown, listed } = await this.#access.shown(this.#access.needMe().uid);
    const waiting = shown.pending.map(({ id, statement, askedAt, dueAt }) => ({ id, statement, askedAt, dueAt }));
    return { ways: listed.slots.map(({ id, kind }) => ({ id, kind })), waiting, code: shown.totp };
  }

  /** Add a passkey that has a secret. Returns when it counts (seconds since 1970; null: now, with two ways opened). */
  async addPasskey(opened: Opened, secret: SlotSecret): Promise<number | null> {
    const slot = namelessSlot(secret, slots.SlotKind.PASSKEY);
    return this.#access.change(opened.root, { fresh: "nothing", add: [slot] });
  }

  /**
   * Set the passphrase, or put a new one in its place.
   *
   * `opened` are the ways in opened for it, the passphrase's own among them if it is to change at once; returns when all
   * of it counts: with one way in the account's root follows later, and a passphrase that is the first one waits.
   * Throws `InvalidInputError` (passphrase-short, passphrase-easy).
   */
  async setPassphrase(opened: readonly Opened[], words: string): Promise<number | null> {
    const me = this.#access.needMe();
    const root = rootOf(opened);
    const slot = await passphraseSlot(words, me.handle, randomBytes(SERVER_SALT_BYTES));
    const { ways } = await this.all();
    const old = ways.find((one) => one.kind === slots.SlotKind.PASSPHRASE);
    if (old === undefined) return this.#access.change(root, { fresh: "nothing", add: [slot] });
    const itself = opened.some((one) => toText(one.id) === toText(old.id));
    const alone = itself && opened.length === 1;
    const replace = { id: old.id, slot };
    const due = await this.#access.change(root, { fresh: alone ? "keys" : "root", replace });
    return alone ? this.#access.change(root, { fresh: "root" }) : due;
  }

  /**
   * Remove a way in; new keys come with it. Returns when it counts: at once with two ways in opened.
   *
   * Throws `InvalidInputError` (last-slot) if fewer than two would be left.
   */
  async remove(opened: readonly Opened[], id: Uint8Array): Promise<number | null> {
    const root = rootOf(opened);
    const { ways } = await this.all();
    if (ways.length <= LEAST_WAYS) {
      throw new InvalidInputError("Two ways in must stay: if you lose one, the other still opens your entries.", {
        code: "last-slot",
        hint: "Add another way in first.",
      });
    }
    return this.#access.change(root, { fresh: "root", keep: (one) => !equal(one, id) });
  }

  /** Stop a change that waits. Throws `DeniedError` (cancel-too-new). */
  async stop(waiting: Uint8Array): Promise<void> {
    await this.#transport.call("DELETE", `/v1/account/pending/${toText(waiting)}`);
  }

  // -- the code

  /** Make a secret for an authenticator app, in base32; it counts once `codeOn` was given a code of it. */
  async startCode(): Promise<string> {
    return new Reader(await this.#transport.call("POST", "/v1/account/totp/start")).text("secret");
  }

  /** Ask for a code with the passphrase from now on. Throws `DeniedError` (totp-refused). */
  async codeOn(code: string): Promise<void> {
    await this.#transport.call("POST", "/v1/account/totp", { code });
  }

  /** Ask for no code any more. */
  async codeOff(): Promise<void> {
    await this.#transport.call("DELETE", "/v1/account/totp");
  }
}

function rootOf(opened: readonly Opened[]): RootKey {
  const last = opened.at(-1);
  if (last === undefined) throw new InvalidInputError("Open one of your ways in first.", { code: "slot-now-needed" });
  return last.root;
}
