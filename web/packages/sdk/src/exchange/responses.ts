/**
 * Check-ups as FHIR: the QuestionnaireResponse with every answer, and the total that follows from it.
 *
 * Guarantees: no total without its answers; an answer has LOINC's code only where the questionnaire's data gives a source
 * for it; a form that is not known, or of another version, keeps its answers as numbers. No I/O.
 */

import { optionsOf, type Instrument, type Item } from "@mindhaven/kinds";

import type { Json } from "../canonical.ts";
import { instrumentOf } from "./forms.ts";
import { fieldsOf, isObject, isText, textOf, type Exported } from "./model.ts";
import { localText } from "./moments.ts";
import { EXTENSION, SURVEY, authorOf, base, local, quantity, uuidOf, type Draft, type Fhir, type Resource } from "./elements.ts";

const LOINC = "http://loinc.org";
const ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue";

/** Give the QuestionnaireResponse of a check-up and, if it has a total, the Observation derived from it. */
export function questionnaireResponse(item: Exported, subject: Resource): Resource[] {
  const { body } = item.record;
  const name = textOf(body["instrument"]);
  const instrument = instrumentOf(body);
  const { missing, answers, note, score } = body;
  const made: Draft = {
    ...base(item, "QuestionnaireResponse", subject, false),
    questionnaire: `urn:x-mindhaven:questionnaire:${name}|${textOf(body["version"])}`,
    status: Array.isArray(missing) && missing.length > 0 ? "stopped" : "completed",
    authored: localText(item.record),
    author: authorOf(item, subject),
    source: authorOf(item, subject),
    language: textOf(body["language"]),
    item: answered(instrument, new Map(isObject(answers) ? fieldsOf(answers) : []), body["difficulty"] ?? null),
  };
  if (isText(note)) made["extension"] = [{ url: `${EXTENSION}note`, valueString: note }];
  if (typeof score !== "number") return [made];
  return [made, total(item, subject, instrument, name, score)];
}

function answered(instrument: Instrument | null, answers: ReadonlyMap<string, Json>, difficulty: Json): Resource[] {
  if (instrument === null) {
    const made = [...answers].map(([linkId, code]) => plain(linkId, code));
    return difficulty === null ? made : [...made, plain("difficulty", difficulty)];
  }
  const made = instrument.items.map((question) => answer(instrument, question, answers.get(question.linkId) ?? null));
  const { difficulty: asked } = instrument;
  return asked === null || difficulty === null ? made : [...made, answer(instrument, asked, difficulty)];
}

function plain(linkId: string, code: Json): Resource {
  return code === null ? { linkId } : { linkId, answer: [{ valueInteger: code as Fhir }] };
}

function answer(instrument: Instrument, question: Item, code: Json): Resource {
  const told: Draft = { linkId: question.linkId, text: question.text };
  const option = optionsOf(instrument, question).find((one) => one.code === code);
  if (option === undefined) return told;
  const coding: Draft = {
    ...(option.loinc === null ? local(`answer-${option.code}`) : { system: LOINC, code: option.loinc }),
    display: option.text,
    extension: [{ url: ORDINAL, valueDecimal: option.weight }],
  };
  told["answer"] = [{ valueCoding: coding }];
  return told;
}

function total(item: Exported, subject: Resource, instrument: Instrument | null, name: string, score: number): Resource {
  const loinc = instrument?.total.loinc ?? null;
  const made: Draft = {
    ...base(item, "Observation", subject),
    status: "final",
    category: SURVEY,
    code: {
      coding: [loinc === null ? local(`${name}-total`) : { system: LOINC, code: loinc }],
      text: `${instrument?.title ?? name} total`,
    },
    effectiveDateTime: localText(item.record),
    valueQuantity: quantity(score, "{score}", "score"),
    derivedFrom: [{ reference: `urn:uuid:${uuidOf(item.item, "QuestionnaireResponse")}` }],
  };
  const { band } = item.record.body;
  if (typeof band === "string") made["interpretation"] = [{ text: band }];
  return made;
}
