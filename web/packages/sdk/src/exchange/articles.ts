/**
 * One record as an article of the page. Twin of `mindhaven.sdk.exports.html_entries`.
 *
 * Guarantees: every field of a record is shown, the mapped ones in words and the rest by name; all of it escaped; what
 * does not fit its kind is shown as it is stored. No I/O.
 */

import { mayServe, optionsOf, type Instrument } from "@mindhaven/kinds";
import { general } from "@mindhaven/kinds/numerals";

import type { Json, JsonObject } from "../canonical.ts";
import { instrumentOf } from "./forms.ts";
import { note, pairs, tags } from "./marks.ts";
import { bodyText, fieldsOf, isObject, kindOf, listOf, textOf, type Exported } from "./model.ts";
import { clockText, localText, localTime } from "./moments.ts";
import tables from "./tables.json" with { type: "json" };
import { capitalized, escaped } from "./texts.ts";

type Row = readonly [string, Json | undefined];
type Shape = (body: JsonObject) => [head: string, inside: string];

const SPECIAL = new Set(["note", "text", "labels", "activities", "contexts", "raw", "source", "title", "valence"]);
const LISTS = ["labels", "activities", "contexts"];
const LABELS = new Map(Object.entries(tables.labels));
const PLAN_PARTS = Object.entries(tables.planParts);
const MINUTE_MS = 60_000;
/** Words for a valence below a bound; half-way between the faces of a five-face scale. */
const FACES = [
  [-0.75, "very unpleasant"],
  [-0.25, "unpleasant"],
  [0.25, "in between"],
  [0.75, "pleasant"],
] as const;

/** Return the article of a record of any kind but a plan. */
export function entryHtml(item: Exported): string {
  const { kind, body } = item.record;
  if (kindOf(item.record) === null) return article(item, "Record", `<pre>${escaped(bodyText(body))}</pre>\n`);
  const [head, inside] = (SHAPES.get(kind) ?? plainEntry)(body);
  return article(item, head, inside + origin(body));
}

/** Return a plan for hard times, part by part, empty parts left out. */
export function planHtml(item: Exported): string {
  const { body } = item.record;
  const parts = PLAN_PARTS.map(([name, title]) => {
    const lines = listOf(body[name]).map((entry) => `<li>${person(entry)}</li>`);
    return lines.length === 0 ? "" : `<article><h3>${escaped(title)}</h3><ul>${lines.join("")}</ul></article>\n`;
  });
  return `${parts.join("")}${note(body["note"])}<p class="meta">${when(item)}${by(item)}${conflict(item)}</p>\n`;
}

function person(entry: Json): string {
  if (!isObject(entry)) return escaped(textOf(entry));
  const rest = fieldsOf(entry).filter(([name, value]) => name !== "name" && value !== null && value !== "");
  const name = `<strong>${escaped(textOf(entry["name"]))}</strong>`;
  return [name, ...rest.map(([, value]) => escaped(textOf(value)))].join(" · ");
}

function article(item: Exported, head: string, inside: string): string {
  const other = item.conflictOf === null ? "" : '<p class="meta">Another version of the same record.</p>\n';
  return (
    `<article>\n<div class="head"><h3>${escaped(head)}</h3><p class="meta">${when(item)}${by(item)}</p></div>\n` +
    `${inside}${other}</article>\n`
  );
}

function when({ record }: Exported): string {
  return `<time datetime="${localText(record)}">${clockText(localTime(record).wall)}</time> ${escaped(record.zone)}`;
}

function by({ authorName }: Exported): string {
  return authorName === "" ? "" : ` · written by ${escaped(authorName)}`;
}

function conflict({ conflictOf }: Exported): string {
  return conflictOf === null ? "" : " · another version of the same record";
}

function origin(body: JsonObject): string {
  const { source } = body;
  return isObject(source) ? `<p class="meta">Brought in from ${escaped(textOf(source["app"]))}</p>\n` : "";
}

function valenceWord(valence: number): string {
  return FACES.find(([bound]) => valence < bound)?.[1] ?? "very pleasant";
}

const mood: Shape = (body) => {
  const { valence, raw, title } = body;
  const word = typeof valence === "number" ? valenceWord(valence) : "";
  const said = isObject(raw) ? raw : {};
  const own = said["name"];
  const head = typeof own === "string" && own !== "" ? `${own} (${word})` : capitalized(word);
  const rows: Row[] = [["Pleasant (-1 to 1)", valence]];
  if ((said["value"] ?? null) !== null) rows.push([`On the scale ${textOf(said["scale"])}`, said["value"]]);
  const titled = typeof title === "string" && title !== "" ? `<p><strong>${escaped(title)}</strong></p>\n` : "";
  return [head, titled + note(body["note"]) + lists(body) + pairs([...rows, ...rest(fieldsOf(body))])];
};

