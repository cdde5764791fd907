/**
 * What the worker does for the page: it alone holds keys. Every argument and answer is plain data; ids are hex.
 *
 * Guarantees: nothing that unlocks leaves this device; before the person agrees to a sealed copy, nothing leaves at all.
 */

import {
  InvalidInputError,
  SealKey,
  SlotSecret,
  decode,
  encode,
  fromHex,
  hex,
  recovery,
  shape,
  slots,
  type pairing,
} from "@mindhaven/crypto";
import {
  LocalStore,
  Mindhaven,
  freshSpareKey,
  type Beside,
  type Opened,
  type Platform,
  type RecentAct,
  type Registration,
} from "@mindhaven/sdk";
import { IndexedRows, secretOf, unlockWith, type Key, type LockWay } from "@mindhaven/sdk/browser";

import { Circle } from "./circle.ts";
import { Desk } from "./desk.ts";
import { Doors, type House } from "./doors.ts";
import { Drawer } from "./drawer.ts";
import { Exchange } from "./exchange.ts";
import { erasedShown } from "./erased.ts";
import { forgetFirst, keepFirst } from "./first.ts";
import { addLock, keepLocks, lockWays } from "./locks.ts";
import { PassingRows, type Rested } from "./memory.ts";
import { Rooms } from "./rooms.ts";
import { assertionOf, isOwn, normal, ownerOf, recordOf, refusedKey, shownEntry, shownSynced, shownWay } from "./showing.ts";
import type { DeviceShown, EntryShown, ErasedShown, NewEntry, Status, SyncedShown } from "./shown.ts";

const DATABASE = "mindhaven";
const SPARE = "spare-key";
/** How many rows of the spare key are asked back, of eight. */
const ROWS_ASKED = 2;

/** The engine of one page; `news` is told when something changed without the page asking. */
export class Engine {
  readonly #origin: string;
  #rows: Rested | null = null;
  /** This device is shared: nothing is kept on it. */
  #passing = false;
  #client: Mindhaven | null = null;
  /** What unlocked this sitting, and the store's key: kept until there is an account, whose keys it would open. */
  #key: Key | null = null;
  #storeKey: SealKey | null = null;
  /** This device while it waits to be let in by another. */
  #waiting: pairing.NewDevice | null = null;

