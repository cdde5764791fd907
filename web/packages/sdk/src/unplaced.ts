/**
 * Files that were sealed and sent, and belong to no entry yet: what opens them rests here, sealed, so that a lock loses none.
 *
 * Guarantees: what opens them rests on their shelf and nowhere else, also while they are sent. I/O: the server.
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

/** Where the list of what waits rests: among the rows of this device, or where it is sealed once more. */
export interface Shelf {
  readonly get: () => Promise<Uint8Array | null>;
  /** Keep the list; null: nothing waits. It rests when this is done. */
  readonly put: (list: Uint8Array | null) => Promise<void>;
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

/** Lists are changed one after the other: two files at once would each leave the other out. */
const turns = new WeakMap<Mindhaven, Promise<unknown>>();

function rowsOf({ store }: Mindhaven): Shelf {
  return {
    get: () => Promise.resolve(store.get(ROW)),
    put: async (list) => {
      if (list === null) store.remove(ROW);
      else store.put(ROW, list);
      await store.saved();
    },
  };
}

/** Files of one account that wait for their entry. */
export class Unplaced {
  readonly #client: Mindhaven;
  readonly #shelf: Shelf;
  /** Whether they rest on a shelf that this device alone does not open. */
  readonly #apart: boolean;

  constructor(client: Mindhaven, shelf?: Shelf) {
    this.#client = client;
    this.#shelf = shelf ?? rowsOf(client);
    this.#apart = shelf !== undefined;
  }

  /** Seal a file and send it; it rests under `about` before this returns. Throws (no-account) without a sealed copy. */
  async attach(part: string, file: Attachable, about: string): Promise<UnplacedFile> {
    if (this.#client.me === null) {
      throw new InvalidInputError("A file needs the sealed copy on the server.", {
        code: "no-account",
        hint: "What you write needs none.",
      });
    }
    const reference = await new Files(this.#client).attach(part, file, undefined, { fleeting: this.#apart });
    const one = { id: hex(randomBytes(ID_BYTES)), about, part, at: this.#client.now(), reference };
    await this.#change((all) => [...all, one]);
    return shownOne(one);
  }

  /** Return what waits under that name, the oldest first. */
  async shown(about: string): Promise<UnplacedFile[]> {
    return (await this.#all()).filter((one) => one.about === about).map(shownOne);
  }

  /** Return what opens these; those that do not wait any more are left out. */
  async references(ids: readonly string[]): Promise<Reference[]> {
    return (await this.#all()).filter((one) => ids.includes(one.id)).map((one) => one.reference);
  }

  /** Let go of these: nobody can open what was sent of them, and the server drops it in time. */
  async drop(ids: readonly string[]): Promise<void> {
    await this.#change((all) => all.filter((one) => !ids.includes(one.id)));
  }

  /** Let what waits under that name wait on another shelf; it is on both for a moment, and never on none. */
  async move(about: string, to: Unplaced, as: string): Promise<void> {
    const moved = (await this.#all()).filter((one) => one.about === about);
    if (moved.length === 0) return;
    await to.#change((all) => [...all, ...moved.map((one) => ({ ...one, about: as }))]);
    await this.drop(moved.map((one) => one.id));
  }

  /** Return the bytes of a file that waits, once every part of it was verified. */
  async read(id: string): Promise<Blob> {
    const found = (await this.#all()).find((one) => one.id === id);
    const collection = found === undefined ? undefined : this.#client.listing.named(found.part)?.id;
    if (found === undefined || collection === undefined) {
      throw new InvalidInputError("This file does not wait any more.", { code: "entry-unknown" });
    }
    return new Files(this.#client).read({ collection, files: [found.reference] });
  }

  async #all(): Promise<One[]> {
    const list = await this.#shelf.get();
    if (list === null) return [];
    const oldest = this.#client.now() - KEPT_MS;
    return shape.items(decode(list), "Files", { most: MAX_WAITING }).map(oneOf).filter((one) => one.at > oldest);
  }

  async #change(to: (all: readonly One[]) => readonly One[]): Promise<void> {
    const before = turns.get(this.#client) ?? Promise.resolve();
    const turn = before.then(async () => {
      const all = to(await this.#all());
      await this.#shelf.put(all.length === 0 ? null : encode(all.slice(-MAX_WAITING).map(rowOf)));
    });
    turns.set(this.#client, turn.catch(() => undefined));
    await turn;
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
