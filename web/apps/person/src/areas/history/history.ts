/** What somebody writes about their past, as records. Pure; no I/O. */

import type { JsonObject } from "@mindhaven/sdk";

import { HISTORY } from "../../kinds.ts";
import type { EntryShown } from "../../engine/shown.ts";

/** The categories that are offered, as they are stored in every language; anybody may have their own. */
export const CATEGORIES = ["diagnosis", "treatment", "substance use", "self-harm", "family"] as const;

const FIELDS = ["category", "title", "text", "since", "until"] as const;

/** What is typed; empty: nothing. */
export type Written = Readonly<Record<(typeof FIELDS)[number], string>>;

/** Return something of the past as it is typed. */
export function writtenOf(body: JsonObject | null): Written {
  const text = (name: string): string => {
    const value = body?.[name];
    return typeof value === "string" ? value : "";
  };
  return Object.fromEntries(FIELDS.map((one) => [one, text(one)])) as Written;
}

/** Return what was typed as a record's body; what else was in it stays. */
export function bodyOf(written: Written, before: JsonObject | null): JsonObject {
  const rest = Object.entries(before ?? {}).filter(([name]) => !(name in written));
  const typed = FIELDS.map((one) => [one, written[one].trim()]).filter(([, value]) => value !== "");
  return Object.fromEntries([...rest, ...typed]) as JsonObject;
}

/** Return a draft as what is typed; null for what is none. */
export function fromDraft(draft: string): Written | null {
  try {
    const begun: unknown = JSON.parse(draft);
    return typeof begun === "object" && begun !== null ? writtenOf(begun as JsonObject) : null;
  } catch {
    return null;
  }
}

/** One category with what is in it; an empty name: none was given. */
export interface Group {
  readonly category: string;
  readonly entries: readonly EntryShown[];
}

/** Return what was written by category: those that are offered first, then one's own by name, then without one. */
export function groupsOf(entries: readonly EntryShown[]): Group[] {
  const all = entries.filter((one) => one.kind === HISTORY && one.mine);
  return [...CATEGORIES, ...ownOf(entries), ""]
    .map((category) => ({ category, entries: all.filter((one) => writtenOf(one.body).category === category) }))
    .filter((group) => group.entries.length > 0);
}

/** Return one's own categories, by name. */
export function ownOf(entries: readonly EntryShown[]): string[] {
  const named = entries.filter((one) => one.kind === HISTORY && one.mine).map((one) => writtenOf(one.body).category);
  const own = [...new Set(named)].filter((one) => one !== "" && !CATEGORIES.some((offered) => offered === one));
  return own.sort((a, b) => a.localeCompare(b));
}
