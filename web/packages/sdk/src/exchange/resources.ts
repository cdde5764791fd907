/**
 * One function for each export rule: a record becomes FHIR R4 resources. Twin of `mindhaven.sdk.exports.fhir_resources`.
 *
 * Guarantees: what a rule has no element for goes into a component, a note or an extension as text; nothing is dropped.
 * Codes: LOINC only where the instrument's data gives a source; everything else in the local system `LOCAL`. No I/O.
 */

import { base64, utf8 } from "@mindhaven/crypto";
import { kindNamed, type FhirRule } from "@mindhaven/kinds/fields";
import { rounded } from "@mindhaven/kinds/numerals";

import type { Json, JsonObject } from "../canonical.ts";
import { EXTENSION, Real, SURVEY, authorOf, base, local, quantity, type Draft, type Resource } from "./elements.ts";
import { bodyText, fieldsOf, isObject, isText, listOf, textOf, type Exported } from "./model.ts";
import { localText, utcText } from "./moments.ts";
import { questionnaireResponse } from "./responses.ts";
import tables from "./tables.json" with { type: "json" };
import { isBlank } from "./texts.ts";

export type Rule = (item: Exported, subject: Resource) => Resource[];

const MINUTE_MS = 60_000;
const PLAN_PARTS: Readonly<{ [part: string]: string }> = tables.planParts;
/** Fields that can be the one value of an observation: their unit as a code and in words. */
const VALUES = [
  ["strength", "{score}", "0 to 10"],
  ["minutes", "min", "minute"],
  ["value", "{score}", ""],
] as const;

/** Give the Observation of a mood, a night, a craving, a symptom and the like. */
function observation(item: Exported, subject: Resource): Resource[] {
  const { record } = item;
  const body = new Map(fieldsOf(record.body));
  const take = (name: string): Json | undefined => {
    const value = body.get(name);
    body.delete(name);
    return value;
  };
  const name = record.kind.slice(record.kind.lastIndexOf("/") + 1);
  const code: Draft = { coding: [local(name)], text: kindNamed(record.kind)?.title ?? name };
  const made: Draft = { ...base(item, "Observation", subject), status: "final", category: SURVEY, code };
  const [start, end] = [take("start"), take("end")];
  if (typeof start === "number" && typeof end === "number") {
    made["effectivePeriod"] = { start: utcText(start), end: utcText(end) };
    made["valueQuantity"] = quantity(new Real(rounded((end - start) / MINUTE_MS, 2)), "min", "minute");
  } else {
    made["effectiveDateTime"] = localText(record);
  }
  const own = body.get("name");
  if ((name === "symptom" || name === "factor") && typeof own === "string") {
    code["text"] = own;
    body.delete("name");
  }
  for (const [field, unit, told] of VALUES) {
    const value = body.get(field);
    if (typeof value !== "number" || "valueQuantity" in made) continue;
    made["valueQuantity"] = quantity(value, unit, told);
    body.delete(field);
  }
  const note = take("note");
  if (typeof note === "string" && note !== "") made["note"] = [{ text: note }];
  const staged = stages(take("stages"));
  body.delete("source");
  const components = [...staged, ...[...body].flatMap(([field, value]) => component(field, value))];
  if (components.length > 0) made["component"] = components;
  return [made];
}

function stages(value: Json | undefined): Resource[] {
  return listOf(value).flatMap((stage) => {
    if (!isObject(stage)) return [];
    const { start, end, stage: name } = stage;
    if (typeof start !== "number" || typeof end !== "number") return [];
    const valuePeriod = { start: utcText(start), end: utcText(end) };
    return [{ code: { coding: [local(`sleep-${textOf(name)}`)] }, valuePeriod }];
  });
}

