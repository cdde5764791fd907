/**
 * Signatures: Ed25519 alone, or Ed25519 and ML-DSA-65 together, always under the label of one type.
 *
 * Implements spec/encoding.md steps 10-13. A signature of one type never verifies as another, and where two are
 * demanded both must verify. Verification raises; it never returns a boolean. Keys are WebCrypto's own, not extractable,
 * where the engine has the algorithm; otherwise they stay in this module's memory.
 */

import { concat, hex } from "./bytes.ts";
import { label } from "./encoding.ts";
import { IntegrityError, InvalidInputError } from "./errors.ts";
import { type PrivateHalf, restoreHalf, signerOf, verifierOf } from "./halves.ts";
import { Seed } from "./secrets.ts";

export const ED25519_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;
export const MLDSA65_KEY_BYTES = 1952;
export const MLDSA65_SIGNATURE_BYTES = 3309;

/** The points of order 1, 2, 4 and 8 by their last 255 bits, those written at p and above included. */
const SMALL_ORDER = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/** Return whether `point` (32 bytes) is of order 1, 2, 4 or 8, in any of its writings. */
export function isSmallOrder(point: Uint8Array): boolean {
  const unsigned = point.slice();
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
  return SMALL_ORDER.has(hex(unsigned));
}

/** The public half of a hybrid signing pair: Ed25519 (32 bytes) and ML-DSA-65 (1952 bytes). */
export interface VerifyKeys {
  readonly ed25519: Uint8Array;
  readonly mldsa65: Uint8Array;
}

/** Return the pair of public keys; raise `InvalidInputError` (key-length) if one has another length. */
export function verifyKeys(ed25519: Uint8Array, mldsa65: Uint8Array): VerifyKeys {
  if (ed25519.length !== ED25519_KEY_BYTES || mldsa65.length !== MLDSA65_KEY_BYTES) {
    throw new InvalidInputError("A public signing key has the wrong length.", { code: "key-length" });
  }
  return { ed25519, mldsa65 };
}

/** A private key of WebCrypto, which can be kept (IndexedDB) but not read, and its public half. */
export interface KeptKey {
  readonly key: CryptoKey;
  readonly public: Uint8Array;
}

/** The private half of a hybrid signing pair, built from two 32-byte seeds. */
export class Signer {
  readonly public: VerifyKeys;
  readonly #ed25519: PrivateHalf;
  readonly #mldsa65: PrivateHalf;

  private constructor(ed25519: PrivateHalf, mldsa65: PrivateHalf) {
    this.#ed25519 = ed25519;
    this.#mldsa65 = mldsa65;
    this.public = verifyKeys(ed25519.public, mldsa65.public);
  }

  /** Return the pair that two seeds give. */
  static async fromSeeds(ed25519: Seed, mldsa65: Seed): Promise<Signer> {
    const [one, other] = await Promise.all([signerOf("Ed25519", ed25519), signerOf("ML-DSA-65", mldsa65)]);
    return new Signer(one, other);
  }

  /** Return the pair whose keys `kept` gave, on this device or after a restart. */
  static restore(ed25519: KeptKey, mldsa65: KeptKey): Signer {
    return new Signer(restoreHalf("Ed25519", ed25519), restoreHalf("ML-DSA-65", mldsa65));
  }

