/**
 * What a record of each kind may hold, and the one walk that checks a body against it. Twin of `mindhaven.kinds.fields`
 * and `mindhaven.kinds.catalogue`, whose tables `tools/web_kinds.py` writes into `fields.json`.
 *
 * Guarantees: a body that passes holds only declared fields, of the declared types and ranges; the error names the field
 * by its path (`raw.value`, `stages[3].start`) and never quotes what stands in it; the codes and the words are Python's.
 * Does not: limit which kinds exist; an app's own kind has no table. No I/O.
 */

import { InvalidInputError } from "@mindhaven/crypto";

import data from "./fields.json" with { type: "json" };
import { general } from "./numerals.ts";

export type FieldType = "text" | "texts" | "number" | "integer" | "flag" | "object" | "objects" | "codes";

/** How a record becomes FHIR. */
export type FhirRule =
  | "observation"
  | "questionnaire-response"
  | "document-reference"
  | "care-plan"
  | "medication-statement"
  | "basic";

/** One field; what it does not say is no, none, or without a bound. `longest` is in characters. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly longest: number;
  readonly required?: boolean;
  readonly nullable?: boolean;
  readonly low?: number;
  readonly high?: number;
  readonly choices?: readonly string[];
  readonly fields?: readonly Field[];
}

/** One kind of record. */
export interface Kind {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly timeless: boolean;
  readonly fhir: FhirRule;
  readonly fields: readonly Field[];
}

type Value = unknown;
type Check = (value: Value, field: Field, where: string) => void;

const TABLES = data as { readonly earliestMs: number; readonly latestMs: number; readonly kinds: readonly Kind[] };
const BY_NAME = new Map(TABLES.kinds.map((kind) => [kind.name, kind]));

/** Characters of a path that are shown: a name is another's text. */
const LINE = 500;
/** Most entries of a list in one record: ten times the busiest day found in an export. */
const LIST = 1000;

/** Halves of a pair are told by the upper bits of their codes. */
const SURROGATE = 0xfc00;
const FIRST_HALF = 0xd800;
const SECOND_HALF = 0xdc00;

/** The earliest and the latest moment that a record can be about, unix milliseconds. */
export const EARLIEST_MS = TABLES.earliestMs;
export const LATEST_MS = TABLES.latestMs;

/** Return the table of the kind called `name`; null for an app's own kind. */
export function kindNamed(name: string): Kind | null {
  return BY_NAME.get(name) ?? null;
}

/** Throw `InvalidInputError` naming the first field of `body` that does not fit the table `fields`. */
export function checkFields(body: Readonly<{ [name: string]: Value }>, fields: readonly Field[], path = ""): void {
  const known = new Set(fields.map((field) => field.name));
  const held = new Map(Object.entries(body));
  for (const name of held.keys()) {
    if (!known.has(name)) throw refused(shown(`${path}${name}`), "is not a field of this kind", "kind-field-unknown");
  }
  for (const field of fields) {
    const where = `${path}${field.name}`;
    if (!held.has(field.name)) {
      if (field.required === true) throw refused(where, "is missing", "kind-field-missing");
      continue;
    }
    const value = held.get(field.name);
    if (value === null && field.nullable === true) continue;
    CHECKS[field.type](value, field, where);
  }
}

/** Return how many characters `text` has: a pair of surrogates is one. */
export function characters(text: string): number {
  let count = text.length;
  for (let place = 1; place < text.length; place++) {
    const second = (text.charCodeAt(place) & SURROGATE) === SECOND_HALF;
    if (second && (text.charCodeAt(place - 1) & SURROGATE) === FIRST_HALF) count -= 1;
  }
  return count;
}

function shown(path: string): string {
  return path.length <= LINE ? path : Array.from(path).slice(0, LINE).join("");
}

function refused(where: string, why: string, code: string): InvalidInputError {
  return new InvalidInputError(`The field ${where} ${why}.`, { code });
}

function checkText(value: Value, field: Field, where: string): void {
  if (typeof value !== "string") throw refused(where, "must be a text", "kind-field-type");
  if (value.length > field.longest && characters(value) > field.longest) {
    throw refused(where, `is longer than ${field.longest} characters`, "kind-field-length");
  }
  if (field.choices !== undefined && !field.choices.includes(value)) {
    throw refused(where, `must be one of: ${field.choices.join(", ")}`, "kind-field-choice");
  }
}

function listOf(value: Value, where: string): readonly Value[] {
  if (!Array.isArray(value)) throw refused(where, "must be a list", "kind-field-type");
  if (value.length > LIST) throw refused(where, `has more than ${LIST} entries`, "kind-field-length");
  return value as readonly Value[];
}

function checkTexts(value: Value, field: Field, where: string): void {
  for (const [position, entry] of listOf(value, where).entries()) checkText(entry, field, `${where}[${position}]`);
}

function checkNumber(value: Value, field: Field, where: string): void {
  if (typeof value !== "number" || !Number.isFinite(value)) throw refused(where, "must be a number", "kind-field-type");
  checkRange(value, field, where);
}

function checkInteger(value: Value, field: Field, where: string): void {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw refused(where, "must be a whole number", "kind-field-type");
  }
  checkRange(value, field, where);
}

function checkRange(value: number, { low, high }: Field, where: string): void {
  if (low !== undefined && value < low) throw refused(where, `must be at least ${general(low)}`, "kind-field-range");
  if (high !== undefined && value > high) throw refused(where, `must be at most ${general(high)}`, "kind-field-range");
}

function checkFlag(value: Value, _field: Field, where: string): void {
  if (typeof value !== "boolean") throw refused(where, "must be true or false", "kind-field-type");
}

function checkObject(value: Value, field: Field, where: string): void {
  if (!isObject(value)) throw refused(where, "must be an object", "kind-field-type");
  checkFields(value, field.fields ?? [], `${where}.`);
}

function checkObjects(value: Value, field: Field, where: string): void {
  for (const [position, entry] of listOf(value, where).entries()) checkObject(entry, field, `${where}[${position}]`);
}

function checkCodes(value: Value, field: Field, where: string): void {
  if (!isObject(value)) throw refused(where, "must be an object of whole numbers", "kind-field-type");
  const codes = Object.entries(value);
  if (codes.length > LIST) throw refused(where, `has more than ${LIST} entries`, "kind-field-length");
  for (const [name, code] of codes) if (code !== null) checkInteger(code, field, `${where}.${shown(name)}`);
}

function isObject(value: Value): value is Readonly<{ [name: string]: Value }> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const CHECKS: Readonly<{ [type in FieldType]: Check }> = {
  text: checkText,
  texts: checkTexts,
  number: checkNumber,
  integer: checkInteger,
  flag: checkFlag,
  object: checkObject,
  objects: checkObjects,
  codes: checkCodes,
};
