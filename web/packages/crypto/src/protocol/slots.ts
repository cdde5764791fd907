/**
 * Slots: the ways in to an account, and the bundle that they open. Implements spec/slots.md.
 *
 * A slot, root or wrap of the server's making fails by name before any key is used. Does not: ask for a passphrase or
 * store anything.
 */

import { equal } from "../bytes.ts";
import {
  ARGON2_LANES,
  ARGON2_MEMORY_KIB,
  ARGON2_PASSES,
  checkEqual,
  derive,
  mac,
  type PassphraseCost,
  passphraseSecret,
  SERVER_SALT_BYTES,
} from "../derive.ts";
import { decode, encode, labelledHash, type Value } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import { RootKey, Seed, SlotSecret } from "../secrets.ts";
import * as shape from "../shape.ts";
import { SessionSigner } from "../sign.ts";
import { randomBytes } from "../subtle.ts";
import { PUBLIC_KEY_BYTES, UnwrapKey, wrap, wrapInfo, type Wrapped } from "../wrap.ts";
import { type AccountState, authority, samePair } from "./account.ts";

export { Bundle, bundleBytesMost, checkBundle, joinBundles, MAX_GENERATIONS, openBundle, sealBundle } from "./bundle.ts";
export const SLOT_ID_BYTES = 16;
/** Ways in of one account: more than anyone keeps apart; bounds the wraps of one rotation. */
export const MAX_SLOTS = 16;
export const LIST_SALT_BYTES = 32;

/** What opens a slot. */
export const SlotKind = { PASSPHRASE: 1, RECOVERY_KEY: 2, PASSKEY: 3, GUARDIANS: 4 } as const;
export type SlotKind = (typeof SlotKind)[keyof typeof SlotKind];

const AUTH_LABEL: Readonly<Record<SlotKind, string>> = {
  [SlotKind.PASSPHRASE]: "pw-auth",
  [SlotKind.RECOVERY_KEY]: "recovery-auth",
  [SlotKind.PASSKEY]: "passkey-auth",
  [SlotKind.GUARDIANS]: "guardians-auth",
};

/** Return the kind of that number; raise `InvalidInputError` (slot-kind) if there is none. */
export function slotKind(number: number): SlotKind {
  const found = Object.values(SlotKind).find((kind) => kind === number);
  if (found === undefined) throw new InvalidInputError("A slot has an unknown kind.", { code: "slot-kind" });
  return found;
}

const LOOKUP_LABEL: Readonly<Partial<Record<SlotKind, string>>> = {
  [SlotKind.RECOVERY_KEY]: "recovery-lookup",
  [SlotKind.PASSKEY]: "passkey-lookup",
};
export const PRF_BYTES = 32;
export const LOOKUP_BYTES = 16;
/** What an authenticator is asked with: one for all, since it keeps each passkey's secret apart. */
export const PASSKEY_SALT: Uint8Array = labelledHash("passkey-salt");

/**
 * Return the slot secret of a passkey from its PRF output (32 bytes): spec/slots.md step 3.
 *
 * Raises `InvalidInputError` (passkey-prf) for another length.
 */
export function passkeySecret(prf: Uint8Array): SlotSecret {
  if (prf.length !== PRF_BYTES) {
    throw new InvalidInputError("A passkey's output is exactly 32 bytes.", { code: "passkey-prf" });
  }
  return new SlotSecret(derive(prf, "passkey-prf"));
}

/** Return the id by which a slot finds its account without a name, or undefined for kinds that need one: step 13. */
export function lookupId(secret: SlotSecret, kind: SlotKind): Uint8Array | undefined {
  const label = LOOKUP_LABEL[kind];
  return label === undefined ? undefined : derive(secret, label, { length: LOOKUP_BYTES });
}

/** How a passphrase becomes a slot secret: Argon2id cost, the server's 16 bytes, the name that salts it. */
export class PassphraseParams {
  readonly #cost: PassphraseCost;

  constructor(cost: PassphraseCost) {
    this.#cost = cost;
  }