  /** The keys to keep on this device; undefined where the engine has none that it could keep unread. */
  get kept(): { readonly ed25519: KeptKey; readonly mldsa65: KeptKey } | undefined {
    const [ed25519, mldsa65] = [keptOf(this.#ed25519), keptOf(this.#mldsa65)];
    return ed25519 !== undefined && mldsa65 !== undefined ? { ed25519, mldsa65 } : undefined;
  }

  /** Return the one signature of a put/erase-only commit: Ed25519 (64 bytes). */
  async signFast(kind: string, body: Uint8Array): Promise<Uint8Array[]> {
    return [await this.#ed25519.sign(concat(label(kind), body))];
  }

  /** Return both signatures: Ed25519 (64 bytes), then ML-DSA-65 (3309 bytes). */
  async sign(kind: string, body: Uint8Array): Promise<Uint8Array[]> {
    const message = concat(label(kind), body);
    return Promise.all([this.#ed25519.sign(message), this.#mldsa65.sign(message)]);
  }
}

/** A single Ed25519 pair: a slot's log-in key or a device's session key. */
export class SessionSigner {
  readonly #half: PrivateHalf;

  private constructor(half: PrivateHalf) {
    this.#half = half;
  }

  /** Return the pair that `seed` gives. */
  static async fromSeed(seed: Seed): Promise<SessionSigner> {
    return new SessionSigner(await signerOf("Ed25519", seed));
  }

  /** Return one with a new seed, which nobody keeps. */
  static async fresh(): Promise<SessionSigner> {
    return SessionSigner.fromSeed(Seed.fresh());
  }

  /** Return the pair whose keys `kept` gave, on this device or after a restart. */
  static restore(kept: KeptKey): SessionSigner {
    return new SessionSigner(restoreHalf("Ed25519", kept));
  }

  /** The public key (32 bytes). */
  get public(): Uint8Array {
    return this.#half.public;
  }

  /** The key to keep on this device; undefined where the engine has none that it could keep unread. */
  get kept(): KeptKey | undefined {
    return keptOf(this.#half);
  }

  /** Return the Ed25519 signature of `body` as `kind` (64 bytes). */
  async sign(kind: string, body: Uint8Array): Promise<Uint8Array> {
    return this.#half.sign(concat(label(kind), body));
  }
}

function keptOf(half: PrivateHalf): KeptKey | undefined {
  return half.key === undefined ? undefined : { key: half.key, public: half.public };
}

/** Raise `IntegrityError` (signature-invalid) unless `signature` is `key`'s over `body` as `kind`. */
export async function verifyEd25519(
  kind: string,
  key: Uint8Array,
  body: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  if (key.length !== ED25519_KEY_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) {
    throw new IntegrityError("A signature or its key has the wrong length.", { code: "signature-invalid" });
  }
  // A key of small order signs everything at once, so its signatures bind nobody. Engines differ on it (Node's WebCrypto
  // refuses, Chromium's takes some): said here, all of them refuse, and a history is the same to everyone.
  if (isSmallOrder(key) || isSmallOrder(signature.subarray(0, ED25519_KEY_BYTES))) {
    throw new IntegrityError(`A signature on a ${kind} does not verify.`, { code: "signature-invalid" });
  }
  await verifyHalf("Ed25519", kind, key, body, signature);
}

/**
 * Verify that `keys` signed `body` as `kind`: exactly two signatures if `hybrid`, else exactly one.
 *
 * Raises `IntegrityError`: signature-count for another number of signatures, signature-invalid otherwise.
 */
export async function verify(
  kind: string,
  keys: VerifyKeys,
  body: Uint8Array,
  signatures: readonly Uint8Array[],
  options: { readonly hybrid: boolean },
): Promise<void> {
  const [first, second] = signatures;
  if (first === undefined || signatures.length !== (options.hybrid ? 2 : 1)) {
    throw new IntegrityError(`A ${kind} carries the wrong number of signatures.`, { code: "signature-count" });
  }
  await verifyEd25519(kind, keys.ed25519, body, first);
  if (second === undefined) return;
  if (second.length !== MLDSA65_SIGNATURE_BYTES) {
    throw new IntegrityError(`A signature on a ${kind} has the wrong length.`, { code: "signature-invalid" });
  }
  await verifyHalf("ML-DSA-65", kind, keys.mldsa65, body, second);
}

async function verifyHalf(
  algorithm: "Ed25519" | "ML-DSA-65",
  kind: string,
  key: Uint8Array,
  body: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  const verifies = await verifierOf(algorithm);
  if (!(await verifies(key, concat(label(kind), body), signature))) {
    throw new IntegrityError(`A signature on a ${kind} does not verify.`, { code: "signature-invalid" });
  }
}
