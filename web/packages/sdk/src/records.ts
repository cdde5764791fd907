/** Records: what one sealed item says once it is opened, and where records of a kind go. No I/O. */

import {
  FileKey,
  InvalidInputError,
  base64,
  fromBase64,
  fromHex,
  hex,
  type attachment,
  type envelope,
} from "@mindhaven/crypto";

import { decodeBody, encodeBody, type Json, type JsonObject } from "./canonical.ts";
import kinds from "./kinds.json" with { type: "json" };

/**
 * One record. `kind`: `mindhaven/mood`, or an app's own `org.example/x`; `createdAt`: the moment that it is about, ms
 * since 1970 UTC; `zone`: where the person was then, an IANA name or a fixed offset (`+02:00`).
 */
export interface Record {
  readonly kind: string;
  readonly version: number;
  readonly createdAt: number;
  readonly zone: string;
  readonly body: JsonObject;
}

/** What the client notes beside a record: the item that it is a conflict of, and its attachments. */
export interface Notes {
  readonly conflictOf: Uint8Array | null;
  readonly files: readonly attachment.AttachmentRef[];
}

interface Kind {
  readonly version: number;
  readonly collection: string;
  readonly timeless: boolean;
}

/** The reserved name in a body: what belongs to the client and not to the kind. */
const RESERVED = "$";
const KINDS = new Map<string, Kind>(Object.entries(kinds));
const KIND_NAME = /^(?:[a-z0-9-]+\.)*[a-z0-9-]+\/[a-z0-9][a-z0-9._-]*$/;

/** Return the name of one's own collection where records of this kind go. */
export function homeOf(record: Record): string {
  return KINDS.get(record.kind)?.collection ?? record.kind.split("/")[0] ?? "";
}

/** Return the month that a record's epoch is about: year * 100 + month of the local day, 0 for timeless kinds. */
export function monthOf(record: Record): number {
  if (KINDS.get(record.kind)?.timeless === true) return 0;
  let parts: Intl.DateTimeFormatPart[];
  try {
    const zone = record.zone === "Z" ? "UTC" : record.zone;
    const format = new Intl.DateTimeFormat("en-u-ca-iso8601", { timeZone: zone, year: "numeric", month: "numeric" });
    parts = format.formatToParts(record.createdAt);
  } catch {
    throw new InvalidInputError("The field zone names no time zone that this browser knows.", { code: "zone-unknown" });
  }
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return part("year") * 100 + part("month");
}

/** Throw `InvalidInputError` naming the field of `record` that does not fit. */
export function check(record: Record): void {
  if (record.kind.length > 200 || !KIND_NAME.test(record.kind)) {
    throw new InvalidInputError("The field kind must look like org.example/name, in small letters.", {
      code: "record-kind-name",
    });
  }
  if (record.kind.startsWith("mindhaven/") && !KINDS.has(record.kind)) {
    throw new InvalidInputError("The field kind names no kind that Mindhaven has.", { code: "record-kind-reserved" });
  }
  if (!Number.isSafeInteger(record.createdAt)) {
    throw new InvalidInputError("The field createdAt must be whole milliseconds.", { code: "record-moment" });
  }
  if (RESERVED in record.body) {
    throw new InvalidInputError(`A record's body has no field named ${RESERVED}.`, { code: "kind-field-reserved" });
  }
  monthOf(record);
  encodeBody(record.body);
}

/** Return a record as the content to seal. */
export function toContent(record: Record, notes?: Notes): envelope.Content {
  const noted: { [name: string]: Json } = {};
  if (notes?.conflictOf) noted["conflict_of"] = hex(notes.conflictOf);
  if (notes !== undefined && notes.files.length > 0) noted["files"] = notes.files.map(fileNoted);
  const beside: JsonObject = Object.keys(noted).length > 0 ? { [RESERVED]: noted } : {};
  const body = encodeBody({ ...record.body, ...beside });
  return { kind: record.kind, version: record.version, createdAt: record.createdAt, zone: record.zone, body };
}

/** Return the record and the notes that a content holds; throws `InvalidInputError` for a malformed one. */
export function fromContent(content: envelope.Content): { record: Record; notes: Notes } {
  const { [RESERVED]: noted, ...body } = decodeBody(content.body);
  const { kind, version, createdAt, zone } = content;
  return { record: { kind, version, createdAt, zone, body }, notes: notesOf(noted) };
}

function fileNoted({ name, mediaType, size, key, blobs }: attachment.AttachmentRef): JsonObject {
  return { name, type: mediaType, size, key: base64(key.bytes), blobs: blobs.map(base64) };
}

function notesOf(noted: Json | undefined): Notes {
  if (!isObject(noted)) return { conflictOf: null, files: [] };
  const { conflict_of: conflict, files = [] } = noted;
  try {
    if (!Array.isArray(files)) throw new TypeError("no list");
    return { conflictOf: typeof conflict === "string" ? fromHex(conflict) : null, files: files.map(fileOf) };
  } catch {
    // Whoever may write to a collection may write this, so it must not keep the others' reading from going on.
    throw new InvalidInputError("What a program noted beside this record is malformed.", { code: "notes-shape" });
  }
}

function fileOf(value: Json): attachment.AttachmentRef {
  const { name, type, size, key, blobs } = isObject(value) ? value : {};
  if (typeof name !== "string" || typeof type !== "string" || typeof size !== "number" || !Array.isArray(blobs)) {
    throw new TypeError("no file");
  }
  if (!Number.isSafeInteger(size) || size < 0) throw new TypeError("no size");
  return { name, mediaType: type, size, key: new FileKey(bytesOf(key)), blobs: blobs.map(bytesOf) };
}

function bytesOf(value: Json | undefined): Uint8Array {
  if (typeof value !== "string") throw new TypeError("no text");
  return fromBase64(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
