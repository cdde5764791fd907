/**
 * One signature algorithm at a time, on WebCrypto where it has it and on noble's JavaScript where it has not.
 *
 * noble is loaded only when it is needed, so that an engine with both algorithms never downloads it.
 */

import type { Seed } from "./secrets.ts";
import { hasNative, importCurveKey, importSeed, modern, source, subtle } from "./subtle.ts";

/** The signature algorithms. */
export type Algorithm = "Ed25519" | "ML-DSA-65";

/** The private half of one pair. `key` is WebCrypto's, where it holds the key; it can't be exported. */
export interface PrivateHalf {
  readonly public: Uint8Array;
  readonly key: CryptoKey | undefined;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Whether `signature` is that of `key` over `message`; what is malformed is not. */
export type Verifier = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/** Return the private half that `seed` gives. */
export async function signerOf(algorithm: Algorithm, seed: Seed): Promise<PrivateHalf> {
  if (await hasNative(algorithm)) {
    return restoreHalf(
      algorithm,
      algorithm === "Ed25519"
        ? await importCurveKey("Ed25519", seed.bytes)
        : await importSeed("ML-DSA-65", seed.bytes, "sign", "verify"),
    );
  }
  if (algorithm === "Ed25519") {
    const { ed25519 } = await import("@noble/curves/ed25519.js");
    return inMemory(ed25519.getPublicKey(seed.bytes), (message) => ed25519.sign(message, seed.bytes));
  }
  const { ml_dsa65 } = await import("@noble/post-quantum/ml-dsa.js");
  const pair = ml_dsa65.keygen(seed.bytes);
  return inMemory(pair.publicKey, (message) => ml_dsa65.sign(message, pair.secretKey));
}

/** Return the private half that a key of WebCrypto is. */
export function restoreHalf(
  algorithm: Algorithm,
  kept: { readonly key: CryptoKey; readonly public: Uint8Array },
): PrivateHalf {
  const { key } = kept;
  return {
    public: kept.public,
    key,
    sign: async (message) => new Uint8Array(await subtle.sign(algorithm, key, source(message))),
  };
}

function inMemory(publicKey: Uint8Array, sign: (message: Uint8Array) => Uint8Array): PrivateHalf {
  // In a closure, where nothing that walks over properties finds the key.
  return { public: publicKey, key: undefined, sign: (message) => Promise.resolve(sign(message)) };
}

/** Return how signatures of `algorithm` are verified here. */
export async function verifierOf(algorithm: Algorithm): Promise<Verifier> {
  if (await hasNative(algorithm)) return (key, message, signature) => nativeVerify(algorithm, key, message, signature);
  if (algorithm === "Ed25519") {
    const { verifyEd25519 } = await import("./ed25519.ts");
    return settled(verifyEd25519);
  }
  const { ml_dsa65 } = await import("@noble/post-quantum/ml-dsa.js");
  return settled((key, message, signature) => ml_dsa65.verify(signature, message, key));
}

async function nativeVerify(
  algorithm: Algorithm,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    const imported =
      algorithm === "Ed25519"
        ? await subtle.importKey("raw", source(key), algorithm, false, ["verify"])
        : await modern.importKey("raw-public", source(key), algorithm, false, ["verify"]);
    return await subtle.verify(algorithm, imported, source(signature), source(message));
  } catch {
    return false;
  }
}

function settled(verify: (...given: Parameters<Verifier>) => boolean): Verifier {
  return (...given) => {
    try {
      return Promise.resolve(verify(...given));
    } catch {
      return Promise.resolve(false);
    }
  };
}