  /** Return today's parameters for `name`. */
  static fresh(name: string, serverSalt: Uint8Array): PassphraseParams {
    return new PassphraseParams({
      name,
      serverSalt,
      memoryKib: ARGON2_MEMORY_KIB,
      passes: ARGON2_PASSES,
      lanes: ARGON2_LANES,
    });
  }

  /** Return the parameters that a decoded list holds. */
  static of(value: unknown): PassphraseParams {
    const [memoryKib, passes, lanes, serverSalt, name] = shape.fields(value, 5, "Passphrase parameters");
    return new PassphraseParams({
      memoryKib: shape.number(memoryKib, "Argon2 memory"),
      passes: shape.number(passes, "Argon2 passes"),
      lanes: shape.number(lanes, "Argon2 lanes"),
      serverSalt: shape.raw(serverSalt, "A passphrase salt", { length: SERVER_SALT_BYTES }),
      name: shape.text(name, "A handle", { most: 64 }),
    });
  }

  /** The numbers and names themselves. */
  get cost(): PassphraseCost {
    return this.#cost;
  }

  /** Return the CBOR value of these parameters. */
  value(): Value {
    const { memoryKib, passes, lanes, serverSalt, name } = this.#cost;
    return [memoryKib, passes, lanes, serverSalt, name];
  }

  /** Return the slot secret that `passphrase` yields; raises `IntegrityError` (argon2-floor) for weak ones. */
  async secret(passphrase: string): Promise<SlotSecret> {
    return passphraseSecret(passphrase, this.#cost);
  }
}

/** One way in: `[id, kind, params, X-Wing public key]`. `params` is CBOR, empty list where the kind has none. */
export class Slot {
  readonly id: Uint8Array;
  readonly kind: SlotKind;
  readonly params: Uint8Array;
  readonly xwing: Uint8Array;

  constructor(id: Uint8Array, kind: SlotKind, params: Uint8Array, xwing: Uint8Array) {
    this.id = id;
    this.kind = kind;
    this.params = params;
    this.xwing = xwing;
  }

  /** Return the slot that a decoded list holds. */
  static of(value: unknown): Slot {
    const [id, kind, params, xwing] = shape.fields(value, 4, "A slot");
    const known = slotKind(shape.number(kind, "A slot's kind"));
    return new Slot(
      shape.raw(id, "A slot id", { length: SLOT_ID_BYTES }),
      known,
      shape.raw(params, "A slot's parameters", { most: 1024 }),
      shape.raw(xwing, "A slot's public key", { length: PUBLIC_KEY_BYTES }),
    );
  }

  /** Return the CBOR value of this slot. */
  value(): Value {
    return [this.id, this.kind, this.params, this.xwing];
  }

  /** Return the parameters of a passphrase slot. */
  passphraseParams(): PassphraseParams {
    return PassphraseParams.of(decode(this.params));
  }
}

/** What one slot secret yields: the key that unwraps the root, the tag key, the log-in key. */
export class SlotKeys {
  readonly unwrapper: UnwrapKey;
  readonly login: SessionSigner;
  readonly #tagKey: Uint8Array;

  private constructor(unwrapper: UnwrapKey, tagKey: Uint8Array, login: SessionSigner) {
    this.unwrapper = unwrapper;
    this.#tagKey = tagKey;
    this.login = login;
  }

  /** Derive the keys of a slot of `kind`: spec/slots.md step 4. */
  static async of(secret: SlotSecret, kind: SlotKind): Promise<SlotKeys> {
    const [unwrapper, login] = await Promise.all([
      UnwrapKey.fromSeed(new Seed(derive(secret, "slot-xwing"))),
      SessionSigner.fromSeed(new Seed(derive(secret, AUTH_LABEL[kind]))),
    ]);
    return new SlotKeys(unwrapper, derive(secret, "slot-tag"), login);
  }

  /** The key under which the slot's tag is made (32 bytes). */
  get tagKey(): Uint8Array {
    return this.#tagKey;
  }
}

/** All slots of an account and the salt that hides them in the statement's hash. */
export class SlotList {
  readonly salt: Uint8Array;
  readonly slots: readonly Slot[];

