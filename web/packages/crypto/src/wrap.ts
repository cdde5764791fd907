/**
 * Wrapping to a person: HPKE base mode, X-Wing (0x647a), HKDF-SHA256, AES-256-GCM.
 *
 * Implements spec/epoch.md steps 3-5 and spec/slots.md steps 6-7. A wrap opens only for its recipient and only with the
 * very context it was made for. Does not: authenticate its sender; a signature over the wrap does.
 */

import { Aes256Gcm, CipherSuite, HkdfSha256, type KemInterface } from "@hpke/core";

import { encode, type Value } from "./encoding.ts";
import { IntegrityError, InvalidInputError } from "./errors.ts";
import { bytesOf, type Secret, type Seed } from "./secrets.ts";
import { hasNative, source } from "./subtle.ts";
import { asKey, ENC_BYTES, NATIVE_XWING, nativeKey, type NativeXWing, PUBLIC_KEY_BYTES } from "./xwing.ts";

export { ENC_BYTES, PUBLIC_KEY_BYTES } from "./xwing.ts";
export const SUITE = 1;

/** One HPKE message: the encapsulated key (1120 bytes) and the ciphertext (plaintext + 16 bytes). */
export interface Wrapped {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Return one HPKE message of its parts; raise `InvalidInputError` (wrap-length) for an `enc` of another length. */
export function wrapped(enc: Uint8Array, ciphertext: Uint8Array): Wrapped {
  if (enc.length !== ENC_BYTES) {
    throw new InvalidInputError("An encapsulated key is exactly 1120 bytes.", { code: "wrap-length" });
  }
  return { enc, ciphertext };
}

/** A suite and how it is handed keys: both differ between WebCrypto's X-Wing and the JavaScript one. */
interface Hpke {
  readonly suite: CipherSuite;
  readonly publicKey: (raw: Uint8Array) => Promise<CryptoKey>;
  readonly privateKey: (seed: Seed) => Promise<{ readonly key: CryptoKey; readonly public: Uint8Array }>;
}

function suiteOf(kem: KemInterface): CipherSuite {
  return new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}

const NATIVE: Hpke = {
  suite: suiteOf(NATIVE_XWING),
  publicKey: (raw) => Promise.resolve(asKey({ public: raw })),
  privateKey: async (seed) => {
    const key = await nativeKey(seed.bytes);
    return { key: asKey(key), public: key.public };
  },
};

let fallback: Promise<Hpke> | undefined;

async function loadFallback(): Promise<Hpke> {
  const { XWing } = await import("@hpke/hybridkem-x-wing");
  const kem = new XWing();
  return {
    suite: suiteOf(kem),
    publicKey: (raw) => kem.deserializePublicKey(raw.slice()),
    privateKey: async (seed) => {
      const pair = await kem.generateKeyPairDerand(seed.bytes.slice());
      return { key: pair.privateKey, public: new Uint8Array(await kem.serializePublicKey(pair.publicKey)) };
    },
  };
}

async function hpke(): Promise<Hpke> {
  if (await hasNative("X-Wing")) return NATIVE;
  fallback ??= loadFallback();
  return fallback;
}

/** The private half of an X-Wing pair, built from its 32-byte seed. `public` is 1216 bytes. */
export class UnwrapKey {
  readonly public: Uint8Array;
  readonly #suite: CipherSuite;
  readonly #key: CryptoKey;

  private constructor(suite: CipherSuite, key: CryptoKey, publicKey: Uint8Array) {
    this.#suite = suite;
    this.#key = key;
    this.public = publicKey;
  }

  /** Return the key that `seed` expands to. */
  static async fromSeed(seed: Seed): Promise<UnwrapKey> {
    const { suite, privateKey } = await hpke();
    const pair = await privateKey(seed);
    return new UnwrapKey(suite, pair.key, pair.public);
  }

  /** Return the key whose halves `kept` gave, on this device or after a restart. */
  static restore(kept: NativeXWing): UnwrapKey {
    return new UnwrapKey(NATIVE.suite, asKey(kept), kept.public);
  }

  /** The halves to keep on this device; undefined where the engine has none that it could keep unread. */
  get kept(): NativeXWing | undefined {
    return this.#suite === NATIVE.suite ? (this.#key as unknown as NativeXWing) : undefined;
  }

  /** Return what was wrapped to this key under `info`; raise `IntegrityError` (wrap-does-not-open) otherwise. */
  async unwrap(message: Wrapped, info: Uint8Array): Promise<Uint8Array> {
    try {
      const opened = await this.#suite.open(
        { recipientKey: this.#key, enc: source(message.enc.slice()).buffer, info: source(info) },
        source(message.ciphertext),
      );
      return new Uint8Array(opened);
    } catch (cause) {
      throw new IntegrityError("A wrapped key does not open with this key.", { code: "wrap-does-not-open", cause });
    }
  }
}

/** Return `secret` wrapped to the X-Wing key `recipient` (1216 bytes) under `info`; random at each call. */
export async function wrap(recipient: Uint8Array, secret: Secret | Uint8Array, info: Uint8Array): Promise<Wrapped> {
  if (recipient.length !== PUBLIC_KEY_BYTES) {
    throw new InvalidInputError("A public wrapping key is exactly 1216 bytes.", { code: "key-length" });
  }
  const { suite, publicKey } = await hpke();
  try {
    const sender = await suite.createSenderContext({ recipientPublicKey: await publicKey(recipient), info: source(info) });
    const ciphertext = await sender.seal(source(bytesOf(secret)));
    return wrapped(new Uint8Array(sender.enc), new Uint8Array(ciphertext));
  } catch (cause) {
    throw new InvalidInputError("A public wrapping key is malformed.", { code: "key-malformed", cause });
  }
}

/** Return the HPKE info of a wrap: CBOR [label, suite, sender uid, recipient uid, key or slot id, context...]. */
export function wrapInfo(
  kind: string,
  sender: Uint8Array,
  recipient: Uint8Array,
  recipientKey: Value,
  context: readonly Value[],
): Uint8Array {
  return encode([`mindhaven/${kind}/v1`, SUITE, sender, recipient, recipientKey, ...context]);
}
