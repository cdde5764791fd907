/**
 * What an export is made from, and by which table a record is read. Twin of `mindhaven.sdk.exports.model`.
 *
 * Guarantees: what another program wrote otherwise than its kind says is kept as it is, and stops no export. No I/O.
 */

import { InvalidInputError, compare, equal, fromUtf8, hex } from "@mindhaven/crypto";
import { checkFields, kindNamed, type Kind } from "@mindhaven/kinds/fields";

import { encodeBody, type Json, type JsonObject } from "../canonical.ts";
import type { Entry } from "../entries.ts";
import type { Record } from "../records.ts";
import { isBlank } from "./texts.ts";

/** Another person whose records these are: their id, and what one calls them. */
export interface Owner {
  readonly uid: Uint8Array;
  readonly name: string;
}

/**
 * One opened item and where it stood. `authorName`: what one calls the author, empty where the person whose records
 * these are wrote it; `owner`: that person, null for oneself.
 */
export interface Exported {
  readonly record: Record;
  readonly item: Uint8Array;
  readonly revision: number;
  readonly collectionName: string;
  readonly author: Uint8Array;
  readonly conflictOf: Uint8Array | null;
  readonly authorName: string;
  readonly owner: Owner | null;
}

/** How the id of a person without a name begins; as the command line writes it. */
const NO_CONTACT = "(no contact) ";
/** Characters of such an id that are shown. */
const SHOWN_ID = 8;
const INDEX = /^(?:0|[1-9]\d*)$/u;

/**
 * Return entries of this device as exports take them; those that did not open, or have no author yet, are left out.
 *
 * `me`: one's own id; `names`: what one calls people, by their id in hexadecimal; `owner`: whose entries these are.
 */
export function exportedFrom(
  entries: Iterable<Entry>,
  me: Uint8Array,
  names: ReadonlyMap<string, string>,
  owner: Owner | null = null,
): Exported[] {
  const subject = owner?.uid ?? me;
  const made: Exported[] = [];
  for (const { record, item, revision, collectionName, author, conflictOf } of entries) {
    if (record === null) continue;
    const by = author ?? me;
    const id = hex(by);
    const authorName = equal(by, subject) ? "" : (names.get(id) ?? `${NO_CONTACT}${id.slice(0, SHOWN_ID)}`);
    made.push({ record, item, revision, collectionName, author: by, conflictOf, authorName, owner });
  }
  return made;
}

/** Return the table that says how to read `record`; null for what is told as it is stored. */
export function kindOf(record: Record): Kind | null {
  const kind = kindNamed(record.kind);
  if (kind?.version !== record.version) return null;
  try {
    checkFields(record.body, kind.fields);
  } catch (error) {
    if (error instanceof InvalidInputError) return null;
    throw error;
  }
  return kind;
}

/** Return `items` oldest first; equal moments by item id, so that the same records give the same file. */
export function inOrder(items: Iterable<Exported>): Exported[] {
  return [...items].sort((one, other) => one.record.createdAt - other.record.createdAt || compare(one.item, other.item));
}

/**
 * Return the fields of an object in the order in which they were written. An engine puts names that are whole numbers
 * first; where there are such, the order is that of canonical JSON.
 */
export function fieldsOf(value: JsonObject): [string, Json][] {
  const fields = Object.entries(value);
  if (!fields.some(([name]) => INDEX.test(name))) return fields;
  return fields.sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Return a value as canonical JSON. */
export function jsonText(value: Json): string {
  return fromUtf8(encodeBody({ v: value })).slice(5, -1);
}

/** Return an object as canonical JSON. */
export function bodyText(body: JsonObject): string {
  return fromUtf8(encodeBody(body));
}

/** Return whether a value is an object with fields. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Return a value as the list that it is; empty for anything else. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Return the text that a value is; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Return whether a value is a text with more in it than blanks. */
export function isText(value: Json | undefined): value is string {
  return typeof value === "string" && !isBlank(value);
}
