/**
 * Files that were sealed and sent, and belong to no entry yet: what opens them rests here, sealed, so that a lock loses none.
 * I/O: the server.
 */

import {
  FileKey,
  InvalidInputError,
  type attachment,
  decode,
  encode,
  fromHex,
  hex,
  randomBytes,
  shape,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { type Attachable, Files } from "./files.ts";

type Reference = attachment.AttachmentRef;

/** A file as it is shown: its id (hex), name, media type, and size in bytes. */
export interface UnplacedFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** One that waits: its id, what is being written, the part that it was sent to, since when, and what opens it. */
interface One {
  readonly id: string;
  readonly about: string;
  readonly part: string;
  readonly at: number;
  readonly reference: Reference;
}

const ROW = "waiting-files";
const ID_BYTES = 16;
/** As many as drafts: more is no draft. The oldest go first. */
const MAX_WAITING = 50;
/** The server drops parts that no entry names after 90 days (vault/jobs.py); a month before, nothing is offered any more. */
const KEPT_MS = 60 * 86_400_000;
/** A file of 4 GiB has 1024 parts. */
const MAX_PARTS = 1100;
/** File systems end at 255; what a browser says of a file may be a little longer. */
const MAX_NAME = 1000;

/** Files of one account that wait for their entry. */
export class Unplaced {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Seal a file and send it; it rests under `about` before this returns. Throws (no-account) without a sealed copy. */
  async attach(part: string, file: Attachable, about: string): Promise<UnplacedFile> {
    if (this.#client.me === null) {
      throw new InvalidInputError("A file needs the sealed copy on the server.", {
        code: "no-account",
        hint: "What you write needs none.",
      });
    }
    const reference = await new Files(this.#client).attach(part, file);
    const one = { id: hex(randomBytes(ID_BYTES)), about, part, at: this.#client.now(), reference };
    await this.#keep([...this.#all(), one]);
    return shownOne(one);
  }

  /** Return what waits under that name, the oldest first. */
  shown(about: string): UnplacedFile[] {
    return this.#all().filter((one) => one.about === about).map(shownOne);
  }

  /** Return what opens these; those that do not wait any more are left out. */
  references(ids: readonly string[]): Reference[] {
    return this.#all().filter((one) => ids.includes(one.id)).map((one) => one.reference);
  }

  /** Let go of these: nobody can open what was sent of them, and the server drops it in time. */
  async drop(ids: readonly string[]): Promise<void> {
    await this.#keep(this.#all().filter((one) => !ids.includes(one.id)));
  }

  /** Return the bytes of a file that waits, once every part of it was verified. */
  async read(id: string): Promise<Blob> {
    const found = this.#all().find((one) => one.id === id);
    const collection = found === undefined ? undefined : this.#client.listing.named(found.part)?.id;
    if (found === undefined || collection === undefined) {
      throw new InvalidInputError("This file does not wait any more.", { code: "entry-unknown" });
    }
    return new Files(this.#client).read({ collection, files: [found.reference] });
  }

  #all(): One[] {
    const row = this.#client.store.get(ROW);
    if (row === null) return [];
    const oldest = this.#client.now() - KEPT_MS;
    return shape.items(decode(row), "Files", { most: MAX_WAITING }).map(oneOf).filter((one) => one.at > oldest);
  }

  async #keep(all: readonly One[]): Promise<void> {
    const { store } = this.#client;
    if (all.length === 0) store.remove(ROW);
    else store.put(ROW, encode(all.slice(-MAX_WAITING).map(rowOf)));
    await store.saved();
  }
}

function shownOne({ id, reference: { name, mediaType: type, size } }: One): UnplacedFile {
  return { id, name, type, size };
}

function rowOf({ id, about, part, at, reference: { name, mediaType, size, key, blobs } }: One) {
  return [fromHex(id), about, part, at, [name, mediaType, size, key.bytes, [...blobs]]];
}

function oneOf(row: unknown): One {
  const [id, about, part, at, reference] = shape.fields(row, 5, "A file");
  const [name, mediaType, size, key, blobs] = shape.fields(reference, 5, "A file");
  return {
    id: hex(shape.raw(id, "An id", { length: ID_BYTES })),
    about: shape.text(about, "A name"),
    part: shape.text(part, "A part"),
    at: shape.number(at, "A time"),
    reference: {
      name: shape.text(name, "A name", { most: MAX_NAME }),
      mediaType: shape.text(mediaType, "A type", { most: MAX_NAME }),
      size: shape.number(size, "A size"),
      key: new FileKey(shape.raw(key, "A key")),
      blobs: shape.items(blobs, "Parts", { most: MAX_PARTS }).map((one) => shape.raw(one, "A part")),
    },
  };
}
