/** A plan as a record, and as the lines that a person writes. Pure; no I/O. */

import type { JsonObject } from "@mindhaven/sdk";

import { PLAN } from "../../kinds.ts";
import type { EntryShown } from "../../engine/shown.ts";

/** The parts of a plan, in the order in which they help. */
export const PARTS = [
  "signs",
  "helps",
  "distractions",
  "people",
  "professionals",
  "surroundings",
  "reasons",
  "note",
] as const;

export type Part = (typeof PARTS)[number];

/** Somebody who can be asked; what the app does not show of them is kept as it is. */
export interface Helper {
  readonly name: string;
  readonly contact?: string;
  readonly hours?: string;
  readonly note?: string;
}

/** What a person types into each part: one thing a line. */
export type Written = Readonly<Record<Part, string>>;

/** Signs and spaces of a telephone number; three digits are the shortest that anybody calls. */
const NUMBER = /^\+?[\d][\d\s()./-]{1,}\d$/;

/** Tell whether a part names people. */
export function isPeople(part: Part): part is "people" | "professionals" {
  return part === "people" || part === "professionals";
}

/** Return the newest plan of one's own, null if there is none: what others share is not one's own plan. */
export function newestPlan(entries: readonly EntryShown[]): EntryShown | null {
  const plans = entries.filter((one) => one.kind === PLAN && one.mine && one.body !== null);
  return plans.reduce<EntryShown | null>((newest, one) => (newest === null || one.createdAt > newest.createdAt ? one : newest), null);
}

/** Return the lines of a part, none if there are none. */
export function linesOf(body: JsonObject | null, part: Part): string[] {
  const value = body?.[part];
  if (part === "note") return typeof value === "string" && value !== "" ? value.split("\n") : [];
  if (isPeople(part)) return helpersOf(body, part).map(lineOf);
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** Return the people that a part names. */
export function helpersOf(body: JsonObject | null, part: "people" | "professionals"): Helper[] {
  const value = body?.[part];
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    if (typeof one !== "object" || one === null || Array.isArray(one)) return [];
    const { name, contact, hours, note } = one as JsonObject;
    if (typeof name !== "string") return [];
    const text = (field: unknown, as: string) => (typeof field === "string" && field !== "" ? { [as]: field } : {});
    return [{ name, ...text(contact, "contact"), ...text(hours, "hours"), ...text(note, "note") }];
  });
}

function lineOf({ name, contact }: Helper): string {
  return contact === undefined ? name : `${name}, ${contact}`;
}

/** Return a plan as it is typed. */
export function writtenOf(body: JsonObject | null): Written {
  const parts = PARTS.map((part) => [part, linesOf(body, part).join("\n")]);
  return Object.fromEntries(parts) as Written;
}

/** Return what was typed as a record's body; hours and notes of a person whose line did not change stay. */
export function bodyOf(written: Written, before: JsonObject | null): JsonObject {
  const body: { [part: string]: JsonObject[string] } = {};
  for (const part of PARTS) {
    const lines = written[part].split("\n").map((line) => line.trim()).filter((line) => line !== "");
    if (lines.length === 0) continue;
    if (part === "note") body[part] = written[part].trim();
    else if (isPeople(part)) {
      const known = helpersOf(before, part);
      body[part] = lines.map((line) => ({ ...(known.find((one) => lineOf(one) === line) ?? helperOf(line)) }));
    } else body[part] = lines;
  }
  const source = before?.["source"];
  return source === undefined ? body : { ...body, source };
}

function helperOf(line: string): Helper {
  const comma = line.indexOf(",");
  if (comma <= 0) return { name: line };
  const contact = line.slice(comma + 1).trim();
  const name = line.slice(0, comma).trim();
  return contact === "" ? { name } : { name, contact };
}

/** Return the address that calls a contact, null if it is no telephone number. */
export function callOf(contact: string | undefined): string | null {
  const number = contact?.trim() ?? "";
  return NUMBER.test(number) ? `tel:${number.replace(/[^\d+]/g, "")}` : null;
}
