/**
 * The elements that FHIR resources of this program have in common, and how they are written.
 *
 * Guarantees: elements stand in the order in which they were set, so that the bytes are Python's; ids follow from item
 * ids. No I/O.
 */

import { concat, hex, sha256, utf8 } from "@mindhaven/crypto";
import { decimalNumber, plainNumber } from "@mindhaven/kinds/numerals";

import { textOf, type Exported } from "./model.ts";

/** A number that is written with its decimals, also where they are 0. */
export class Real {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export type Fhir = string | number | boolean | Real | readonly Fhir[] | Resource;
export interface Resource {
  readonly [name: string]: Fhir;
}
/** A resource that is being put together; its elements are written in the order in which they were set. */
export interface Draft {
  [name: string]: Fhir;
}

export const LOCAL = "urn:x-mindhaven:codes";
export const AUTHOR_IDS = "urn:x-mindhaven:author";
export const EXTENSION = "urn:x-mindhaven:field:";
export const SURVEY: Fhir = [
  { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "survey", display: "Survey" }] },
];
const ITEM_IDS = "urn:x-mindhaven:item";
const UCUM = "http://unitsofmeasure.org";
const ID_LABEL = "mindhaven/fhir-id/v1\0";
const UUID_BYTES = 16;
/** Return a value as JSON, without blanks. */
export function written(value: Fhir): string {
  if (value instanceof Real) return decimalNumber(value.value);
  if (typeof value === "number") return plainNumber(value);
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  const fields = Object.entries(value as Resource).map(([name, one]) => `${JSON.stringify(name)}:${written(one)}`);
  return `{${fields.join(",")}}`;
}

/** Return the UUID (version 8) of what `item` becomes in the role `role`. */
export function uuidOf(item: Uint8Array, role: string): string {
  const raw = sha256(concat(utf8(`${ID_LABEL}${role}\0`), item)).slice(0, UUID_BYTES);
  raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x80;
  raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80;
  return hex(raw).replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-");
}

/** Return the Provenance that says that `made` came from another app. */
export function provenance(
  item: Exported,
  made: readonly Resource[],
  app: string,
  key: string,
  recorded: string,
): Resource {
  const origin: Resource = key === "" ? {} : { identifier: { system: `${LOCAL}:import-key`, value: key } };
  return {
    resourceType: "Provenance",
    id: uuidOf(item.item, "Provenance"),
    target: made.map((resource) => ({ reference: `urn:uuid:${textOf(resource["id"])}` })),
    recorded,
    activity: { coding: [{ system: LOCAL, code: "import", display: "Import" }] },
    agent: [{ who: { ...authorOf(item, null), display: item.authorName || "The person's own device" } }],
    entity: [{ role: "source", what: { display: app, ...origin } }],
  };
}

/** Return the parts that every resource begins with. */
export function base(item: Exported, kind: string, subject: Resource, performer = true): Draft {
  const tags: Resource[] = [];
  if (item.collectionName !== "") tags.push({ system: `${LOCAL}:collection`, display: item.collectionName });
  if (item.conflictOf !== null) tags.push({ system: `${LOCAL}:conflict-of`, code: hex(item.conflictOf) });
  const meta: Draft = { versionId: String(item.revision) };
  if (tags.length > 0) meta["tag"] = tags;
  const identifier = { system: ITEM_IDS, value: hex(item.item) };
  const made: Draft = { resourceType: kind, id: uuidOf(item.item, kind), meta, subject };
  made["identifier"] = kind === "QuestionnaireResponse" ? identifier : [identifier];
  if (performer) made["performer"] = [authorOf(item, null)];
  return made;
}

/** Return who wrote a record: `subject` where that person did, else (or without one) the author's id and name. */
export function authorOf(item: Exported, subject: Resource | null): Resource {
  if (subject !== null && item.authorName === "") return subject;
  const identifier = { system: AUTHOR_IDS, value: hex(item.author) };
  return item.authorName === "" ? { identifier } : { identifier, display: item.authorName };
}

/** Return a code of our own. */
export function local(code: string, display = ""): Resource {
  return display === "" ? { system: LOCAL, code } : { system: LOCAL, code, display };
}

/** Return an amount with its unit. */
export function quantity(value: number | Real, code: string, unit: string): Resource {
  return unit === "" ? { value, system: UCUM, code } : { value, system: UCUM, code, unit };
}
