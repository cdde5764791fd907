/**
 * Sealing: AES-256-GCM with one key per message and a commitment, and STREAM for attachments.
 *
 * Implements spec/envelope.md steps 3-7, spec/attachment.md and spec/slots.md step 9. The commitment is compared before
 * anything is decrypted, so no ciphertext opens under two keys; key and nonce are derived from a fresh 32-byte salt, so
 * no nonce is ever counted or repeated. Works through WebCrypto; no other I/O.
 */

import { concat, u32be } from "./bytes.ts";
import { checkEqual } from "./derive.ts";
import { decode, encode, label } from "./encoding.ts";
import { IntegrityError, InvalidInputError } from "./errors.ts";
import { type FileKey, SealKey, Secret } from "./secrets.ts";
import { randomBytes, source, subtle } from "./subtle.ts";

export const SALT_BYTES = 32;
export const COMMITMENT_BYTES = 32;
export const TAG_BYTES = 16;
const NONCE_AT = 32;
const COMMITMENT_AT = NONCE_AT + 12;
const OKM_BYTES = COMMITMENT_AT + COMMITMENT_BYTES;

/** Plaintext per STREAM chunk: larger ones gain nothing (measured), smaller ones cost a call each. */
export const CHUNK_BYTES = 64 * 1024;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
export const MAX_CHUNKS = 2 ** 32 - 1;

const AES = "AES-GCM";

/** What `seal` gives: the commitment (32 bytes) and the ciphertext (plaintext + 16 bytes). */
export interface Sealed {
  readonly commitment: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** What is given one after the other: a list, a generator or a stream. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

interface MessageKeys {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly commitment: Uint8Array;
}

/** One epoch key seals by the thousand: WebCrypto takes it in once. */
const IMPORTED = new WeakMap<Secret, Promise<CryptoKey>>();

async function importBase(bytes: Uint8Array): Promise<CryptoKey> {
  return subtle.importKey("raw", source(bytes), "HKDF", false, ["deriveBits"]);
}

async function baseKey(key: Secret | Uint8Array): Promise<CryptoKey> {
  if (!(key instanceof Secret)) return importBase(key);
  const held = IMPORTED.get(key) ?? importBase(key.bytes);
  IMPORTED.set(key, held);
  return held;
}

/**
 * The same as `derive(key, kind, {context, salt, length: 76})`, by WebCrypto.
 *
 * Measured in Chromium for 1,000 items: 12 to 23 ms here, 40 to 88 ms in JavaScript.
 */
async function messageKeys(
  key: Secret | Uint8Array,
  kind: string,
  salt: Uint8Array,
  context: Uint8Array,
): Promise<MessageKeys> {
  if (salt.length !== SALT_BYTES) {
    throw new InvalidInputError("A salt is exactly 32 bytes.", { code: "salt-length" });
  }
  const info = source(concat(label(kind), context));
  const how = { name: "HKDF", hash: "SHA-256", salt: source(salt), info };
  const okm = new Uint8Array(await subtle.deriveBits(how, await baseKey(key), 8 * OKM_BYTES));
  return {
    key: okm.subarray(0, NONCE_AT),
    nonce: okm.subarray(NONCE_AT, COMMITMENT_AT),
    commitment: okm.slice(COMMITMENT_AT),
  };
}

/**
 * Seal `plaintext` under the key derived from (`key`, `salt`, `kind`, `context`); `context` is also the AAD.
 *
 * `salt` must be 32 fresh random bytes at each call.
 */
export async function seal(
  key: Secret | Uint8Array,
  kind: string,
  salt: Uint8Array,
  context: Uint8Array,
  plaintext: Uint8Array,
): Promise<Sealed> {
  const keys = await messageKeys(key, kind, salt, context);
  const cipher = await subtle.importKey("raw", source(keys.key), AES, false, ["encrypt"]);
  const ciphertext = await subtle.encrypt(gcm(keys.nonce, context), cipher, source(plaintext));
  return { commitment: keys.commitment, ciphertext: new Uint8Array(ciphertext) };
}

/** Return the plaintext; raise `IntegrityError` (commitment-mismatch, seal-does-not-open) otherwise. */
export async function openSealed(
  key: Secret | Uint8Array,
  kind: string,
  salt: Uint8Array,
  context: Uint8Array,
  sealed: Sealed,
): Promise<Uint8Array> {
  const keys = await messageKeys(key, kind, salt, context);
  checkEqual(
    keys.commitment,
    sealed.commitment,
    "These sealed bytes belong to another key or place.",
    "commitment-mismatch",
  );
  const cipher = await subtle.importKey("raw", source(keys.key), AES, false, ["decrypt"]);
  try {
    return new Uint8Array(await subtle.decrypt(gcm(keys.nonce, context), cipher, source(sealed.ciphertext)));
  } catch (cause) {
    throw new IntegrityError("These sealed bytes were changed.", { code: "seal-does-not-open", cause });
  }
}

/** Return a self-contained box, CBOR [salt, commitment, ciphertext], with a fresh salt. */
export async function sealBox(
  key: Secret | Uint8Array,
  kind: string,
  context: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const sealed = await seal(key, kind, salt, context, plaintext);
  return encode([salt, sealed.commitment, sealed.ciphertext]);
}

/** Return what `sealBox` sealed under the same key, kind and context; raise as `openSealed` does. */
export async function openBox(
  key: Secret | Uint8Array,
  kind: string,
  context: Uint8Array,
  box: Uint8Array,
): Promise<Uint8Array> {
  const parts = decode(box);
  const [salt, commitment, ciphertext] = Array.isArray(parts) && parts.length === 3 ? (parts as unknown[]) : [];
  if (!(salt instanceof Uint8Array && commitment instanceof Uint8Array && ciphertext instanceof Uint8Array)) {
    throw new InvalidInputError("A sealed box has the wrong shape.", { code: "box-shape" });
  }
  return openSealed(key, kind, salt, context, { commitment, ciphertext });
}

/** Return a new random key for boxes. */
export function freshSealKey(): SealKey {
  return SealKey.fresh();
}

function gcm(iv: Uint8Array, additionalData?: Uint8Array): AesGcmParams {
  return additionalData === undefined
    ? { name: AES, iv: source(iv) }
    : { name: AES, iv: source(iv), additionalData: source(additionalData) };
}

function chunkNonce(index: number, last: boolean): Uint8Array {
  if (index > MAX_CHUNKS) {
    throw new InvalidInputError("This attachment is larger than its format allows.", { code: "stream-too-long" });
  }
  return concat(new Uint8Array(7), u32be(index), Uint8Array.of(last ? 1 : 0));
}

async function fileCipher(key: FileKey, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return subtle.importKey("raw", source(key.bytes), AES, false, [usage]);
}

/**
 * Seal an attachment: `chunks` are exactly 64 KiB each but for the last; yields sealed chunks (+16 bytes).
 *
 * The key must seal one file only. No chunks give one sealed empty chunk.
 */
export async function* sealStream(key: FileKey, chunks: Chunks): AsyncGenerator<Uint8Array, void, void> {
  const cipher = await fileCipher(key, "encrypt");
  const sealed = async (index: number, chunk: Uint8Array, last: boolean): Promise<Uint8Array> =>
    new Uint8Array(await subtle.encrypt(gcm(chunkNonce(index, last)), cipher, source(chunk)));
  let held: Uint8Array | undefined;
  let index = 0;
  for await (const chunk of chunks) {
    if (held !== undefined) {
      if (held.length !== CHUNK_BYTES) {
        throw new InvalidInputError("Only the last chunk of an attachment may be short.", { code: "stream-chunk" });
      }
      yield await sealed(index, held, false);
      index += 1;
    }
    held = chunk;
  }
  yield await sealed(index, held ?? new Uint8Array(0), true);
}

/** Opens sealed chunks one by one, in order; the last one only when `finish` says that it is the last. */
export class StreamOpener {
  readonly #cipher: Promise<CryptoKey>;
  #held: Uint8Array | undefined;
  #index = 0;

