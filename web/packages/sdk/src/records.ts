/** Records: what one sealed item says once it is opened, and where records of a kind go. No I/O. */

import { InvalidInputError, fromHex, hex, type envelope } from "@mindhaven/crypto";

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

/** What the client notes beside a record. */
export interface Notes {
  readonly conflictOf: Uint8Array | null;
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
export function toContent(record: Record, notes: Notes | null = null): envelope.Content {
  const noted: JsonObject =
    notes === null || notes.conflictOf === null ? {} : { [RESERVED]: { conflict_of: hex(notes.conflictOf) } };
  const body = encodeBody({ ...record.body, ...noted });
  return { kind: record.kind, version: record.version, createdAt: record.createdAt, zone: record.zone, body };
}

/** Return the record and the notes that a content holds; throws `InvalidInputError` for a malformed one. */
export function fromContent(content: envelope.Content): { record: Record; notes: Notes } {
  const { [RESERVED]: noted, ...body } = decodeBody(content.body);
  const { kind, version, createdAt, zone } = content;
  return { record: { kind, version, createdAt, zone, body }, notes: { conflictOf: conflictOf(noted) } };
}

function conflictOf(noted: Json | undefined): Uint8Array | null {
  if (typeof noted !== "object" || noted === null || Array.isArray(noted)) return null;
  const value = (noted as JsonObject)["conflict_of"];
  if (typeof value !== "string") return null;
  try {
    return fromHex(value);
  } catch {
    // Whoever may write to a collection may write this, so it must not keep the others' reading from going on.
    throw new InvalidInputError("What a program noted beside this record is malformed.", { code: "notes-shape" });
  }
}
