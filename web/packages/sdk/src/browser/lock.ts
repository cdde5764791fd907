/**
 * How a store on this device is unlocked, without any server: each way in keeps its own sealed copy of the store's key.
 *
 * Guarantees: what rests beside the sealed rows opens nothing without a passphrase, a passkey or a spare key.
 */

import {
  InvalidInputError,
  SealKey,
  decode,
  derive,
  encode,
  openBox,
  randomBytes,
  recovery,
  sealBox,
  shape,
  type SlotSecret,
  slots,
} from "@mindhaven/crypto";

import type { Assertion } from "../assertion.ts";

/** One way to unlock, as it rests: `params` are the passphrase's, or the id of the passkey's credential. */
export interface LockWay {
  readonly kind: slots.SlotKind;
  readonly params: Uint8Array;
  readonly box: Uint8Array;
  /** The hash of the account's statement with which it counts there, while that waits. */
  readonly waits?: Uint8Array;
}

/** What a person gives to unlock. */
export type Key =
  | { readonly with: "passphrase"; readonly words: string }
  | {
      readonly with: "passkey";
      readonly credential: Uint8Array;
      readonly prf: Uint8Array;
      /** That it was used over the server's challenge, if it was. */
      readonly assertion?: Assertion | null;
    }
  | { readonly with: "spare"; readonly rows: string };

/** Every lock's salt is this device's own: it stands for no account. */
const LOCAL_NAME = "this device";
const KIND = "local-lock";

/** Return the secret of a spare key or a passkey; null for a passphrase, whose secret needs its parameters. */
export function secretOf(key: Key): { kind: slots.SlotKind; secret: SlotSecret } | null {
  switch (key.with) {
    case "spare":
      return { kind: slots.SlotKind.RECOVERY_KEY, secret: recovery.parse(key.rows) };
    case "passkey":
      return { kind: slots.SlotKind.PASSKEY, secret: slots.passkeySecret(key.prf) };
    case "passphrase":
      return null;
  }
}

function lockKey(secret: SlotSecret): Uint8Array {
  return derive(secret.bytes, KIND);
}

/** Return a way to unlock the store of `storeKey` by `key`. */
export async function lockWith(key: Key, storeKey: SealKey): Promise<LockWay> {
  const known = secretOf(key);
  if (known !== null) {
    const params = key.with === "passkey" ? key.credential : new Uint8Array(0);
    return { kind: known.kind, params, box: await sealBox(lockKey(known.secret), KIND, params, storeKey.bytes) };
  }
  if (key.with !== "passphrase") throw new TypeError("a key of no kind");
  const params = slots.PassphraseParams.fresh(LOCAL_NAME, randomBytes(16));
  const encoded = encode(params.value());
  const box = await sealBox(lockKey(await params.secret(key.words)), KIND, encoded, storeKey.bytes);
  return { kind: slots.SlotKind.PASSPHRASE, params: encoded, box };
}

/** Return the store's key; throws `InvalidInputError` (wrong-key) if `key` opens none of the ways. */
export async function unlockWith(key: Key, ways: readonly LockWay[]): Promise<SealKey> {
  const known = secretOf(key);
  const kind = known?.kind ?? slots.SlotKind.PASSPHRASE;
  for (const way of ways.filter((one) => one.kind === kind)) {
    try {
      const secret = known?.secret ?? (await slots.PassphraseParams.of(decode(way.params)).secret(wordsOf(key)));
      const opened = await openBox(lockKey(secret), KIND, way.params, way.box);
      return new SealKey(shape.raw(opened, "A store's key", { length: 32 }));
    } catch (error) {
      if (!(error instanceof Error) || !("reason" in error)) throw error;
    }
  }
  throw new InvalidInputError("This does not open it.", { code: "wrong-key", hint: "Check it and try again." });
}

function wordsOf(key: Key): string {
  return key.with === "passphrase" ? key.words : "";
}