  readonly #house: House = {
    open: () => this.#open(),
    openWay: (key) => this.#openWay(key),
    unlockAgain: (keys) => this.#unlockAgain(keys),
    addLock: (key, dueAt) => this.#addLock(key, dueAt),
    keepLocks: async (ways) => keepLocks(await this.#database(), ways),
    locks: async () => (await this.#lock()) ?? [],
    letGo: () => {
      this.#settle();
    },
  };

  /** Changing ways in. */
  readonly doors = new Doors(this.#house);
  /** People, and what is shared with them. */
  readonly circle = new Circle(() => this.#open());
  readonly desk = new Desk(() => this.#open().store);
  /** Files of entries. */
  readonly drawer = new Drawer(() => this.#open());
  readonly rooms = new Rooms({ open: () => this.#open(), desk: this.desk, house: this.#house });
  /** Everything as a file, and files of other apps. */
  readonly exchange = new Exchange(() => this.#open());

  constructor(origin: string) {
    this.#origin = origin;
  }

  async #database(): Promise<Rested> {
    this.#rows ??= this.#passing ? new PassingRows() : await IndexedRows.open(DATABASE);
    return this.#rows;
  }

  async #lock(): Promise<readonly LockWay[] | null> {
    return lockWays(await this.#database());
  }

  #open(): Mindhaven {
    if (this.#client === null) throw new InvalidInputError("Unlock this first.", { code: "locked" });
    return this.#client;
  }

  async #openStore(storeKey: SealKey, key: Key): Promise<void> {
    const store = await LocalStore.open(await this.#database(), storeKey);
    this.#client = await Mindhaven.open(store, this.#platform());
    this.#storeKey = storeKey;
    this.#key = key;
    this.#settle();
  }

  /** Let go of what opens the store once there is an account: from then on it would open the seeds of its keys. */
  #settle(): void {
    if (this.#client?.me === null) return;
    this.#storeKey = null;
    this.#key = null;
  }

  /** This device has joined an account that was there: the passkey that it may have begun with is no way in of it. */
  #joined(): void {
    forgetFirst(this.#open().store);
    this.#settle();
  }

  /** Take the store's key up again, for changing what unlocks this device; throws (unlock-here) if no key opens it. */
  async #unlockAgain(keys: readonly Key[]): Promise<void> {
    const ways = (await this.#lock()) ?? [];
    for (const key of keys) {
      this.#storeKey ??= await unlockWith(key, ways).catch(refusedKey);
    }
    if (this.#storeKey !== null) return;
    throw new InvalidInputError("This opens your account, but not this device.", {
      code: "unlock-here",
      hint: "Open this device once more, the way you opened it today.",
    });
  }

  #platform(): Platform {
    return { origin: this.#origin, fetch: (url, init) => fetch(url, init), now: Date.now };
  }

  // -- opening

  /** Keep nothing on this device from now on, or keep it again; throws (store-exists) if something is here already. */
  async shareDevice(on: boolean): Promise<void> {
    if ((await this.#lock()) !== null) {
      throw new InvalidInputError("There is something on this device already.", { code: "store-exists" });
    }
    this.#rows?.close();
    this.#rows = null;
    if (on) await IndexedRows.remove(DATABASE); // an empty one
    this.#passing = on;
  }

  /** Return where this device stands: nothing here, locked, or open. */
  async status(): Promise<Status> {
    const lock = await this.#lock();
    if (lock === null) return { stage: "empty" };
    const ways = lock.map(shownWay);
    if (this.#client === null) return { stage: "locked", ways };
    const me = this.#client.me;
    return {
      stage: "open",
      ways,
      handle: me?.handle ?? null,
      signedIn: me !== null && me.session.length > 0,
      finished: me !== null,
    };
  }

  /** Begin on this device: a new sealed store that `key` unlocks; `made`: its passkey. Nothing leaves the device. */
  async begin(key: Key, made: Registration | null = null): Promise<void> {
    if ((await this.#lock()) !== null) {
      throw new InvalidInputError("There is something on this device already.", { code: "store-exists" });
    }
    const storeKey = SealKey.fresh();
    await addLock(await this.#database(), key, storeKey);
    await this.#openStore(storeKey, key);
    if (made === null) return;
    keepFirst(this.#open().store, made);
    await this.#open().store.saved();
  }

  /** Unlock what is on this device; needs no server. */
  async unlock(key: Key): Promise<void> {
    const lock = await this.#lock();
    if (lock === null) throw new InvalidInputError("There is nothing to unlock here.", { code: "store-missing" });
    await this.#openStore(await unlockWith(key, lock), key);
  }

  /** Let go of every key. */
  lock(): void {
    this.#client = null;
    this.rooms.leave();
    this.#storeKey = null;
    this.#key = null;
    this.#waiting = null;
    this.doors.letGo();
    this.exchange.letGo();
    this.doors.firstSlot = null;
  }

  // -- writing and reading

  /** Write an entry, with what was attached to it; it rests, sealed, before this returns its id. */
  async add(entry: NewEntry, attached: readonly string[] = []): Promise<string> {
    const client = this.#open();
    const item = await this.drawer.taken(attached, (files) => client.entries.add(recordOf(entry), null, files));
    await client.store.saved();
    return hex(item);
  }

  /** Change an entry; what was attached before stays with it, but for the numbers in `without`. */
  async revise(item: string, entry: NewEntry, attached: readonly string[] = [], without: readonly number[] = []): Promise<string> {
    const client = this.#open();
    const before = client.entries.one(fromHex(item));
    const files = before.files.filter((_one, number) => !without.includes(number));
    const changed = await this.drawer.taken(attached, (more) => client.entries.revise(before, recordOf(entry), [...files, ...more]));
    await client.store.saved();
    return hex(changed);
  }

  async erase(item: string): Promise<void> {
    const client = this.#open();
    client.entries.erase(client.entries.one(fromHex(item)));
    await client.store.saved();
  }

  /** Return the entries on this device, the newest first; `owner` (hex): only what that person shares. */
  entries(owner: string | null): EntryShown[] {
    const client = this.#open();
    return client.entries
      .all()
      .filter((one) => (owner === null ? isOwn(client, one) : ownerOf(client, one) === owner))
      .map(shownEntry)
      .reverse();
  }

  // -- the spare key

  /** Return the rows of the spare key that waits to be kept; it rests before anybody copies it. */
  async spareKey(): Promise<string[]> {
    const key = this.#spare();
    await this.#open().store.saved();
    return recovery.rows(key);
  }

  #spare(): SlotSecret {
    const store = this.#open().store;
    const kept = store.get(SPARE);
    if (kept !== null) {
      const [key] = shape.fields(decode(kept), 2, "A spare key's row");
      return new SlotSecret(shape.raw(key, "A spare key", { length: 32 }));
    }
    const key = freshSpareKey();
    store.put(SPARE, encode([key.bytes, false]));
    return key;
  }

  /** Take two rows back, as proof that the key is kept; throws (spare-row) for one that is not right. */
  async confirmSpareKey(given: Readonly<Record<number, string>>): Promise<void> {
    const key = this.#spare();
    const rows = recovery.rows(key);
    const wrong = Object.entries(given).find(([row, text]) => normal(text) !== rows[Number(row)]);
    if (wrong !== undefined || Object.keys(given).length < ROWS_ASKED) {
      throw new InvalidInputError(`Row ${String(Number(wrong?.[0] ?? 0) + 1)} is not the same as on your key.`, {
        code: "spare-row",
        hint: "Look at that row again.",
      });
    }
    const client = this.#open();
    client.store.put(SPARE, encode([key.bytes, true]));
    await this.#addLock({ with: "spare", rows: rows.join("") });
    await client.store.saved();
  }

  async #addLock(key: Key, dueAt: number | null = null): Promise<void> {
    if (this.#storeKey === null) throw new InvalidInputError("Unlock this first.", { code: "locked" });
    const waits = dueAt === null ? null : await (await import("./standing.ts")).statementDue(this.#open(), dueAt);
    await addLock(await this.#database(), key, this.#storeKey, waits);
  }

  // -- the account

  /** Make the account and send a sealed copy: the person agreed, and has a second way in. */
  async keepSealedCopy(device: string, word: string | null): Promise<SyncedShown> {
    const client = this.#open();
    const kept = client.store.get(SPARE);
    const confirmed = kept !== null && shape.fields(decode(kept), 2, "A spare key's row")[1] === true;
    if (!confirmed) throw new InvalidInputError("Keep the spare key first.", { code: "spare-needed" });
    if (client.me === null) {
      const key = this.#key;
      if (key === null) throw new InvalidInputError("Unlock this first.", { code: "locked" });
      const known = secretOf(key);
      const way =
        known === null
          ? ({ with: "passphrase", words: key.with === "passphrase" ? key.words : "", word } as const)
          : ({ with: "passkey", secret: known.secret } as const);
      this.doors.firstSlot = await client.inTurn(() => client.signUp(way, this.#spare(), device));
      client.store.remove(SPARE);
      this.#settle();
    }
    return this.sync();
  }

  /** Return what a passkey is used over to sign in, null where none is asked for. Works before anything is unlocked. */
  async loginChallenge(): Promise<Uint8Array | null> {
    return (await Mindhaven.loginChallenge(this.#platform()))?.challenge ?? null;
  }

  /** Sign in to an account that is there already; a new sealed store is begun for it. The entries come by `sync`. */
  async signIn(key: Key, handle: string | null, device: string, beside: Beside): Promise<void> {
    const fresh = (await this.#lock()) === null;
    if (fresh) await this.begin(key);
    try {
      const client = this.#open();
      const again = client.me !== null;
      const known = secretOf(key);
      if (known !== null) await client.recover(known.secret, known.kind, device, assertionOf(key));
      else await client.logIn(handle ?? "", key.with === "passphrase" ? key.words : "", device, beside);
      if (!again) this.#joined();
    } catch (error) {
      if (fresh) await this.forget(); // only what was begun for this: entries that were here before stay
      throw error;
    }
  }

  /** Send what waits, then pull and verify everything. */
  async sync(): Promise<SyncedShown> {
    return shownSynced(await this.#open().sync());
  }

  // -- letting a device in

  /** Wait to be let in, on a device that was begun for it; return the link to show. */
  async beginPairing(): Promise<string> {
    const pairing = await this.#open().pairing();
    this.#waiting = await pairing.begin();
    return pairing.linkOf(this.#waiting);
  }

  /** Ask once whether this device was let in. The entries come by `sync`. */
  async paired(device: string): Promise<boolean> {
    if (this.#waiting === null) throw new InvalidInputError("No device waits here.", { code: "pairing-unknown" });
    if (!(await this.#open().paired(this.#waiting, device))) return false;
    this.#waiting = null;
    this.#joined();
    return true;
  }

  /** Let the device in whose link this is; `key` opens a way in once more. */
  async letIn(link: string, key: Key): Promise<void> {
    await (await this.#open().pairing()).letIn(link, await this.#openWay(key));
  }

  // -- devices, and leaving

  async devices(): Promise<DeviceShown[]> {
    return (await this.#open().devices.all()).map(({ session, ...rest }) => ({ ...rest, session: hex(session) }));
  }

  async recent(): Promise<RecentAct[]> {
    return this.#open().devices.recent();
  }

  /** Sign another device out, and make new keys; `key` opens a way in once more. */
  async endDevice(session: string, key: Key): Promise<void> {
    const client = this.#open();
    const opened = await this.#openWay(key);
    await client.devices.end(fromHex(session));
    await client.inTurn(() => client.access.change(opened.root, { fresh: "keys" }));
    await client.sync();
  }

  async #openWay(key: Key): Promise<Opened> {
    const known = secretOf(key);
    const given = known?.secret ?? (key.with === "passphrase" ? key.words : "");
    return this.#open().openWay(known?.kind ?? slots.SlotKind.PASSPHRASE, given, assertionOf(key));
  }

  /** Erase the account at the server, and everything on this device; return what the server promised, as a receipt. */
  async leave(keys: readonly Key[]): Promise<ErasedShown | null> {
    const client = this.#open();
    for (const key of keys) await this.#openWay(key);
    const answer = await client.devices.eraseAccount();
    try {
      return await erasedShown(client, answer);
    } finally {
      await this.forget();
    }
  }

  /** Remove everything from this device. */
  async forget(): Promise<void> {
    this.lock();
    this.#rows?.close();
    this.#rows = null;
    if (!this.#passing) await IndexedRows.remove(DATABASE);
  }
}
