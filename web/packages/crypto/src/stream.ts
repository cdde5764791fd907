/**
 * STREAM for attachments: AES-256-GCM chunk by chunk, each bound to its place and the last one marked.
 *
 * Implements spec/attachment.md step 3. A module of its own, so that a page can load it with its first file.
 * Works through WebCrypto; no other I/O.
 */

import { concat, u32be } from "./bytes.ts";
import { IntegrityError, InvalidInputError } from "./errors.ts";
import { AES, TAG_BYTES, gcm } from "./seal.ts";
import type { FileKey } from "./secrets.ts";
import { source, subtle } from "./subtle.ts";

/** Plaintext per STREAM chunk: larger ones gain nothing (measured), smaller ones cost a call each. */
export const CHUNK_BYTES = 64 * 1024;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
export const MAX_CHUNKS = 2 ** 32 - 1;

/** What is given one after the other: a list, a generator or a stream. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

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