  constructor(salt: Uint8Array, slots: readonly Slot[]) {
    this.salt = salt;
    this.slots = slots;
  }

  /** Return what `data` encodes; raise `InvalidInputError` for another shape or doubled ids. */
  static decode(data: Uint8Array): SlotList {
    const [salt, slots] = shape.fields(decode(data), 2, "A slot list");
    const parsed = shape.items(slots, "The slots", { most: MAX_SLOTS }).map((slot) => Slot.of(slot));
    if (parsed.some((slot, at) => parsed.slice(0, at).some((other) => equal(slot.id, other.id)))) {
      throw new InvalidInputError("Two slots have one id.", { code: "slot-double" });
    }
    return new SlotList(shape.raw(salt, "A slot list's salt", { length: LIST_SALT_BYTES }), parsed);
  }

  /** Return a list of `slots` under a new salt. */
  static fresh(slots: readonly Slot[]): SlotList {
    return new SlotList(randomBytes(LIST_SALT_BYTES), slots);
  }

  /** Return the salted hash that a statement names (32 bytes). */
  hash(): Uint8Array {
    return labelledHash("slot-list", this.encode());
  }

  /** Return CBOR [salt, [slot, ...]]. */
  encode(): Uint8Array {
    return encode([this.salt, this.slots.map((slot) => slot.value())]);
  }

  /** Return the slot of that id; raise `IntegrityError` (slot-unknown) if there is none. */
  get(id: Uint8Array): Slot {
    const found = this.slots.find((slot) => equal(slot.id, id));
    if (found === undefined) {
      throw new IntegrityError("This way in is not in the account's list.", { code: "slot-unknown" });
    }
    return found;
  }
}

/** Return the tag by which the slot's own secret vouches for it: spec/slots.md step 5. */
export function slotTag(keys: SlotKeys, uid: Uint8Array, slot: Slot): Uint8Array {
  return mac(keys.tagKey, "slot-tag", encode([uid, slot.id, slot.kind, slot.params]));
}

function rootInfo(uid: Uint8Array, slot: Slot, generation: number): Uint8Array {
  return wrapInfo("root-wrap", uid, uid, slot.id, [generation]);
}

/** Return `root`, which came with `generation`, wrapped to `slot`: spec/slots.md step 6. */
export async function wrapRoot(root: RootKey, uid: Uint8Array, generation: number, slot: Slot): Promise<Wrapped> {
  return wrap(slot.xwing, root, rootInfo(uid, slot, generation));
}

/**
 * Return the root that a slot opens, after every check of spec/slots.md step 7.
 *
 * Raises `IntegrityError`: slot-list, slot-unknown, slot-key, slot-tag, wrap-does-not-open, root-mismatch.
 */
export async function openSlot(
  keys: SlotKeys,
  state: AccountState,
  listed: SlotList,
  slotId: Uint8Array,
  tag: Uint8Array,
  wrappedRoot: Wrapped,
): Promise<RootKey> {
  // 1. The list is the one that the newest statement names.
  if (!equal(listed.hash(), state.statement.slotsHash)) {
    throw new IntegrityError("The list of ways in is not the one that the account states.", { code: "slot-list" });
  }
  const slot = listed.get(slotId);
  // 2. The slot's key and tag come from the secret just given.
  if (!equal(slot.xwing, keys.unwrapper.public)) {
    throw new IntegrityError("This way in holds another key than yours.", { code: "slot-key" });
  }
  checkEqual(slotTag(keys, state.uid, slot), tag, "This way in was not made by its own secret.", "slot-tag");
  // 3. The root opens, and yields the authority that the chain states.
  const opened = await keys.unwrapper.unwrap(wrappedRoot, rootInfo(state.uid, slot, state.rootGeneration));
  const root = new RootKey(opened);
  if (!samePair((await authority(root)).public, state.statement.authority)) {
    throw new IntegrityError("The root that this way in opens is not this account's.", { code: "root-mismatch" });
  }
  return root;
}
