/**
 * What this device knows of the logs of keys and heads: when to look, what was wrong, whose keys they vouch for.
 *
 * Guarantees: a statement that was hidden from this device, and a history that others are shown instead, are named.
 * Does not: stand in the way of care: where a log can't be read, this says so and nothing stops; only nothing new is
 * shared while one shows something wrong. I/O: local store; the look itself is `looking`'s.
 */

import {
  ByteMap,
  IntegrityError,
  InvalidInputError,
  NotFoundError,
  UnavailableError,
  decode,
  encode,
  shape,
} from "@mindhaven/crypto";

import { outOfReach } from "./errors.ts";
import type { Checked, Looker, Looking } from "./looking.ts";

/** How often a device reads the logs while it syncs; a checkpoint of `audit` appears by the hour anyhow. */
const EVERY_MS = 600_000;
const DONE = "vouching/done";
const FAULT = "vouching/fault";
/** The row that says whose statements the log has, and how many. */
export const LOGGED = "vouching/logged";
/** The row that keeps which witnesses must vouch (C2SP tlog-policy), empty: nobody. */
export const POLICY = "ledger/policy";
const MAX_ACCOUNTS = 10_000;
const COMPARE_DEVICES =
  "Nothing here is lost. Tell the people who run the server, and compare with your other devices and contacts.";

/**
 * Whether the newest keys of somebody may be shown as verified.
 *
 * `logged`: the log of keys has them, and the witnesses that this device demands vouch for it. `waiting`: they are not in
 * the log yet. `unvouched`: too few witnesses. `unknown`: the log was not read yet.
 */
export type Vouched = "logged" | "waiting" | "unvouched" | "unknown";

/** What one account's device knows of its server's logs. */
export class Vouching {
  readonly #of: Looker;
  #looking: Looking | null = null;

  constructor(of: Looker) {
    this.#of = of;
  }

  async #look(): Promise<Looking> {
    if (this.#looking === null) {
      const { Looking: Made } = await import("./later.ts").catch(outOfReach);
      this.#looking = new Made(this.#of);
    }
    return this.#looking;
  }

  /** Look if it is time to, and return what is wrong, now or since the last look: care goes on beside it. */
  async checkIfDue(pulled: readonly Uint8Array[], shown: readonly Uint8Array[]): Promise<IntegrityError | null> {
    const row = this.#of.store.get(DONE);
    const last = row === null ? null : shape.number(shape.fields(decode(row), 1, "A moment")[0], "A moment");
    if (last !== null && this.#of.now() - last < EVERY_MS && !this.#someoneNew()) return this.fault();
    this.#of.store.put(DONE, encode([this.#of.now()]));
    try {
      await this.check(pulled, shown);
      return null;
    } catch (error) {
      if (error instanceof NotFoundError || error instanceof UnavailableError) return this.fault();
      if (error instanceof IntegrityError) return error;
      throw error;
    }
  }

  /** Tell whether the last look did not find a contact's newest keys: what is shared with them should not wait for it. */
  #someoneNew(): boolean {
    if (this.#logged() === null) return false;
    const { listing, people } = this.#of;
    const known = listing.contacts().filter(({ uid }) => people.statements(uid).length > 0);
    return known.some(({ uid }) => ["unknown", "waiting"].includes(this.vouched(uid)));
  }

  #logged(): { readonly quorum: unknown; readonly counts: ByteMap<unknown> } | null {
    const row = this.#of.store.get(LOGGED);
    if (row === null) return null;
    const [quorum, counts] = shape.fields(decode(row), 2, "What was logged");
    return { quorum, counts: pairs(counts) };
  }

  /** Return what the last look that could be taken found wrong. */
  fault(): IntegrityError | null {
    const row = this.#of.store.get(FAULT);
    if (row === null) return null;
    const [message = "", hint = "", code = ""] = shape
      .fields(decode(row), 3, "A fault")
      .map((one) => shape.text(one, "A fault", { most: 1000 }));
    return new IntegrityError(message, { code, hint });
  }

  /** Throw what is wrong with the logs: nothing new is shared meanwhile. */
  refuseFault(): void {
    const fault = this.fault();
    if (fault !== null) throw fault;
  }

  /** Demand that these witnesses vouch (C2SP tlog-policy; empty: nobody); until they did nothing is shown as so. */
  async setPolicy(text: Uint8Array): Promise<void> {
    if (text.length > 0) (await this.#look()).checkPolicy(text);
    this.#of.store.put(POLICY, text);
    for (const name of [LOGGED, DONE]) this.#of.store.remove(name);
  }

  /**
   * Read both logs; `pulled` are collections that were verified to their head just now, `shown` all there are.
   *
   * What is found wrong is kept until a later look finds it right, and meanwhile nobody's keys are vouched for. Throws
   * `IntegrityError`: statement-hidden, statement-double, head-unknown, head-double, head-missing, and what `Logs` throws.
   */
  async check(pulled: readonly Uint8Array[], shown: readonly Uint8Array[]): Promise<Checked> {
    const looking = await this.#look();
    try {
      const checked = await looking.look(pulled, shown);
      this.#of.store.remove(FAULT);
      return checked;
    } catch (error) {
      if (!(error instanceof IntegrityError || error instanceof InvalidInputError)) throw error;
      const fault = advised(error);
      this.#of.store.put(FAULT, encode([fault.message, fault.hint ?? "", fault.reason]));
      this.#of.store.remove(LOGGED);
      throw fault;
    }
  }

  /** Return what this device knows of an account's newest keys. Works offline. */
  vouched(uid: Uint8Array): Vouched {
    const [logged, statements] = [this.#logged(), this.#of.people.statements(uid).length];
    const count = logged?.counts.get(uid);
    if (logged === null || count === undefined) return "unknown";
    if (shape.number(count, "A count") < statements) return "waiting";
    return logged.quorum === "missing" ? "unvouched" : "logged";
  }
}

/** Return a list of pairs as a map. */
export function pairs(value: unknown): ByteMap<unknown> {
  const found = shape.items(value, "What was kept of the log", { most: MAX_ACCOUNTS });
  return new ByteMap(
    found.map((one) => {
      const [key, kept] = shape.fields(one, 2, "An entry");
      return [shape.raw(key, "A key", { length: 32 }), kept] as const;
    }),
  );
}

/** Return the error with what to do; a note, key or tile that does not parse is the server's fault too. */
export function advised(error: IntegrityError | InvalidInputError): IntegrityError {
  if (error instanceof IntegrityError && error.hint !== undefined) return error;
  return new IntegrityError(error.message, { code: error.reason, hint: COMPARE_DEVICES, cause: error });
}
