/**
 * Parts of attachments that a restored server lacks: which files are concerned, and giving one back. I/O: server.
 *
 * Guarantees: of a file that is not, byte for byte, the one that was attached nothing is sent.
 * Does not: keep files: whoever has one gives it. Implements spec/transfer.md step 14.
 */

import {
  IntegrityError,
  InvalidInputError,
  MindhavenError,
  attachment,
  collection as collections,
  decode,
  envelope as envelopes,
  equal,
  hex,
  shape,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import type { Entry } from "./entries.ts";
import { OfflineError, SignedOutError } from "./errors.ts";
import { partsOf, type Attachable } from "./files.ts";
import { toText } from "./ids.ts";

/** Records of one answer; a server tells a hundred at a time. */
const MOST_GAPS = 10_000;

type Holding = Pick<Entry, "item" | "collection" | "files">;

/** A file of which the server lacks parts (their ids): the `number`th of that entry. */
export interface Lacking {
  readonly item: Uint8Array;
  readonly collection: Uint8Array;
  readonly number: number;
  readonly file: attachment.AttachmentRef;
  readonly parts: readonly Uint8Array[];
}

/** What a restored server lacks of attachments, as one device sees it. */
export class Parts {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Return which of these entries have a file that is not whole there; nothing of them has to be open. */
  async gaps(entries: readonly Pick<Entry, "item" | "collection">[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const found = new Map<string, ReadonlySet<string>>();
    const items = new Set(entries.map((one) => hex(one.item)));
    const asked = new Map(entries.flatMap(({ collection: id }) => (id === null ? [] : [[hex(id), id] as const])));
    for (const collection of asked.values()) {
      for (const [item, parts] of await this.#ask(collection)) if (items.has(item)) found.set(item, parts);
    }
    return found;
  }

  /** Return the files of these entries, as they are open, of which the server lacks parts. */
  async lacking(entries: readonly Holding[]): Promise<Lacking[]> {
    const gaps = await this.gaps(entries.filter((one) => one.files.length > 0));
    return entries.flatMap(({ item, collection, files }) =>
      files.flatMap((file, number): Lacking[] => {
        const parts = file.blobs.filter((one) => gaps.get(hex(item))?.has(hex(one)));
        return parts.length === 0 || collection === null ? [] : [{ item, collection, number, file, parts }];
      }),
    );
  }

  /**
   * Give back, from a file that this person still has, what the server lacks of these; return those that it was.
   *
   * Throws `InvalidInputError` (file-differs) if it is none of them, byte for byte: nothing was sent then.
   */
  async giveBack(lacking: readonly Lacking[], file: Attachable): Promise<Lacking[]> {
    const fitting: Lacking[] = [];
    for (const one of lacking) if (one.file.size === file.size && (await isSame(one.file, file))) fitting.push(one);
    if (fitting.length === 0) throw differs();
    for (const one of fitting) await this.#send(one, file);
    return fitting;
  }

  async #send({ collection, file, parts }: Lacking, given: Attachable): Promise<void> {
    let number = 0;
    for await (const blob of attachment.sealFile(file.key, partsOf(given), file.size)) {
      const id = file.blobs[number++];
      if (id === undefined || !equal(attachment.blobHash(blob), id)) throw differs(); // changed since it was compared
      if (!parts.some((one) => equal(one, id))) continue;
      const address = `/v1/collections/${toText(collection)}/given-back/${toText(id)}`;
      await this.#client.vault.transport.blob("PUT", address, blob);
    }
  }

  /** Return which parts are missing of which item (hex); what the server refuses to answer is asked again another time. */
  async #ask(collection: Uint8Array): Promise<Map<string, ReadonlySet<string>>> {
    const address = `/v1/collections/${toText(collection)}/missing-parts`;
    const gaps = new Map<string, ReadonlySet<string>>();
    try {
      for (let after = ""; ; ) {
        const raw = await this.#client.vault.transport.cbor("GET", `${address}${after === "" ? "" : `?after=${after}`}`);
        const [entries, next] = shape.fields(decode(raw), 2, "What is missing");
        for (const entry of shape.items(entries, "The gaps", { most: MOST_GAPS })) {
          const [item, , parts] = shape.fields(entry, 3, "A gap");
          gaps.set(hex(idOf(item)), new Set(collections.blobsOf(parts).map(hex)));
        }
        if (next === null) return gaps;
        const following = hex(idOf(next));
        if (following <= after) throw new IntegrityError("The server's list of what is missing does not go on.", { code: "shape" });
        after = following;
      }
    } catch (error) {
      if (!(error instanceof MindhavenError) || error instanceof OfflineError || error instanceof SignedOutError) throw error;
      return gaps;
    }
  }
}

function idOf(value: unknown): Uint8Array {
  return shape.raw(value, "An item id", { length: envelopes.ITEM_ID_BYTES });
}

/** Tell whether this is the file that was attached: under its key it gives the same bytes. They go nowhere here. */
async function isSame(reference: attachment.AttachmentRef, file: Attachable): Promise<boolean> {
  let number = 0;
  try {
    for await (const blob of attachment.sealFile(reference.key, partsOf(file), reference.size)) {
      const id = reference.blobs[number++];
      if (id === undefined || !equal(attachment.blobHash(blob), id)) return false;
    }
  } catch (error) {
    if (error instanceof IntegrityError) return false; // its size changed while it was read
    throw error;
  }
  return number === reference.blobs.length;
}

function differs(): InvalidInputError {
  return new InvalidInputError("This is none of the files that the server lost, byte for byte. Nothing of it was sent.", {
    code: "file-differs",
    hint: "A file that was changed since it was attached does not fit.",
  });
}