const journal: Shape = (body) => {
  const title = body["title"];
  const head = typeof title === "string" && title !== "" ? title : "Journal entry";
  return [head, note(body["text"]) + pairs(rest(fieldsOf(body)))];
};

const checkup: Shape = (body) => {
  const { score, band, answers } = body;
  const instrument = instrumentOf(body);
  let head = instrument?.title ?? textOf(body["instrument"]);
  if (typeof score !== "number") {
    head += ": no total, some answers are missing";
  } else {
    head += `: ${score + 0}${instrument === null ? "" : ` of ${instrument.total.high}`}`;
    if (typeof band === "string") head += `, ${band}`;
  }
  const given = isObject(answers) ? fieldsOf(answers) : [];
  return [head, answersOf(instrument, body["difficulty"] ?? null, given) + note(body["note"])];
};

function answersOf(instrument: Instrument | null, difficulty: Json, answers: readonly [string, Json][]): string {
  if (instrument === null || !mayServe(instrument.licence, "free-of-charge")) {
    return pairs([...answers, ["difficulty", difficulty]]);
  }
  const questions = [...instrument.items];
  const given = new Map(answers);
  if (instrument.difficulty !== null && difficulty !== null) {
    questions.push(instrument.difficulty);
    given.set(instrument.difficulty.linkId, difficulty);
  }
  const rows = questions.map((question) => {
    const code = given.get(question.linkId) ?? null;
    const option = optionsOf(instrument, question).find((one) => one.code === code);
    const told = option === undefined ? "no answer" : `${option.text} (${option.code})`;
    return `<tr><th scope="row">${escaped(question.text)}</th><td>${escaped(told)}</td></tr>`;
  });
  return (
    `<table><caption>${escaped(instrument.stem)}</caption><tbody>${rows.join("")}</tbody></table>\n` +
    `<p class="meta">${escaped(instrument.licence.attribution)}</p>\n`
  );
}

const sleep: Shape = (body) => {
  const spent = new Map<string, number>();
  for (const stage of listOf(body["stages"])) {
    if (!isObject(stage)) continue;
    const name = textOf(stage["stage"]);
    spent.set(name, (spent.get(name) ?? 0) + Number(stage["end"]) - Number(stage["start"]));
  }
  const rows: Row[] = [...spent].map(([name, ms]) => [capitalized(name.replaceAll("-", " ")), length(ms)]);
  rows.push(["Quality (0 to 1)", body["quality"]]);
  return [length(Number(body["end"]) - Number(body["start"])), pairs(rows) + note(body["note"])];
};

function length(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  const hours = Math.floor(minutes / 60);
  return `${hours} h ${String(minutes - hours * 60).padStart(2, "0")} min`;
}

const medication: Shape = (body) => {
  const { taken, dose, schedule } = body;
  const state = typeof taken !== "boolean" ? "" : taken ? ", taken" : ", not taken";
  return [
    textOf(body["name"]) + state,
    pairs([["Dose", dose], ["When", schedule]]) + note(body["note"]),
  ];
};

const plainEntry: Shape = (body) => {
  const { name, title, value } = body;
  const named = [name, title].find((one) => typeof one === "string" && one !== "");
  const head = typeof named === "string" ? named : "Entry";
  const shown = fieldsOf(body).filter(([field]) => field !== "name" && field !== "value");
  return [
    typeof value === "number" ? `${head}: ${general(value)}` : head,
    note(body["text"]) + note(body["note"]) + lists(body) + pairs(rest(shown)),
  ];
};

function lists(body: JsonObject): string {
  return LISTS.map((name) => tags(body[name])).join("");
}

function rest(fields: readonly [string, Json][]): Row[] {
  return fields
    .filter(([name]) => !SPECIAL.has(name))
    .map(([name, value]) => [LABELS.get(name) ?? capitalized(name.replaceAll("_", " ")), value]);
}

const SHAPES = new Map<string, Shape>([
  ["mindhaven/mood", mood],
  ["mindhaven/journal", journal],
  ["mindhaven/checkup", checkup],
  ["mindhaven/sleep", sleep],
  ["mindhaven/medication", medication],
]);
