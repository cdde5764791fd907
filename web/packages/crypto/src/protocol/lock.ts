/**
 * Locks: records sealed once more, under a passphrase of their own or the recovery key. Implements spec/lock.md.
 *
 * What a passphrase or a recovery key opens is the lock's key or nothing.
 * Does not: keep a passphrase, say how many records are locked, or know who wrote them (their commits do).
 */

import { hex } from "../bytes.ts";
import { checkEqual, mac, SERVER_SALT_BYTES } from "../derive.ts";
import { decode, encode, labelledHash } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import { openBox, sealBox } from "../seal.ts";
import { SealKey, type SlotSecret } from "../secrets.ts";
import * as shape from "../shape.ts";
import { randomBytes } from "../subtle.ts";
import { ENC_BYTES, wrap, wrapInfo, type Wrapped, wrapped } from "../wrap.ts";
import { MAX_SLOTS, PassphraseParams, type Slot, SlotKeys, SlotKind, type SlotList } from "./slots.ts";

export const LOCK_ID_BYTES = 16;
const NAME_BYTES = 16;
/** A key of 32 bytes and its tag. */
const WRAP_BYTES = 48;
/** Sixteen wraps of 1.2 KiB and the rest, with room: more is no ring. */
export const MAX_RING_BYTES = 65_536;
/** As long as a record's body may be. */
const MAX_LOCKED_BYTES = 8 * 1024 * 1024;
export const LOCK = "mindhaven/lock";
export const LOCKED = "mindhaven/locked";

const nameOf = (id: Uint8Array): string => `lock ${hex(id)}`;

function notNested(kind: string): void {
  if (kind === LOCK || kind === LOCKED) {
    throw new InvalidInputError("A locked record can't hold another lock.", { code: "lock-nested" });
  }
}

/** What a locked record holds: its own kind and version, and its body as bytes. */
export interface Held {
  readonly kind: string;
  readonly version: number;
  readonly body: Uint8Array;
}

/** A lock whose key is here: seals and opens records. */
export class OpenLock {
  readonly id: Uint8Array;
  readonly key: SealKey;

  constructor(id: Uint8Array, key: SealKey) {
    this.id = id;
    this.key = key;
  }

  /** Return a new lock: spec/lock.md step 1. */
  static fresh(): OpenLock {
    return new OpenLock(randomBytes(LOCK_ID_BYTES), SealKey.fresh());
  }

  /** Return what tells this lock's key from any other: spec/lock.md step 5. */
  check(): Uint8Array {
    return mac(this.key, "lock-check", encode([this.id]));
  }

  /** Return the box of a record: spec/lock.md step 8. Raises `InvalidInputError` (lock-nested). */
  async seal({ kind, version, body }: Held): Promise<Uint8Array> {
    notNested(kind);
    return sealBox(this.key, "locked", encode([this.id]), encode([kind, version, body]));
  }

  /**
   * Return what a locked record holds: spec/lock.md steps 8 and 9.
   *
   * Raises `IntegrityError` (commitment-mismatch, seal-does-not-open) and `InvalidInputError` (shape, lock-nested).
   */
  async open(box: Uint8Array): Promise<Held> {
    const plain = await openBox(this.key, "locked", encode([this.id]), box);
    const [kind, version, body] = shape.fields(decode(plain), 3, "A locked record");
    const held = {
      kind: shape.text(kind, "A kind", { most: 100 }),
      version: shape.number(version, "A version", { least: 1 }),
      body: shape.raw(body, "A body", { most: MAX_LOCKED_BYTES }),
    };
    notNested(held.kind);
    return held;
  }
}

interface SlotWrap {
  readonly name: Uint8Array;
  readonly wrapped: Wrapped;
}

function wrapOf(entry: unknown): SlotWrap {
  const [name, enc, ciphertext] = shape.fields(entry, 3, "A lock's wrap");
  return {
    name: shape.raw(name, "A wrap's name", { length: NAME_BYTES }),
    wrapped: wrapped(
      shape.raw(enc, "An encapsulated key", { length: ENC_BYTES }),
      shape.raw(ciphertext, "A wrap", { length: WRAP_BYTES }),
    ),
  };
}

const recoverySlots = (ways: SlotList): readonly Slot[] =>
  ways.slots.filter((slot) => slot.kind === SlotKind.RECOVERY_KEY);

async function wrapsFor(uid: Uint8Array, lock: OpenLock, ways: SlotList): Promise<SlotWrap[]> {
  return Promise.all(
    recoverySlots(ways).map(async (slot) => {
      const name = nameOfKey(slot.xwing);
      const info = wrapInfo("lock-wrap", uid, uid, name, [lock.id]);
      return { name, wrapped: await wrap(slot.xwing, lock.key, info) };
    }),
  );
}

function nameOfKey(xwing: Uint8Array): Uint8Array {
  return labelledHash("lock-slot", xwing).slice(0, NAME_BYTES);
}

