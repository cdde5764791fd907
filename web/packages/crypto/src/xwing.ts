/**
 * The X-Wing KEM (0x647a: X25519 + ML-KEM-768) for HPKE, on WebCrypto's own keys or on a JavaScript library.
 *
 * Implements spec/account.md step 1. Natively the private key is two keys of WebCrypto that can't be exported.
 */

import type { KemInterface } from "@hpke/core";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";

import { concat } from "./bytes.ts";
import { importCurveKey, importSeed, modern, source, subtle } from "./subtle.ts";

export const PUBLIC_KEY_BYTES = 1216;
export const ENC_BYTES = 1120;
const MLKEM_PUBLIC_BYTES = 1184;
const MLKEM_SEED_BYTES = 64;
const MLKEM_CIPHERTEXT_BYTES = 1088;
const X25519_BYTES = 32;
const MLKEM = "ML-KEM-768";
/** The label that the draft ends its combiner with: `\.//^\`. */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

/** A private X-Wing key as two keys of WebCrypto, and its public key (1216 bytes). */
export interface NativeXWing {
  readonly mlkem: CryptoKey;
  readonly x25519: CryptoKey;
  readonly public: Uint8Array;
}

/** Return the private key that a 32-byte seed expands to: SHAKE256 to an ML-KEM seed and an X25519 key. */
export async function nativeKey(seed: Uint8Array): Promise<NativeXWing> {
  const expanded = shake256(seed, { dkLen: MLKEM_SEED_BYTES + X25519_BYTES });
  const [mlkem, x25519] = await Promise.all([
    importSeed(MLKEM, expanded.slice(0, MLKEM_SEED_BYTES), "decapsulateBits", "encapsulateBits"),
    importCurveKey("X25519", expanded.slice(MLKEM_SEED_BYTES)),
  ]);
  return { mlkem: mlkem.key, x25519: x25519.key, public: concat(mlkem.public, x25519.public) };
}

function combine(mlkem: ArrayBuffer, x25519: ArrayBuffer, ciphertext: Uint8Array, publicKey: Uint8Array): ArrayBuffer {
  const secret = sha3_256(concat(new Uint8Array(mlkem), new Uint8Array(x25519), ciphertext, publicKey, LABEL));
  return source(secret).buffer;
}

async function agree(key: CryptoKey, publicKey: Uint8Array): Promise<ArrayBuffer> {
  const other = await subtle.importKey("raw", source(publicKey), "X25519", false, []);
  return subtle.deriveBits({ name: "X25519", public: other }, key, 8 * X25519_BYTES);
}

async function encapsulate(publicKey: Uint8Array): Promise<{ sharedSecret: ArrayBuffer; enc: ArrayBuffer }> {
  const mlkemKey = await modern.importKey("raw-public", source(publicKey.slice(0, MLKEM_PUBLIC_BYTES)), MLKEM, false, [
    "encapsulateBits",
  ]);
  const x25519Key = publicKey.slice(MLKEM_PUBLIC_BYTES);
  const fresh = await subtle.generateKey("X25519", false, ["deriveBits"]);
  const [inner, shared, exported] = await Promise.all([
    modern.encapsulateBits(MLKEM, mlkemKey),
    agree(fresh.privateKey, x25519Key),
    subtle.exportKey("raw", fresh.publicKey),
  ]);
  const ephemeral = new Uint8Array(exported);
  return {
    sharedSecret: combine(inner.sharedKey, shared, ephemeral, x25519Key),
    enc: source(concat(new Uint8Array(inner.ciphertext), ephemeral)).buffer,
  };
}

async function decapsulate(key: NativeXWing, enc: Uint8Array): Promise<ArrayBuffer> {
  const ephemeral = enc.slice(MLKEM_CIPHERTEXT_BYTES);
  const [inner, shared] = await Promise.all([
    modern.decapsulateBits(MLKEM, key.mlkem, source(enc.slice(0, MLKEM_CIPHERTEXT_BYTES))),
    agree(key.x25519, ephemeral),
  ]);
  return combine(inner, shared, ephemeral, key.public.slice(MLKEM_PUBLIC_BYTES));
}

/** What HPKE is handed as a key: it passes it on to the KEM unread, so ours needs not be a `CryptoKey`. */
export function asKey(key: NativeXWing | { readonly public: Uint8Array }): CryptoKey {
  return key as unknown as CryptoKey;
}

function unused(): never {
  throw new Error("X-Wing keys are read and written outside of the KEM.");
}

/** X-Wing over WebCrypto, in the shape that `@hpke/core` takes; keys are handed over by `asKey`. */
export const NATIVE_XWING: KemInterface = {
  id: 0x647a,
  secretSize: 32,
  encSize: ENC_BYTES,
  publicKeySize: PUBLIC_KEY_BYTES,
  privateKeySize: 32,
  encap: async (params) => encapsulate((params.recipientPublicKey as unknown as NativeXWing).public),
  decap: async (params) =>
    decapsulate(params.recipientKey as unknown as NativeXWing, new Uint8Array(params.enc as ArrayBuffer)),
  serializePublicKey: unused,
  deserializePublicKey: unused,
  serializePrivateKey: unused,
  deserializePrivateKey: unused,
  importKey: unused,
  generateKeyPair: unused,
  deriveKeyPair: unused,
};
