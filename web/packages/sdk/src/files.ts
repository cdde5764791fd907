/**
 * Attachments: sealed and sent part by part, resumed where they broke off. I/O: the server, the local store.
 *
 * It is loaded with the first file, so that it is no part of what a page waits for.
 * Guarantees: one part in memory at a time; no key ever seals two contents, also where a file changed between two tries.
 * Does not: send without a server; write what was read anywhere. Implements spec/attachment.md.
 */

import {
  FileKey,
  IntegrityError,
  InvalidInputError,
  NotFoundError,
  attachment,
  collection as collections,
  decode,
  encode,
  equal,
  hex,
  randomBytes,
  shape,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import type { Entry } from "./entries.ts";
import { attachedName } from "./facts.ts";
import { toText } from "./ids.ts";
import type { LocalStore } from "./store.ts";
import type { Transport } from "./transport.ts";

/** What is read of a file at once: little beside the part of 4 MiB that it fills. */
const READ_BYTES = 1024 * 1024;
const UPLOAD = "upload/";
const UNTYPED = "application/octet-stream";
const KEEP_NOTHING =
  "Keep nothing of what arrived. Ask the people who run the server; whoever added it may have it.";

/** How much of a file's parts has been sent. */
export type Progress = (done: number, all: number) => void;

/** A file as a browser gives it, or any bytes under a name; a `File` is one. */
export interface Attachable extends Blob {
  readonly name: string;
  readonly lastModified?: number;
}

/** What holds files: an entry, or what is to become one and was attached already. */
export type Attaching = Pick<Entry, "collection" | "files">;

/**
 * A transfer under way: which file it is, its key, and the ids of the parts that were sealed under it, in order.
 *
 * `row` is where it rests, so that it can go on; null: nowhere, and its key is used this once.
 */
interface Upload {
  readonly row: string | null;
  readonly about: Uint8Array;
  readonly key: FileKey;
  readonly sealed: Uint8Array[];
  /** How many of them arrived. */
  arrived: number;
}

/** Attachments of one account. */
export class Files {
  readonly #client: Mindhaven;
  readonly #transport: Transport;
  readonly #store: LocalStore;

  constructor(client: Mindhaven) {
    this.#client = client;
    this.#transport = client.vault.transport;
    this.#store = client.store;
  }

  /**
   * Seal a file and send its parts; return what `entries.add` takes with the same `place`.
   *
   * `place`: the name of a collection of one's own, or the id of any. It needs the server. A transfer that broke off goes
   * on where it stopped, if the file is the same. `fleeting`: it begins anew then, since what it would go on with opens
   * the file, and nothing of that is to rest. Throws `InvalidInputError` (file-too-large, file-unreadable).
   */
  async attach(
    place: string | Uint8Array,
    file: Attachable,
    progress?: Progress,
    { fleeting = false } = {},
  ): Promise<attachment.AttachmentRef> {
    const { listing } = this.#client;
    const there = typeof place === "string" ? (await this.#client.inTurn(() => listing.ensure(place))).id : place;
    return this.#send(there, file, fleeting, progress);
  }

  async #send(
    collection: Uint8Array,
    file: Attachable,
    fleeting: boolean,
    progress?: Progress,
  ): Promise<attachment.AttachmentRef> {
    if (file.size > attachment.MAX_FILE_BYTES) {
      throw new InvalidInputError("This file is larger than an attachment may be (4 GiB).", { code: "file-too-large" });
    }
    const about = encode([collection, file.name, file.size, file.lastModified ?? 0]);
    const begun = fleeting ? null : this.#begun(about);
    const upload = begun ?? {
      row: fleeting ? null : `${UPLOAD}${hex(randomBytes(16))}`,
      about,
      key: FileKey.fresh(),
      sealed: [],
      arrived: 0,
    };
    if (!(await this.#sendParts(collection, file, upload, progress))) {
      if (upload.row !== null) this.#store.remove(upload.row);
      return this.#send(collection, file, fleeting, progress); // another file of that name, size and time: a key of its own
    }
    const { name, size, type } = file;
    const mediaType = type === "" ? UNTYPED : type;
    const { key, sealed: blobs } = upload;
    await this.#store.batch((batch) => {
      if (upload.row !== null) batch.remove(upload.row);
      const [first] = blobs;
      if (first !== undefined) batch.put(attachedName(first), collection);
    });
    return { name, mediaType, size, key, blobs };
  }

  /** Return the transfer of that file that broke off; its row's name says nothing of it. */
  #begun(about: Uint8Array): Upload | null {
    for (const [row, kept] of this.#store.under(UPLOAD)) {
      const [of, key, sealed, arrived] = shape.fields(decode(kept), 4, "A transfer");
      if (!equal(shape.raw(of, "A file"), about)) continue;
      return {
        row,
        about,
        key: new FileKey(shape.raw(key, "A key")),
        sealed: [...collections.blobsOf(sealed)],
        arrived: shape.number(arrived, "A number of parts"),
      };
    }
    return null;
  }

  /**
   * Seal and send what has not arrived; return false if the file is not the one that was begun.
   *
   * A part's id rests before the part leaves: so that no other content is ever sealed under its key at its place.
   */
  async #sendParts(collection: Uint8Array, file: Attachable, upload: Upload, progress?: Progress): Promise<boolean> {
    const all = Math.ceil(attachment.paddedSize(file.size) / attachment.BLOB_BYTES);
    let number = 0;
    for await (const blob of attachment.sealFile(upload.key, partsOf(file), file.size)) {
      const id = attachment.blobHash(blob);
      const before = upload.sealed[number];
      if (before === undefined) {
        upload.sealed.push(id);
        await this.#keep(upload);
      } else if (!equal(before, id)) {
        return false;
      }
      number += 1;
      if (number > upload.arrived) {
        await this.#transport.blob("PUT", addressOf(collection, id), blob);
        upload.arrived = number;
        await this.#keep(upload);
      }
      progress?.(number, Math.max(all, number));
    }
    return true;
  }

  async #keep({ row, about, key, sealed, arrived }: Upload): Promise<void> {
    if (row === null) return;
    await this.#store.batch((batch) => {
      batch.put(row, encode([about, key.bytes, sealed, arrived]));
    });
  }

  /**
   * Yield the plaintext of an entry's attachment, one part in memory at a time.
   *
   * Keep what was yielded only once it ended without an error. Throws `IntegrityError` (blob-mismatch, stream-changed,
   * attachment-size), `NotFoundError` (blob-unknown; entry-unknown: it is not on the server yet).
   */
  async *stream(entry: Attaching, number = 0): AsyncGenerator<Uint8Array, void, void> {
    const [{ collection }, reference] = [entry, entry.files[number]];
    if (collection === null || reference === undefined) {
      throw new NotFoundError("This entry's attachment is not on the server yet.", { code: "entry-unknown" });
    }
    const opener = new attachment.FileOpener(reference);
    try {
      for (const id of reference.blobs) {
        yield await opener.feed(await this.#transport.blob("GET", addressOf(collection, id)));
      }
      yield await opener.finish();
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      throw new IntegrityError(error.message, { code: error.reason, hint: error.hint ?? KEEP_NOTHING, cause: error });
    }
  }

  /**
   * Return an entry's attachment, once every part of it was verified; the browser may keep its bytes on the disk.
   *
   * It bears no media type: what another wrote as a page must not run as one of this site. The reference says it.
   */
  async read(entry: Attaching, number = 0): Promise<Blob> {
    const parts: Blob[] = [];
    for await (const part of this.stream(entry, number)) parts.push(new Blob([new Uint8Array(part)]));
    return new Blob(parts, { type: UNTYPED });
  }
}

function addressOf(collection: Uint8Array, blob: Uint8Array): string {
  return `/v1/collections/${toText(collection)}/blobs/${toText(blob)}`;
}

/** Yield what a file holds, little by little; throws `InvalidInputError` (file-unreadable). */
export async function* partsOf(file: Blob): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < file.size; at += READ_BYTES) {
    let part: ArrayBuffer;
    try {
      part = await file.slice(at, at + READ_BYTES).arrayBuffer();
    } catch (cause) {
      throw new InvalidInputError("This file can't be read.", {
        code: "file-unreadable",
        hint: "Choose it again: it may have been moved or changed.",
        cause,
      });
    }
    yield new Uint8Array(part);
  }
}