function component(field: string, value: Json): Resource[] {
  const code = { coding: [local(field)] };
  if (value === null) return [];
  if (typeof value === "boolean") return [{ code, valueBoolean: value }];
  if (typeof value === "number") return [{ code, valueQuantity: quantity(value, "{score}", "") }];
  if (typeof value === "string") return [{ code, valueString: isBlank(value) ? "(empty)" : value }];
  if (isObject(value)) return [{ code, valueString: bodyText(value) }];
  return listOf(value).flatMap((entry) => component(field, entry));
}

/** Give the DocumentReference of a journal entry, its text inside; attachments are named, not carried. */
function documentReference(item: Exported, subject: Resource): Resource[] {
  const { body, createdAt } = item.record;
  const text = typeof body["text"] === "string" ? body["text"] : "";
  const inside: Draft = { contentType: "text/plain; charset=utf-8" };
  if (text !== "") inside["data"] = base64(utf8(text));
  if (typeof body["title"] === "string" && body["title"] !== "") inside["title"] = body["title"];
  const others = listOf(body["attachments"]).filter(isObject).map((entry) => ({ attachment: { title: bodyText(entry) } }));
  const made: Draft = {
    ...base(item, "DocumentReference", subject, false),
    status: "current",
    type: { coding: [local("journal")], text: "Journal entry" },
    date: utcText(createdAt),
    author: [authorOf(item, subject)],
    content: [{ attachment: inside }, ...others],
  };
  return [made];
}

/** Give the CarePlan of a person's own plan: one activity for each line of it. */
function carePlan(item: Exported, subject: Resource): Resource[] {
  const { body } = item.record;
  const made: Draft = { ...base(item, "CarePlan", subject, false), status: "active", intent: "plan" };
  made["title"] = "My plan for hard times";
  const activities = Object.entries(PLAN_PARTS).flatMap(([part, title]) =>
    listOf(body[part]).map(lineOf).filter((told) => !isBlank(told)).map((description) => ({
      detail: { code: { coding: [local(`plan-${part}`, title)] }, status: "in-progress", description },
    })),
  );
  if (activities.length > 0) made["activity"] = activities;
  withNote(made, body);
  return [made];
}

function lineOf(entry: Json): string {
  if (!isObject(entry)) return textOf(entry);
  return fieldsOf(entry).map(([, value]) => textOf(value)).join(" · ");
}

/** Give the MedicationStatement of a dose taken or not, or of a schedule. */
function medicationStatement(item: Exported, subject: Resource): Resource[] {
  const { body } = item.record;
  const made: Draft = {
    ...base(item, "MedicationStatement", subject, false),
    status: typeof body["taken"] !== "boolean" ? "active" : body["taken"] ? "completed" : "not-taken",
    medicationCodeableConcept: { text: textOf(body["name"]) },
    effectiveDateTime: localText(item.record),
    informationSource: subject,
  };
  const dosage = [body["dose"], body["schedule"]].map(textOf).filter((one) => one !== "");
  if (dosage.length > 0) made["dosage"] = [{ text: dosage.join(", ") }];
  withNote(made, body);
  return [made];
}

/** Give the Basic resource of a record that has no other form: its whole body as JSON. */
function basic(item: Exported, subject: Resource): Resource[] {
  const { kind, version, createdAt, body } = item.record;
  const made: Draft = {
    ...base(item, "Basic", subject, false),
    code: { coding: [local("record")], text: kind },
    created: localText(item.record).slice(0, 10),
    extension: [
      { url: `${EXTENSION}kind`, valueString: `${kind} ${version}` },
      { url: `${EXTENSION}moment`, valueInstant: utcText(createdAt) },
      { url: `${EXTENSION}body`, valueString: bodyText(body) },
    ],
  };
  return [made];
}

function withNote(made: Draft, body: JsonObject): void {
  if (isText(body["note"])) made["note"] = [{ text: body["note"] }];
}

export const RULES: Readonly<{ [rule in FhirRule]: Rule }> = {
  observation,
  "questionnaire-response": questionnaireResponse,
  "document-reference": documentReference,
  "care-plan": carePlan,
  "medication-statement": medicationStatement,
  basic,
};