const namesOf = (ids: readonly Uint8Array[]): string => ids.map(hex).sort().join();

/** How a lock's key lies sealed: to its passphrase, and to each recovery key. spec/lock.md steps 2 to 5. */
export class Ring {
  readonly id: Uint8Array;
  readonly params: PassphraseParams;
  readonly box: Uint8Array;
  readonly wraps: readonly SlotWrap[];
  readonly check: Uint8Array;

  constructor(parts: Pick<Ring, "id" | "params" | "box" | "wraps" | "check">) {
    this.id = parts.id;
    this.params = parts.params;
    this.box = parts.box;
    this.wraps = parts.wraps;
    this.check = parts.check;
  }

  /** Return a ring of that person for `lock`, under a new salt; `ways` is a list whose hash the newest statement names. */
  static async of(uid: Uint8Array, lock: OpenLock, passphrase: string, ways: SlotList): Promise<Ring> {
    const params = PassphraseParams.fresh(nameOf(lock.id), randomBytes(SERVER_SALT_BYTES));
    const secret = await params.secret(passphrase);
    const box = await sealBox(secret, "lock", encode([lock.id]), lock.key.bytes);
    return new Ring({ id: lock.id, params, box, wraps: await wrapsFor(uid, lock, ways), check: lock.check() });
  }

  /** Return CBOR [lock id, params, box, wraps, check]. */
  encode(): Uint8Array {
    const wraps = this.wraps.map(({ name, wrapped: { enc, ciphertext } }) => [name, enc, ciphertext]);
    return encode([this.id, this.params.value(), this.box, wraps, this.check]);
  }

  /** Return the ring that `data` encodes; raise `InvalidInputError` (lock-ring, lock-name, slot-double, shape). */
  static decode(data: Uint8Array): Ring {
    if (data.length > MAX_RING_BYTES) {
      throw new InvalidInputError("A lock's ring is too large.", { code: "lock-ring" });
    }
    const [id, asked, box, entries, check] = shape.fields(decode(data), 5, "A lock's ring");
    const lockId = shape.raw(id, "A lock id", { length: LOCK_ID_BYTES });
    const params = PassphraseParams.of(asked);
    if (params.cost.name !== nameOf(lockId)) {
      throw new InvalidInputError("A lock's ring names another lock.", { code: "lock-name" });
    }
    const wraps = shape.items(entries, "A lock's wraps", { most: MAX_SLOTS }).map(wrapOf);
    if (new Set(wraps.map(({ name }) => hex(name))).size !== wraps.length) {
      throw new InvalidInputError("A lock is wrapped to one way in twice.", { code: "slot-double" });
    }
    return new Ring({
      id: lockId,
      params,
      box: shape.raw(box, "A lock's box", { most: 1024 }),
      wraps,
      check: shape.raw(check, "A lock's check", { length: 32 }),
    });
  }

  /**
   * Return the lock by its passphrase: spec/lock.md steps 3, 5 and 7.
   *
   * Raises `IntegrityError`: argon2-floor, commitment-mismatch (another passphrase), lock-check.
   */
  async open(passphrase: string): Promise<OpenLock> {
    const secret = await this.params.secret(passphrase);
    return this.#checked(await openBox(secret, "lock", encode([this.id]), this.box));
  }

  /**
   * Return the lock by a recovery key: spec/lock.md steps 5 and 6.
   *
   * Raises `IntegrityError`: lock-recovery-unknown, lock-check.
   */
  async openByRecovery(uid: Uint8Array, secret: SlotSecret): Promise<OpenLock> {
    const { unwrapper } = await SlotKeys.of(secret, SlotKind.RECOVERY_KEY);
    for (const { name, wrapped } of this.wraps) {
      const info = wrapInfo("lock-wrap", uid, uid, name, [this.id]);
      const key = await unwrapper.unwrap(wrapped, info).catch((error: unknown) => {
        if (error instanceof IntegrityError) return null;
        throw error;
      });
      if (key !== null) return this.#checked(key);
    }
    throw new IntegrityError("This spare key does not open the lock.", { code: "lock-recovery-unknown" });
  }

  /** Return this ring for the recovery keys of today, or undefined if it already is: spec/lock.md step 10. */
  async rewrapped(uid: Uint8Array, lock: OpenLock, ways: SlotList): Promise<Ring | undefined> {
    const there = namesOf(this.wraps.map(({ name }) => name));
    if (there === namesOf(recoverySlots(ways).map(({ xwing }) => nameOfKey(xwing)))) return undefined;
    const { id, params, box, check } = this;
    return new Ring({ id, params, box, check, wraps: await wrapsFor(uid, lock, ways) });
  }

  #checked(key: Uint8Array): OpenLock {
    const lock = new OpenLock(this.id, new SealKey(key));
    checkEqual(lock.check(), this.check, "What opened is not this lock's key.", "lock-check");
    return lock;
  }
}
