/**
 * An HL7 FHIR R4 Bundle (type `collection`) of a person's records. Twin of `mindhaven.sdk.exports.fhir`.
 *
 * Guarantees: every record is in it, or `journalLeftOut` says how many journals were left out because nobody asked for
 * them; kinds without a mapping become `Basic` with their body as JSON; ids are derived from item ids, so the same
 * records give the same bundle; the person is a placeholder without a name.
 * Does not: claim a profile, compute a risk level, or send anything. No I/O.
 */

import { compare, hex, utf8 } from "@mindhaven/crypto";

import { AUTHOR_IDS, provenance, uuidOf, written, type Resource } from "./elements.ts";
import { fieldsOf, inOrder, isObject, kindOf, textOf, type Exported, type Owner } from "./model.ts";
import { utcText } from "./moments.ts";
import { RULES } from "./resources.ts";

/** A bundle, how many records went in, and how many journals were left out. */
export interface FhirExport {
  readonly data: Uint8Array;
  readonly records: number;
  readonly journalLeftOut: number;
}

const JOURNAL = "mindhaven/journal";
const SELF = utf8("patient");

/** Return the bundle of `items`; `madeAt`: unix milliseconds, the bundle's own time. */
export function writeFhir(items: Iterable<Exported>, madeAt: number, includeJournal = false): FhirExport {
  const ordered = inOrder(items);
  const opening = written({ resourceType: "Bundle", type: "collection", timestamp: utcText(madeAt) });
  const entries = owners(ordered).map((owner) => entry(person(owner)));
  let [records, journalLeftOut] = [0, 0];
  for (const item of ordered) {
    if (item.record.kind === JOURNAL && !includeJournal) {
      journalLeftOut += 1; // of whatever version and shape
      continue;
    }
    records += 1;
    const made = RULES[kindOf(item.record)?.fhir ?? "basic"](item, { reference: `urn:uuid:${person(item.owner).id}` });
    entries.push(...made.map(entry), ...origin(item, made, madeAt).map(entry));
  }
  const data = utf8(`${opening.slice(0, -1)},"entry":[\n${entries.join(",\n")}\n]}\n`);
  return { data, records, journalLeftOut };
}

function origin(item: Exported, made: readonly Resource[], madeAt: number): Resource[] {
  const source = item.record.body["source"];
  if (!isObject(source)) return [];
  const held = new Map(fieldsOf(source));
  const app = textOf(held.get("app"));
  return app === "" ? [] : [provenance(item, made, app, textOf(held.get("key")), utcText(madeAt))];
}

function owners(items: readonly Exported[]): (Owner | null)[] {
  const found = new Map<string, Owner | null>();
  for (const { owner } of items) found.set(owner === null ? "" : `${hex(owner.uid)} ${owner.name}`, owner);
  if (found.size === 0) return [null];
  const empty = new Uint8Array();
  return [...found.values()].sort((one, other) => compare(one?.uid ?? empty, other?.uid ?? empty));
}

/** Return the person whose records these are: oneself without a name, another by the name that one gave. */
function person(owner: Owner | null): Resource & { readonly id: string } {
  if (owner === null) return { resourceType: "Patient", id: uuidOf(SELF, "Patient") };
  const { uid, name } = owner;
  const identifier = [{ system: AUTHOR_IDS, value: hex(uid) }];
  return { resourceType: "Patient", id: uuidOf(uid, "Patient"), identifier, name: [{ text: name }] };
}

function entry(resource: Resource): string {
  return written({ fullUrl: `urn:uuid:${textOf(resource["id"])}`, resource });
}
