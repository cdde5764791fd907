/**
 * The item envelope: one sealed revision of one record. Implements spec/envelope.md.
 *
 * Header, salt and content are bound to each other; an envelope opens at its own place and nowhere else.
 * Does not: know any kind; `body` is the kind's own bytes. Works through WebCrypto; no other I/O.
 */

import { equal } from "../bytes.ts";
import { decode, encode, labelledHash } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import { pad, unpad } from "../padding.ts";
import { COMMITMENT_BYTES, openSealed, SALT_BYTES, seal, type Sealed } from "../seal.ts";
import type { EpochKey } from "../secrets.ts";
import * as shape from "../shape.ts";
import { SUITE } from "./encoding.ts";

export const ITEM_ID_BYTES = 16;
/** A 4 MiB content, its padding (at most 11.6 %) and its frame. */
export const MAX_ENVELOPE_BYTES = 5 * 1024 * 1024;
export const MAX_REVISION = 1_000_000;
const MAX_KIND_CHARACTERS = 100;
const MAX_ZONE_CHARACTERS = 64;
const MAX_HEADER_BYTES = 256;

/** `[suite, collection, item, revision, epoch, author uid]`: AAD and derivation info of the item key. */
export interface Header {
  readonly collection: Uint8Array;
  readonly item: Uint8Array;
  readonly revision: number;
  readonly epoch: number;
  readonly author: Uint8Array;
}

/** Return a header's bytes: step 3. */
export function encodeHeader(header: Header): Uint8Array {
  return encode([SUITE, header.collection, header.item, header.revision, header.epoch, header.author]);
}

/** Return the header that `data` encodes; another suite raises `IntegrityError` (suite). */
export function decodeHeader(data: Uint8Array): Header {
  const [suite, collection, item, revision, epoch, author] = shape.fields(decode(data), 6, "An envelope's header");
  if (shape.number(suite, "A suite") !== SUITE) {
    throw new IntegrityError("This record is sealed with a suite that this client does not accept.", { code: "suite" });
  }
  return {
    collection: shape.raw(collection, "A collection id", { length: 32 }),
    item: shape.raw(item, "An item id", { length: ITEM_ID_BYTES }),
    revision: shape.number(revision, "A revision", { least: 1, most: MAX_REVISION }),
    epoch: shape.number(epoch, "An epoch", { least: 1 }),
    author: shape.raw(author, "An author", { length: 32 }),
  };
}

/**
 * What is sealed: `[kind, schema version, created_at, zone, body]`.
 *
 * `createdAt` is in milliseconds since 1970 UTC and names the moment the record is about; `zone` is an IANA zone or a
 * fixed offset; `body` is the kind's own bytes (canonical JSON for every kind of ours).
 */
export interface Content {
  readonly kind: string;
  readonly version: number;
  readonly createdAt: number;
  readonly zone: string;
  readonly body: Uint8Array;
}

/** Return the unpadded plaintext: step 1. */
export function encodeContent(content: Content): Uint8Array {
  return encode([content.kind, content.version, content.createdAt, content.zone, content.body]);
}

/** Return the content that `data` encodes. */
export function decodeContent(data: Uint8Array): Content {
  const [kind, version, createdAt, zone, body] = shape.fields(decode(data), 5, "A record");
  return {
    kind: shape.text(kind, "A kind", { most: MAX_KIND_CHARACTERS }),
    version: shape.number(version, "A schema version"),
    createdAt: shape.number(createdAt, "A time", { least: Number.MIN_SAFE_INTEGER }),
    zone: shape.text(zone, "A time zone", { most: MAX_ZONE_CHARACTERS }),
    body: shape.raw(body, "A record's body"),
  };
}

/** An envelope as stored and sent, and the salt that lies beside it. */
export interface SealedItem {
  readonly envelope: Uint8Array;
  readonly salt: Uint8Array;
}

/** Return the labelled SHA-256 of an envelope's bytes, which the chain names. */
export function envelopeHash(envelope: Uint8Array): Uint8Array {
  return labelledHash("envelope-hash", envelope);
}

/** Return the labelled SHA-256 of a salt; raise `InvalidInputError` (salt-length) unless it is 32 bytes. */
export function saltHash(salt: Uint8Array): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new InvalidInputError("A salt is exactly 32 bytes.", { code: "salt-length" });
  return labelledHash("salt-hash", salt);
}

/** Seal one revision: steps 2-6. `salt` must be 32 fresh random bytes at each call. */
export async function sealItem(
  key: EpochKey,
  header: Header,
  content: Content,
  salt: Uint8Array,
): Promise<SealedItem> {
  const head = encodeHeader(header);
  const { commitment, ciphertext } = await seal(key, "item", salt, head, pad(encodeContent(content)));
  return { envelope: encode([head, commitment, ciphertext]), salt };
}

/** An envelope taken apart: its header, the header's bytes as received, and its sealed part. */
export interface OpenEnvelope {
  readonly header: Header;
  readonly head: Uint8Array;
  readonly sealed: Sealed;
}

/** Return the parts of an envelope; raise `InvalidInputError` otherwise. */
export function readHeader(envelope: Uint8Array): OpenEnvelope {
  if (envelope.length > MAX_ENVELOPE_BYTES) {
    throw new InvalidInputError("An envelope is larger than its format allows.", { code: "envelope-too-large" });
  }
  const [head, commitment, ciphertext] = shape.fields(decode(envelope), 3, "An envelope");
  const sealed = {
    commitment: shape.raw(commitment, "A commitment", { length: COMMITMENT_BYTES }),
    ciphertext: shape.raw(ciphertext, "A ciphertext"),
  };
  const bytes = shape.raw(head, "A header", { most: MAX_HEADER_BYTES });
  return { header: decodeHeader(bytes), head: bytes, sealed };
}

function isAt(header: Header, expected: Header): boolean {
  return (
    equal(header.collection, expected.collection) &&
    equal(header.item, expected.item) &&
    header.revision === expected.revision &&
    header.epoch === expected.epoch &&
    equal(header.author, expected.author)
  );
}

/**
 * Open one revision that must stand at `expected`: step 8.
 *
 * Raises `IntegrityError`: suite, envelope-misplaced, commitment-mismatch, seal-does-not-open, padding-malformed.
 */
export async function openItem(key: EpochKey, item: SealedItem, expected: Header): Promise<Content> {
  const { header, head, sealed } = readHeader(item.envelope);
  if (!isAt(header, expected)) {
    throw new IntegrityError("A record was put in another record's place.", { code: "envelope-misplaced" });
  }
  return decodeContent(unpad(await openSealed(key, "item", item.salt, head, sealed)));
}
