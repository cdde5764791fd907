/**
 * A second unlock: entries under a passphrase of their own. Implements spec/lock.md.
 *
 * What is locked can't be read on this device, though it is signed in, before the lock's passphrase or the spare key is
 * given; its files go with it. Does not: keep what opens a lock anywhere. Whoever drops an `OpenedLock` has closed it.
 */

import {
  DeniedError,
  IntegrityError,
  InvalidInputError,
  MindhavenError,
  NotFoundError,
  type SlotSecret,
  type slots,
  base64,
  fromBase64,
  fromUtf8,
  hex,
  lock as locking,
  randomBytes,
  utf8,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import type { Entry } from "./entries.ts";
import { keyOf } from "./exchange/again.ts";
import { checkNew } from "./passphrases.ts";
import { check, fromContent, homeOf, monthOf, toContent, type Notes, type Record } from "./records.ts";

/** The collection of one's own that holds the ring: nobody else needs to know that there is a lock. */
const PLACE = "lock";
const ITEM_ID_BYTES = 16;
/** As many import keys as a record's list holds; the newest stay. */
const MOST_KNOWN = 1000;
/** What this client keeps on this device alone; no record is ever of that kind. */
const DRAFT = "mindhaven/draft";
/** What a passphrase or spare key of another lock gives. */
const WRONG = new Set(["commitment-mismatch", "lock-recovery-unknown"]);
const NO_FILES: Notes = { conflictOf: null, files: [] };

/** A ring as it is kept: the record that holds it, and what stands beside it. */
interface Kept {
  readonly entry: Entry;
  readonly ring: locking.Ring;
  readonly ended: boolean;
  readonly known: readonly string[];
}

function ringsOf(client: Mindhaven): Kept[] {
  return client.entries.all({ kind: locking.LOCK, locks: true }).flatMap((entry): Kept[] => {
    const { ring: written, ended, known } = entry.record?.body ?? {};
    if (!entry.mine || typeof written !== "string") return [];
    const texts = Array.isArray(known) ? known.filter((one) => typeof one === "string") : [];
    try {
      return [{ entry, ring: locking.Ring.decode(fromBase64(written)), ended: ended === true, known: texts }];
    } catch (error) {
      if (error instanceof MindhavenError) return []; // it opens nothing; another may
      throw error;
    }
  });
}

function lockedOf(client: Mindhaven): Entry[] {
  return client.entries.all({ kind: locking.LOCKED, locks: true }).filter((one) => one.mine);
}

interface Beside {
  readonly ended?: boolean;
  readonly known?: readonly string[];
}

function recordOf(client: Mindhaven, ring: locking.Ring, { ended = false, known = [] }: Beside = {}): Record {
  const body = {
    ring: base64(ring.encode()),
    ...(ended ? { ended } : {}),
    ...(known.length > 0 ? { known: known.slice(-MOST_KNOWN) } : {}),
  };
  return { kind: locking.LOCK, version: 1, createdAt: client.now(), zone: "UTC", body };
}

async function waysIn(client: Mindhaven): Promise<{ uid: Uint8Array; listed: slots.SlotList }> {
  const { uid } = client.access.needMe();
  return { uid, listed: (await client.access.shown(uid)).listed };
}

/** The locks of one account. */
export class Locks {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Whether this person has a lock: one that has not ended, or that something is still under. */
  exists(): boolean {
    const rings = ringsOf(this.#client);
    if (rings.length === 0 || rings.some(({ ended }) => !ended)) return rings.length > 0;
    const named = new Set(lockedOf(this.#client).map((one) => one.record?.body["lock"]));
    return rings.some(({ ring }) => named.has(hex(ring.id)));
  }

  /** Return the import keys of what is locked: an import is not to bring it in again. */
  known(): Set<string> {
    return new Set(ringsOf(this.#client).flatMap((one) => one.known));
  }

  /**
   * Make a lock and return it open; sync before, since another device may have made one.
   *
   * The server is asked for the ways in, so that the spare key opens it too. Throws `InvalidInputError`
   * (passphrase-short, passphrase-easy, lock-exists), `UnavailableError`.
   */
  async create(passphrase: string): Promise<OpenedLock> {
    checkNew(passphrase);
    if (this.exists()) throw new InvalidInputError("You have a lock already.", { code: "lock-exists" });
    const lock = locking.OpenLock.fresh();
    const { uid, listed } = await waysIn(this.#client);
    const ring = await locking.Ring.of(uid, lock, passphrase, listed);
    this.#client.entries.add(recordOf(this.#client, ring), PLACE);
    return new OpenedLock(this.#client, [lock]);
  }

  /** Return the lock of this passphrase; throws `DeniedError` (lock-closed), `NotFoundError` (lock-none). */
  async open(passphrase: string): Promise<OpenedLock> {
    return this.#open(async (ring) => ring.open(passphrase));
  }

  /** Return the lock that the spare key opens; throws as `open` does. */
  async openBySpareKey(key: SlotSecret): Promise<OpenedLock> {
    const { uid } = this.#client.access.needMe();
    return this.#open(async (ring) => ring.openByRecovery(uid, key));
  }

  async #open(by: (ring: locking.Ring) => Promise<locking.OpenLock>): Promise<OpenedLock> {
    if (!this.exists()) throw new NotFoundError("You have no lock.", { code: "lock-none" });
    const opened: locking.OpenLock[] = [];
    // Two devices may have made one each: all that this opens are one to the person.
    for (const { ring } of ringsOf(this.#client)) {
      try {
        opened.push(await by(ring));
      } catch (error) {
        if (!(error instanceof IntegrityError && WRONG.has(error.reason))) throw error;
      }
    }
    if (opened.length === 0) throw new DeniedError("This does not open the lock.", { code: "lock-closed" });
    return new OpenedLock(this.#client, opened);
  }
}

/** What one passphrase or spare key opens, while this object is kept. */
export class OpenedLock {
  readonly #client: Mindhaven;
  /** By their ids in hex. */
  readonly #locks: ReadonlyMap<string, locking.OpenLock>;

  constructor(client: Mindhaven, locks: readonly locking.OpenLock[]) {
    this.#client = client;
    this.#locks = new Map(locks.map((one) => [hex(one.id), one]));
  }

  /** Return what is locked, opened, oldest first; what does not open has no record and says why. */
  async entries(): Promise<Entry[]> {
    const found = lockedOf(this.#client).map(async (one): Promise<Entry[]> => {
      const named = one.record?.body["lock"];
      const lock = typeof named === "string" ? this.#locks.get(named) : undefined;
      return lock === undefined ? [] : [await openedOf(lock, one)];
    });
    return (await Promise.all(found)).flat();
  }

  /** Lock an entry of one's own, files and all; return its item. Throws `DeniedError` (not-the-author). */
  async lock(entry: Entry): Promise<Uint8Array> {
    if (!entry.mine) throw new DeniedError("Nobody locks another's entry.", { code: "not-the-author" });
    const record = recordIn(entry);
    const item = this.#replace(entry, await this.#sealed(record, entry.files), entry.files);
    this.#note(record);
    return item;
  }

  /** Make an entry of `entries` an ordinary one again; return its item. */
  unlock(entry: Entry): Uint8Array {
    const record = recordIn(entry);
    const key = keyOf(record);
    for (const [kept] of this.#mine()) {
      // The entry itself tells its key from now on.
      if (kept.known.includes(key)) this.#keep({ ...kept, known: kept.known.filter((one) => one !== key) }, kept.ring);
    }
    return this.#client.entries.revise(entry, record, entry.files);
  }

  /** Write a record that is locked from the beginning; return its item. */
  async add(record: Record, files: Notes["files"] = []): Promise<Uint8Array> {
    check(record);
    const sealed = await this.#sealed(record, files);
    const item = randomBytes(ITEM_ID_BYTES);
    return this.#client.entries.enqueue(item, 0, sealed, homeOf(record), NO_FILES, undefined, files);
  }

  /** Write a next revision of an entry of `entries`, still locked; return its item, a new one in another month. */
  async revise(entry: Entry, record: Record, files: Notes["files"] = entry.files): Promise<Uint8Array> {
    check(record);
    if (monthOf(recordIn(entry)) === monthOf(record)) {
      return this.#replace(entry, await this.#sealed(record, files), files);
    }
    const place = entry.collection ?? entry.collectionName;
    const sealed = await this.#sealed(record, files);
    const item = this.#client.entries.enqueue(randomBytes(ITEM_ID_BYTES), 0, sealed, place, NO_FILES, undefined, files);
    this.#client.entries.erase(entry);
    return item;
  }

  /** What this lock is called where something is kept for it: the id of the one that takes what is new. */
  get name(): string {
    return hex(this.#newest().id);
  }

  /** Return a text sealed under this lock: what is being written and not saved yet. */
  async seal(text: string): Promise<string> {
    return base64(await this.#newest().seal({ kind: DRAFT, version: 1, body: utf8(text) }));
  }

  /** Return what `seal` sealed, null for what is none of these locks'. */
  async unseal(text: string): Promise<string | null> {
    for (const lock of this.#locks.values()) {
      try {
        const held = await lock.open(fromBase64(text));
        return held.kind === DRAFT ? fromUtf8(held.body) : null;
      } catch (error) {
        if (!(error instanceof MindhavenError)) throw error;
      }
    }
    return null;
  }

  /** Give the lock another passphrase; throws `InvalidInputError` (passphrase-short, passphrase-easy). */
  async change(passphrase: string): Promise<void> {
    checkNew(passphrase);
    const { uid, listed } = await waysIn(this.#client);
    for (const [kept, lock] of this.#mine()) this.#keep(kept, await locking.Ring.of(uid, lock, passphrase, listed));
  }

  /** Wrap the lock to the spare keys of today; return whether that changed anything. spec/lock.md step 11. */
  async renew(): Promise<boolean> {
    const { uid, listed } = await waysIn(this.#client);
    let changed = false;
    for (const [kept, lock] of this.#mine()) {
      const newer = await kept.ring.rewrapped(uid, lock, listed);
      if (newer === undefined) continue;
      this.#keep(kept, newer);
      changed = true;
    }
    return changed;
  }

  /**
   * Unlock everything here and end the lock; return how many entries were unlocked.
   *
   * Its ring stays, so that what another device locked meanwhile still opens. Throws (entry-closed) if one can't be opened.
   */
  async remove(): Promise<number> {
    const found = await this.entries();
    found.forEach(recordIn);
    for (const one of found) this.unlock(one);
    for (const [{ entry, ring }] of this.#mine()) {
      this.#client.entries.revise(entry, recordOf(this.#client, ring, { ended: true }));
    }
    return found.length;
  }

  #mine(): [Kept, locking.OpenLock][] {
    return ringsOf(this.#client).flatMap((kept): [Kept, locking.OpenLock][] => {
      const lock = this.#locks.get(hex(kept.ring.id));
      return lock === undefined ? [] : [[kept, lock]];
    });
  }

  #keep({ entry, ended, known }: Kept, ring: locking.Ring): void {
    this.#client.entries.revise(entry, recordOf(this.#client, ring, { ended, known }));
  }

  /** Note the import key of what was locked beside the first ring. */
  #note(record: Record): void {
    const key = keyOf(record);
    const first = this.#mine()[0]?.[0];
    if (key === "" || first === undefined || first.known.includes(key)) return;
    this.#keep({ ...first, known: [...first.known, key] }, first.ring);
  }

  /** Return the lock for what is new: the first that has not ended, as every device orders them. */
  #newest(): locking.OpenLock {
    const mine = this.#mine();
    const found = (mine.find(([kept]) => !kept.ended) ?? mine[0])?.[1] ?? [...this.#locks.values()][0];
    if (found === undefined) throw new NotFoundError("You have no lock.", { code: "lock-none" });
    return found;
  }

  #replace(entry: Entry, record: Record, files: Notes["files"]): Uint8Array {
    const place = entry.collection ?? entry.collectionName;
    return this.#client.entries.enqueue(entry.item, entry.revision, record, place, NO_FILES, undefined, files);
  }

  async #sealed(record: Record, files: Notes["files"]): Promise<Record> {
    const lock = this.#newest();
    const box = await lock.seal(toContent(record, { conflictOf: null, files }));
    const { createdAt, zone } = record;
    const body = { lock: hex(lock.id), sealed: base64(box) };
    return { kind: locking.LOCKED, version: 1, createdAt, zone, body };
  }
}

async function openedOf(lock: locking.OpenLock, entry: Entry): Promise<Entry> {
  const outer = recordIn(entry);
  const written = outer.body["sealed"];
  try {
    const held = await lock.open(fromBase64(typeof written === "string" ? written : ""));
    const { createdAt, zone } = outer;
    const { record, notes } = fromContent({ ...held, createdAt, zone });
    check(record);
    return { ...entry, record, files: notes.files };
  } catch (error) {
    if (error instanceof MindhavenError) return { ...entry, record: null, error: error.reason };
    throw error;
  }
}

function recordIn(entry: Entry): Record {
  if (entry.record !== null) return entry.record;
  throw new InvalidInputError("This entry can't be opened on this device.", { code: "entry-closed" });
}
