/**
 * Derivation: HKDF-SHA256 under labels, keyed hashes, and Argon2id for passphrases.
 *
 * Implements spec/encoding.md step 9 and spec/slots.md steps 2-4. Two derivations with different labels never give
 * related keys. Hashing is synchronous; Argon2id is loaded when it is first asked for.
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as hasher } from "@noble/hashes/sha2.js";

import { concat, equal, utf8 } from "./bytes.ts";
import { label, labelledHash } from "./encoding.ts";
import { IntegrityError, InvalidInputError } from "./errors.ts";
import { bytesOf, type Secret, SlotSecret } from "./secrets.ts";

/** 64 MiB: what a phone browser can spare; clients refuse less (spec/slots.md step 2). */
export const ARGON2_MEMORY_KIB = 64 * 1024;
export const ARGON2_PASSES = 3;
export const ARGON2_LANES = 1;
/** 1 GiB: above it a server could use the parameters to exhaust its clients. */
export const ARGON2_MAX_MEMORY_KIB = 1024 * 1024;
export const ARGON2_MAX_PASSES = 64;
export const ARGON2_MAX_LANES = 16;
export const SERVER_SALT_BYTES = 16;

/** What a derivation may name beside its kind; `length` is 32 bytes unless said. */
export interface DeriveOptions {
  readonly context?: Uint8Array;
  readonly salt?: Uint8Array;
  readonly length?: number;
}

/** Return `length` bytes of HKDF-SHA256(secret, salt, label of `kind` followed by `context`). */
export function derive(secret: Secret | Uint8Array, kind: string, options: DeriveOptions = {}): Uint8Array {
  const { context, salt, length = 32 } = options;
  const info = context === undefined ? label(kind) : concat(label(kind), context);
  return hkdf(hasher, bytesOf(secret), salt, info, length);
}

/** Return HMAC-SHA256 under `key` over the label of `kind` and `message` (32 bytes). */
export function mac(key: Secret | Uint8Array, kind: string, message: Uint8Array): Uint8Array {
  return hmac.create(hasher, bytesOf(key)).update(label(kind)).update(message).digest();
}

/** Raise `IntegrityError` unless both are the same bytes; takes the same time wherever they differ. */
export function checkEqual(left: Uint8Array, right: Uint8Array, message: string, code: string): void {
  if (!equal(left, right)) throw new IntegrityError(message, { code });
}

/** Return plain SHA-256 (32 bytes), for file integrity where no label belongs. */
export function sha256(data: Uint8Array): Uint8Array {
  return hasher(data);
}

/** How a passphrase is stretched: the name as typed or confirmed by the person, the server's 16 bytes, the cost. */
export interface PassphraseCost {
  readonly name: string;
  readonly serverSalt: Uint8Array;
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/**
 * Return the slot secret of a passphrase: Argon2id over its NFKC form.
 *
 * Raises `IntegrityError` (argon2-floor) for parameters under the floor and `InvalidInputError` for absurd ones.
 */
export async function passphraseSecret(passphrase: string, cost: PassphraseCost): Promise<SlotSecret> {
  const { name, serverSalt, memoryKib, passes, lanes } = cost;
  if (memoryKib < ARGON2_MEMORY_KIB || passes < ARGON2_PASSES || lanes < ARGON2_LANES) {
    throw new IntegrityError("The server asks for a weaker passphrase protection than this client accepts.", {
      code: "argon2-floor",
      hint: "Do not type your passphrase at this server again. Tell the people who run it.",
    });
  }
  if (memoryKib > ARGON2_MAX_MEMORY_KIB || passes > ARGON2_MAX_PASSES || lanes > ARGON2_MAX_LANES) {
    throw new InvalidInputError("The passphrase parameters are out of range.", { code: "argon2-ceiling" });
  }
  if (serverSalt.length !== SERVER_SALT_BYTES) {
    throw new InvalidInputError("A server's passphrase salt is exactly 16 bytes.", { code: "slot-params" });
  }
  const salt = labelledHash("pw-salt", utf8(name), Uint8Array.of(0), serverSalt);
  const { stretch } = await import("./argon2.ts");
  return new SlotSecret(await stretch(utf8(passphrase.normalize("NFKC")), salt, { memoryKib, passes, lanes }));
}
