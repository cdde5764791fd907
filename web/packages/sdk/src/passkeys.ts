/**
 * Passkeys that the server knows (spec/passkeys.md), as the client of an app with an authenticator handles them.
 *
 * Guarantees: nothing that an authenticator keeps for this device only is sent; which passkeys still count is told to an
 * authenticator only if none of a way in is left out. Does not: ask an authenticator, which is a page's. I/O: server.
 */

import { MindhavenError, NotFoundError, equal, slots } from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import { asSent, type Assertion } from "./assertion.ts";
import { openName } from "./devices.ts";
import { toText } from "./ids.ts";
import { sealName } from "./me.ts";
import { Reader } from "./read.ts";
import type { Transport } from "./transport.ts";

/** What an authenticator is asked with for one use; `rpId` is the name that its passkeys belong to. */
export interface Challenge {
  readonly challenge: Uint8Array;
  readonly rpId: string;
}

/** What an authenticator is asked with for a new passkey; `exclude` are the credential ids that are there. */
export interface Started extends Challenge {
  readonly userHandle: Uint8Array;
  readonly exclude: readonly Uint8Array[];
  readonly algorithms: readonly number[];
}

/** A new passkey, as the authenticator gave it. */
export interface Registration {
  readonly credential: Uint8Array;
  readonly clientData: Uint8Array;
  readonly attestationObject: Uint8Array;
  readonly transports: readonly string[];
  readonly userHandle: Uint8Array;
}

/** One passkey that the server knows. Times in seconds since 1970, by the hour; `alerts`: what was noticed of it. */
export interface KnownPasskey {
  readonly id: Uint8Array;
  readonly credential: Uint8Array;
  readonly name: string;
  readonly createdAt: number;
  readonly usedAt: number | null;
  readonly unlocks: Uint8Array | null;
  readonly secondFactor: boolean;
  readonly alerts: readonly string[];
}

/** What an authenticator may be told: all that still counts of this account, and nothing else does. */
export interface Accepted {
  readonly rpId: string;
  readonly userHandle: Uint8Array;
  readonly credentials: readonly Uint8Array[];
}

/** Ask for a challenge; null where this server knows no passkeys: at an address in numbers, or an older one. */
async function challengeAt(transport: Transport, path: string, open: boolean): Promise<Challenge | null> {
  try {
    const given = new Reader(await transport.call("POST", path, undefined, { open }));
    return { challenge: given.bytes("challenge", 32), rpId: given.text("rp_id") };
  } catch (error) {
    if (noneAsked(error)) return null;
    throw error;
  }
}

/** Tell whether a refusal says that this server asks for no proof of a passkey here. */
function noneAsked(error: unknown): boolean {
  return error instanceof NotFoundError || (error instanceof MindhavenError && error.reason === "passkeys-need-name");
}

/** Return the challenge for signing in; nobody is named. */
export async function loginChallenge(transport: Transport): Promise<Challenge | null> {
  return challengeAt(transport, "/v1/login/challenge", true);
}

/** The passkeys of one account. */
export class Passkeys {
  readonly #transport: Transport;
  readonly #access: Access;

  constructor(transport: Transport, access: Access) {
    this.#transport = transport;
    this.#access = access;
  }

  /** Return the challenge for opening a way in once more on this signed-in device. */
  async wayChallenge(): Promise<Challenge | null> {
    return challengeAt(this.#transport, "/v1/slot-now/challenge", false);
  }

  /**
   * Begin a new passkey; a way in must have been opened here within ten minutes. Null: see `Challenge`.
   *
   * `before`: one that was made before the account; the challenge is what it is to be used over (spec/passkeys.md step 17).
   */
  async start(before: Registration | null = null): Promise<Started | null> {
    try {
      const asked = { user_handle: before?.userHandle ?? null };
      const given = new Reader(await this.#transport.call("POST", "/v1/passkeys/start", asked));
      return {
        challenge: given.bytes("challenge", 32),
        rpId: given.text("rp_id"),
        userHandle: given.bytes("user_handle", 32),
        exclude: given.list("exclude", (one) => new Reader({ one }).bytes("one")),
        algorithms: given.list("algorithms", (one) => new Reader({ one }).number("one")),
      };
    } catch (error) {
      if (noneAsked(error)) return null;
      throw error;
    }
  }

  /**
   * Let the server know a passkey: of a way in that was opened now (`slot`), or as a second factor of the passphrase.
   *
   * `assertion`: that it was used over the challenge of `start`, if it was made before.
   */
  async add(
    made: Registration,
    {
      name,
      slot,
      secondFactor,
      assertion = null,
    }: { name: string; slot: Uint8Array | null; secondFactor: boolean; assertion?: Assertion | null },
  ): Promise<void> {
    const { nameKey } = this.#access.needMe();
    await this.#transport.call("POST", "/v1/passkeys", {
      credential: made.credential,
      client_data: made.clientData,
      attestation_object: made.attestationObject,
      transports: made.transports,
      name: await sealName(nameKey, name),
      slot,
      second_factor: secondFactor,
      assertion: asSent(assertion),
    });
  }

  async #listed(): Promise<{ known: KnownPasskey[]; rpId: string | null; userHandle: Uint8Array | null }> {
    const { nameKey } = this.#access.needMe();
    const given = new Reader(await this.#transport.call("GET", "/v1/passkeys"));
    const rows = given.list("passkeys", (one) => new Reader(one));
    const known = await Promise.all(
      rows.map(async (row) => ({
        id: row.bytes("id", 16),
        credential: row.bytes("credential"),
        name: await openName(nameKey, row.bytes("name")),
        createdAt: row.number("created_at"),
        usedAt: row.numberOrNull("used_at"),
        unlocks: row.bytesOrNull("slot", 16),
        secondFactor: row.flag("second_factor"),
        alerts: row.list("alerts", (one) => new Reader(one).text("what")),
      })),
    );
    return { known, rpId: given.textOrNull("rp_id"), userHandle: given.bytesOrNull("user_handle", 32) };
  }

  /** Return the passkeys that the server knows, the oldest first. */
  async all(): Promise<KnownPasskey[]> {
    return (await this.#listed()).known;
  }

  /** Ask for this passkey with the passphrase from now on, or no more. */
  async setSecondFactor(id: Uint8Array, on: boolean): Promise<void> {
    await this.#transport.call("PUT", `/v1/passkeys/${toText(id)}/second-factor`, { on });
  }

  /** Forget a passkey at the server. Throws `DeniedError` (passkey-unlocks) for that of a way in. */
  async remove(id: Uint8Array): Promise<void> {
    await this.#transport.call("DELETE", `/v1/passkeys/${toText(id)}`);
  }

  /**
   * Return what an authenticator may be told about which passkeys still count, null if that would be wrong.
   *
   * A list that leaves out the passkey of a way in would take its secret from the person: spec/passkeys.md step 14.
   */
  async accepted(): Promise<Accepted | null> {
    const { known, rpId, userHandle } = await this.#listed();
    const { listed } = await this.#access.shown(this.#access.needMe().uid);
    const ways = listed.slots.filter((one) => one.kind === slots.SlotKind.PASSKEY);
    const named = ways.every(({ id }) => known.some(({ unlocks }) => unlocks !== null && equal(unlocks, id)));
    if (!named || rpId === null || userHandle === null) return null;
    return { rpId, userHandle, credentials: known.map((one) => one.credential) };
  }
}
