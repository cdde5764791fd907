/**
 * The border to WebCrypto: what its types do not say yet, and which of its newer algorithms this engine has.
 *
 * `useNative(false)` takes the JavaScript fallbacks even where the engine could do better, so that tests run both.
 */

/** Algorithms that WebCrypto has in some engines only. X-Wing needs ML-KEM-768 and X25519. */
export type Feature = "Ed25519" | "ML-DSA-65" | "X-Wing";

/** The parts of WebCrypto that newer engines have and TypeScript's own types lack. */
export interface ModernSubtle {
  importKey(
    format: "raw-seed" | "raw-public",
    key: Uint8Array<ArrayBuffer>,
    algorithm: string,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>;
  exportKey(format: "raw-public", key: CryptoKey): Promise<ArrayBuffer>;
  getPublicKey(key: CryptoKey, usages: readonly string[]): Promise<CryptoKey>;
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ readonly sharedKey: ArrayBuffer; readonly ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
}

/** WebCrypto as every engine has it. */
export const subtle: SubtleCrypto = globalThis.crypto.subtle;
/** The same object, by the names that newer engines add. */
export const modern = globalThis.crypto.subtle as unknown as ModernSubtle;

let allowed = true;
const PROBED = new Map<Feature, Promise<boolean>>();

/** Let this package use native keys (the default) or keep it to the JavaScript fallbacks: a switch for tests. */
export function useNative(on: boolean): void {
  allowed = on;
}

/**
 * Return whether WebCrypto does `feature` here, with keys that can't be carried off.
 *
 * A try, since what `SubtleCrypto.supports` answers differs among engines (for X25519 it says no where it works).
 */
export async function hasNative(feature: Feature): Promise<boolean> {
  if (!allowed) return false;
  let answer = PROBED.get(feature);
  if (answer === undefined) {
    answer = PROBES[feature]().then(
      () => true,
      () => false,
    );
    PROBED.set(feature, answer);
  }
  return answer;
}

const PROBES: Readonly<Record<Feature, () => Promise<unknown>>> = {
  Ed25519: () => importCurveKey("Ed25519", new Uint8Array(32)),
  "ML-DSA-65": () => importSeed("ML-DSA-65", new Uint8Array(32), "sign", "verify"),
  "X-Wing": async () => {
    await importCurveKey("X25519", new Uint8Array(32).fill(1));
    await importSeed("ML-KEM-768", new Uint8Array(64), "decapsulateBits", "encapsulateBits");
  },
};

/** A private key that can't be exported, and the bytes of its public half. */
export interface NativePair {
  readonly key: CryptoKey;
  readonly public: Uint8Array;
}

/** PKCS #8 (RFC 8410) of an Ed25519 or X25519 key is this, the curve's last byte in it, and the 32 bytes. */
const PKCS8_START = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65];
const PKCS8_MIDDLE = [0x04, 0x22, 0x04, 0x20];
const CURVES = {
  Ed25519: { id: 0x70, usage: "sign" },
  X25519: { id: 0x6e, usage: "deriveBits" },
} as const;

/** Import the private key that `seed` is, not extractable, and return it with its public half (32 bytes). */
export async function importCurveKey(curve: "Ed25519" | "X25519", seed: Uint8Array): Promise<NativePair> {
  const { id, usage } = CURVES[curve];
  const pkcs8 = Uint8Array.from([...PKCS8_START, id, ...PKCS8_MIDDLE, ...seed]);
  // WebCrypto tells the public half of a private key in JWK only, and there only of an extractable one: this second
  // import lives for the length of this call.
  const shown = await subtle.importKey("pkcs8", pkcs8, curve, true, [usage]);
  const jwk = await subtle.exportKey("jwk", shown);
  return { key: await subtle.importKey("pkcs8", pkcs8, curve, false, [usage]), public: fromBase64Url(jwk.x ?? "") };
}

/** Import the private key that `seed` expands to, not extractable, and return it with its public half. */
export async function importSeed(
  algorithm: "ML-DSA-65" | "ML-KEM-768",
  seed: Uint8Array,
  usage: string,
  publicUsage: string,
): Promise<NativePair> {
  const key = await modern.importKey("raw-seed", source(seed), algorithm, false, [usage]);
  const shown = await modern.getPublicKey(key, [publicUsage]);
  return { key, public: new Uint8Array(await modern.exportKey("raw-public", shown)) };
}

/** Return `count` bytes of the system's generator. */
export function randomBytes(count: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(count));
}

/** Say to the types what WebCrypto demands: bytes that no other thread can change. Shared memory fails in the call. */
export function source(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return data as Uint8Array<ArrayBuffer>;
}

function fromBase64Url(text: string): Uint8Array {
  const characters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
