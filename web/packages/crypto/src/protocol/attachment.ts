/**
 * Attachments: files sealed in 64 KiB chunks, cut into blobs. Implements spec/attachment.md.
 *
 * A cut, added, moved or changed part is found; the server learns a padded size only.
 * Does not: hold a whole file in memory. Works through WebCrypto; bytes come and go through iterators.
 */

import { concat, equal } from "../bytes.ts";
import { labelledHash } from "../encoding.ts";
import { IntegrityError } from "../errors.ts";
import { padme } from "../padding.ts";
import type { FileKey } from "../secrets.ts";
import { CHUNK_BYTES, type Chunks, SEALED_CHUNK_BYTES, sealStream, StreamOpener } from "../stream.ts";

const CHUNKS_PER_BLOB = 64;
/** 4 MiB and 1 KiB: the unit that a broken transfer repeats. */
export const BLOB_BYTES = CHUNKS_PER_BLOB * SEALED_CHUNK_BYTES;
/** The smallest padded file: a voice note and a scribble look alike. */
const FLOOR_BYTES = 4096;
/** The largest file: a long session recording; above it people keep a link. */
export const MAX_FILE_BYTES = 4 * 1024 ** 3;

/** What the sealed item says of a file: name, media type, true size in bytes, key, blob hashes in order. */
export interface AttachmentRef {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly key: FileKey;
  readonly blobs: readonly Uint8Array[];
}

/** Return the labelled SHA-256 of a blob, which is also its id within its collection (32 bytes): step 4. */
export function blobHash(blob: Uint8Array): Uint8Array {
  return labelledHash("blob-hash", blob);
}

/** Return the padded plaintext size of a file of `size` bytes: step 2. */
export function paddedSize(size: number): number {
  return Math.max(padme(size), FLOOR_BYTES);
}

/** Cut what comes, and the zeros behind it, into chunks of 64 KiB (the last may be shorter): steps 2 and 3. */
async function* paddedChunks(parts: Chunks, size: number): AsyncGenerator<Uint8Array, void, void> {
  // A new one for each chunk, since the sealing holds one back; new ones are full of zeros, which are the padding.
  let chunk = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  let seen = 0;
  for await (const part of parts) {
    seen += part.length;
    for (let at = 0; at < part.length; ) {
      const taken = part.subarray(at, at + CHUNK_BYTES - filled);
      chunk.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < CHUNK_BYTES) break;
      yield chunk;
      [chunk, filled] = [new Uint8Array(CHUNK_BYTES), 0];
    }
  }
  if (seen !== size) {
    throw new IntegrityError("The file changed while it was read.", { code: "attachment-size" });
  }
  let missing = paddedSize(size) - size;
  while (missing > 0 || filled > 0) {
    const added = Math.min(missing, CHUNK_BYTES - filled);
    missing -= added;
    yield chunk.subarray(0, filled + added);
    [chunk, filled] = [new Uint8Array(CHUNK_BYTES), 0];
  }
}

/** Yield the blobs of a file of `size` bytes read from `parts`; `key` must be fresh for each file. */
export async function* sealFile(key: FileKey, parts: Chunks, size: number): AsyncGenerator<Uint8Array, void, void> {
  let held: Uint8Array[] = [];
  for await (const chunk of sealStream(key, paddedChunks(parts, size))) {
    held.push(chunk);
    if (held.length === CHUNKS_PER_BLOB) {
      yield concat(...held);
      held = [];
    }
  }
  if (held.length > 0) yield concat(...held);
}

/**
 * Opens a file blob by blob, holding one blob at most: step 5.
 *
 * Bytes given before a later error are authentic but incomplete: write to a temporary place and keep it only after
 * `finish` returned.
 */
export class FileOpener {
  readonly #reference: AttachmentRef;
  readonly #cipher: StreamOpener;
  #next = 0;
  #total = 0;

  constructor(reference: AttachmentRef) {
    this.#reference = reference;
    this.#cipher = new StreamOpener(reference.key);
  }

  /** Return the plaintext that the next blob completes; raise `IntegrityError` (blob-mismatch, stream-changed). */
  async feed(blob: Uint8Array): Promise<Uint8Array> {
    const named = this.#reference.blobs[this.#next];
    if (named === undefined || !equal(blobHash(blob), named)) {
      throw new IntegrityError("A part of an attachment is not the one that was sealed.", { code: "blob-mismatch" });
    }
    this.#next += 1;
    const opened: Uint8Array[] = [];
    for (let at = 0; at < blob.length; at += SEALED_CHUNK_BYTES) {
      opened.push(await this.#cipher.feed(blob.subarray(at, at + SEALED_CHUNK_BYTES)));
    }
    return this.#taken(concat(...opened));
  }

  /** Return the last plaintext; raise `IntegrityError` if a part is missing or the size is another. */
  async finish(): Promise<Uint8Array> {
    if (this.#next !== this.#reference.blobs.length) {
      throw new IntegrityError("A part of an attachment is missing.", { code: "blob-mismatch" });
    }
    const last = this.#taken(await this.#cipher.finish());
    if (this.#total !== paddedSize(this.#reference.size)) {
      throw new IntegrityError("An attachment's size is not the one that was sealed.", { code: "attachment-size" });
    }
    return last;
  }

  /** What of `opened` is the file's; the zeros behind it are not. */
  #taken(opened: Uint8Array): Uint8Array {
    const left = Math.max(0, this.#reference.size - this.#total);
    this.#total += opened.length;
    return opened.subarray(0, left);
  }
}

/**
 * Yield the plaintext of a file from its blobs in order, without its padding; see `FileOpener`.
 *
 * Raises `IntegrityError`: blob-mismatch, stream-changed, attachment-size.
 */
export async function* openFile(reference: AttachmentRef, blobs: Chunks): AsyncGenerator<Uint8Array, void, void> {
  const opener = new FileOpener(reference);
  for await (const blob of blobs) yield await opener.feed(blob);
  yield await opener.finish();
}
