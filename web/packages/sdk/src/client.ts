/**
 * One account on one device: written here, sealed here, synced and shared by keys. The front door of this package.
 *
 * Guarantees: reading and writing work without any server, signed in or not; nothing that unlocks leaves the device.
 */

import {
  ZERO32,
  decode,
  equal,
  SlotSecret,
  slots,
  type pairing,
} from "@mindhaven/crypto";

import { Access, type Opened } from "./access.ts";
import type { Activity } from "./activity.ts";
import type { Agreements } from "./agreed.ts";
import type { Assertion, Beside } from "./assertion.ts";
import { Devices } from "./devices.ts";
import { Entrance } from "./entrance.ts";
import { Entries } from "./entries.ts";
import { SignedOutError, outOfReach } from "./errors.ts";
import type { Files } from "./files.ts";
import { Listing } from "./listing.ts";
import type * as Later from "./later.ts";
import type { Locks } from "./locks.ts";
import type { Checked } from "./looking.ts";
import type { Me } from "./me.ts";
import type { Pairing } from "./pairing.ts";
import type { Parts } from "./parts.ts";
import { Passkeys, loginChallenge, type Challenge } from "./passkeys.ts";
import { People } from "./people.ts";
import type { Rejoining } from "./rejoining.ts";
import type { Receipts } from "./receipts.ts";
import type { Choices } from "./choices.ts";
import type { Reminders } from "./reminders.ts";
import type { Seen } from "./seen.ts";
import type { Settled } from "./settled.ts";
import { Sharing } from "./sharing.ts";
import type { LocalStore } from "./store.ts";
import { Syncing, type Synced } from "./syncing.ts";
import { Transport, type Fetch } from "./transport.ts";
import type { Shelf, Unplaced } from "./unplaced.ts";
import { Vault } from "./vault.ts";
import { Vouching, type Vouched } from "./vouching.ts";
import { namelessSlot, passphraseSlot, type NewSlot } from "./ways.ts";