  constructor(key: FileKey) {
    this.#cipher = fileCipher(key, "decrypt");
  }

  /** Return the plaintext of the chunk before this one (empty for the first); raise `IntegrityError` otherwise. */
  async feed(chunk: Uint8Array): Promise<Uint8Array> {
    const held = this.#held;
    this.#held = chunk;
    if (held === undefined) return new Uint8Array(0);
    const opened = await this.#open(held, false);
    this.#index += 1;
    return opened;
  }

  /** Return the plaintext of the last chunk; raise `IntegrityError` (stream-changed) if it is not the last. */
  async finish(): Promise<Uint8Array> {
    if (this.#held === undefined) {
      throw new IntegrityError("An attachment is missing its last part.", { code: "stream-changed" });
    }
    return this.#open(this.#held, true);
  }

  async #open(chunk: Uint8Array, last: boolean): Promise<Uint8Array> {
    const nonce = chunkNonce(this.#index, last);
    const cipher = await this.#cipher;
    try {
      return new Uint8Array(await subtle.decrypt(gcm(nonce), cipher, source(chunk)));
    } catch (cause) {
      throw new IntegrityError("An attachment was changed, cut short or put together wrongly.", {
        code: "stream-changed",
        cause,
      });
    }
  }
}

/** Open sealed chunks in order; raise `IntegrityError` (stream-changed) if one was changed, moved, cut or added. */
export async function* openStream(key: FileKey, chunks: Chunks): AsyncGenerator<Uint8Array, void, void> {
  const opener = new StreamOpener(key);
  let first = true;
  for await (const chunk of chunks) {
    const opened = await opener.feed(chunk);
    if (!first) yield opened;
    first = false;
  }
  yield await opener.finish();
}