/** What a client needs of the platform. */
export interface Platform {
  /** The server's address: scheme, host and port. */
  readonly origin: string;
  readonly fetch: Fetch;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** A way in to sign up with, before there is an account. */
export type FirstWay =
  | { readonly with: "passphrase"; readonly words: string; readonly word: string | null }
  | { readonly with: "passkey"; readonly secret: SlotSecret };

/** One account on one device. */
export class Mindhaven {
  readonly store: LocalStore;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  readonly people: People;
  readonly access: Access;
  readonly vault: Vault;
  readonly listing: Listing;
  readonly entries: Entries;
  readonly sharing: Sharing;
  readonly devices: Devices;
  readonly entrance: Entrance;
  readonly passkeys: Passkeys;
  readonly #vouching: Vouching;
  readonly #syncing: Syncing;
  #running: Promise<Synced> | null = null;
  #next: Promise<Synced> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(store: LocalStore, platform: Platform) {
    const transport = new Transport(platform.origin, platform.fetch, platform.now);
    this.store = store;
    this.now = platform.now;
    this.people = new People(store, transport);
    this.access = new Access(store, transport, this.people, platform.now);
    this.vault = new Vault(store, transport, this.access, this.people, platform.now);
    this.listing = new Listing(this.vault, store, platform.now);
    this.entries = new Entries(store, this.listing, this.access);
    const seqOf = (collection: Uint8Array): number => this.vault.state(collection)?.seq ?? -1;
    this.#vouching = new Vouching({
      store,
      transport,
      people: this.people,
      listing: this.listing,
      access: this.access,
      seqOf,
      now: platform.now,
    });
    const { access, people, vault, listing } = this;
    this.sharing = new Sharing({ store, transport, access, people, vault, listing }, this.#vouching);
    this.devices = new Devices(transport, this.access);
    this.entrance = new Entrance(this.access, transport);
    this.passkeys = new Passkeys(transport, this.access);
    this.#syncing = new Syncing(
      store,
      this.vault,
      this.listing,
      this.access,
      this.sharing,
      this.#vouching,
      {
        restoring: async (shown) => (await later()).restore(this, shown),
        after: async (held) => (await later()).afterSync(this, held),
      },
    );
  }

  /** Open what a device keeps; reading and writing work from here on, server or not. */
  static async open(store: LocalStore, platform: Platform): Promise<Mindhaven> {
    const client = new Mindhaven(store, platform);
    await client.access.load();
    await client.vault.load();
    client.#takeIndex();
    return client;
  }

  /** Return what a passkey is used over to sign in; null where the server asks for no such proof. Nobody is named. */
  static async loginChallenge(platform: Platform): Promise<Challenge | null> {
    return loginChallenge(new Transport(platform.origin, platform.fetch, platform.now));
  }

  get me(): Me | null {
    return this.access.me;
  }

  #takeIndex(): void {
    const index = this.access.me?.bundle.index;
    this.listing.id = index === undefined || equal(index, ZERO32) ? null : index;
  }

  /**
   * Make an account with two ways in, and begin its index: from here on, a sync sends what was written.
   *
   * Returns the id of the slot that `way` became; it was opened now.
   */
  async signUp(way: FirstWay, spareKey: SlotSecret, device: string): Promise<Uint8Array> {
    const started = await this.access.startSignup(way.with === "passphrase" ? way.word : null);
    const first: NewSlot =
      way.with === "passphrase"
        ? await passphraseSlot(way.words, started.handle, started.serverSalt)
        : namelessSlot(way.secret, slots.SlotKind.PASSKEY);
    await this.access.finishSignup(started, [first, namelessSlot(spareKey, slots.SlotKind.RECOVERY_KEY)], device);
    const { id, root } = await this.access.openWay(first.kind, () => Promise.resolve(first.secret));
    const index = await this.vault.create();
    this.listing.id = index;
    await this.access.change(root, { fresh: "nothing", index });
    await this.store.saved();
    return id;
  }

  /** Sign this device in by handle and passphrase; the records follow with the next sync. */
  async logIn(handle: string, words: string, device: string, beside?: Beside): Promise<void> {
    await this.access.logIn(handle, words, device, beside);
    this.#takeIndex();
    await this.store.saved();
  }

  /** Sign this device in by a passkey or the spare key, which find the account without a name. */
  async recover(
    secret: SlotSecret,
    kind: slots.SlotKind,
    device: string,
    assertion: Assertion | null = null,
  ): Promise<void> {
    await this.access.recover(secret, kind, device, assertion);
    this.#takeIndex();
    await this.store.saved();
  }

  /** Ask once whether another device let this one in; return whether it did. */
  async paired(fresh: pairing.NewDevice, device: string): Promise<boolean> {
    if (!(await (await this.pairing()).answered(fresh, device))) return false;
    this.#takeIndex();
    await this.store.saved();
    return true;
  }

  /** Open a way in now, for what asks for one; the caller lets go of the root soon. */
  async openWay(
    kind: slots.SlotKind,
    given: SlotSecret | string,
    assertion: Assertion | null = null,
  ): Promise<Opened> {
    const secretOf = async (params: Uint8Array): Promise<SlotSecret> =>
      typeof given === "string" ? slots.PassphraseParams.of(decode(params)).secret(given) : given;
    return this.access.openWay(kind, secretOf, assertion);
  }

  /**
   * Send what waits, then pull and verify everything; one at a time.
   *
   * Asked for while one runs, another follows it: what was written meanwhile is not in the one that runs.
   */
  async sync(): Promise<Synced> {
    if (this.#next !== null) return this.#next;
    if (this.#running === null) return this.#start();
    this.#next = this.#running.then(nothing, nothing).then(() => {
      this.#next = null;
      return this.#start();
    });
    return this.#next;
  }

  /** Look at the logs of keys and heads now: is anything hidden from this device? Throws what is (`Vouching.check`). */
  async checkLogs(): Promise<Checked> {
    return this.inTurn(() => this.#syncing.checkLogs());
  }

  /** Return whether the log of keys, and enough witnesses, vouch for an account's newest keys. Works offline. */
  vouched(uid: Uint8Array): Vouched {
    return this.#vouching.vouched(uid);
  }

  /** Demand that these witnesses vouch for the logs of this server (C2SP tlog-policy); empty: nobody. */
  async setPolicy(text: Uint8Array): Promise<void> {
    await this.#vouching.setPolicy(text);
  }

  /** Return what lets a device in, this one or another; it is loaded when it is first asked for. */
  async pairing(): Promise<Pairing> {
    return new (await later()).Pairing(this);
  }

  /** Return what sends and reads attachments; it is loaded when it is first asked for. */
  async files(): Promise<Files> {
    return new (await later()).Files(this);
  }

  /** Return files that were sent for an entry that is not written yet, of those that rest on a shelf of their own. */
  async unplaced(shelf?: Shelf): Promise<Unplaced> {
    return new (await later()).Unplaced(this, shelf);
  }

  /** Return what finds and gives back files of which a restored server lacks parts. */
  async parts(): Promise<Parts> {
    return new (await later()).Parts(this);
  }

  /** Return what shows and decides where a restored server has another history than this device. */
  async histories(): Promise<Rejoining> {
    return new (await later()).Rejoining(this);
  }

  /** Return what keeps receipts and holds the server to them; it is loaded when it is first asked for. */
  async receipts(): Promise<Receipts> {
    return new (await later()).Receipts(this);
  }

  /** Put a new spare key in the place of the old one (`spare.ts`). */
  async setSpareKey(opened: readonly Opened[], key: SlotSecret): Promise<number | null> {
    return (await later()).setSpareKey(this, opened, key);
  }

  /** Return what locks entries under a passphrase of their own. */
  async locks(): Promise<Locks> {
    return new (await later()).Locks(this);
  }

  /** Return what this person has decided of what others ask, on any device. */
  async settled(): Promise<Settled> {
    return new (await later()).Settled(this);
  }

  /** Return what this person allows the host, and what asks for it. */
  async choices(): Promise<Choices> {
    return new (await later()).Choices(this);
  }

  /** Return what was agreed to with each share, in the words that were signed. */
  async agreements(): Promise<Agreements> {
    return new (await later()).Agreements(this);
  }

  /** Return what turns the reminders of this device on and off. */
  async reminders(): Promise<Reminders> {
    return new (await later()).Reminders(this);
  }

  /** Return who touched one's data, each entry verified, from `since` on (seconds since 1970 UTC; `ActivityReader`). */
  async activity(asked?: { readonly since?: number }): Promise<Activity> {
    return this.inTurn(async () => (await later()).activity(this, asked));
  }

  /** Return what the server has of this person, as values (`seen`). */
  async seen(): Promise<Seen> {
    return this.inTurn(async () => (await later()).seen(this));
  }

  #start(): Promise<Synced> {
    this.#running = this.inTurn(() => this.#synced()).finally(() => (this.#running = null));
    return this.#running;
  }

  async #synced(): Promise<Synced> {
    try {
      return await this.#syncing.sync();
    } catch (error) {
      // A restored server may have lost this device, and newer keys with it.
      if (error instanceof SignedOutError) await later().then((its) => its.bringLost(this), nothing);
      throw error;
    }
  }

  /** Do what changes collections when its turn comes: two at once would each go on from what the other changes. */
  async inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act, act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

async function later(): Promise<typeof Later> {
  return import("./later.ts").catch(outOfReach);
}

/** What came of the one before is told to those who asked for it. */
function nothing(): void {
  return undefined;
}

/** Return a new spare key. */
export function freshSpareKey(): SlotSecret {
  return SlotSecret.fresh();
}
