/** Journal entries as records. Pure; no I/O. */

import type { JsonObject } from "@mindhaven/sdk";

import type { EntryShown } from "../../engine/shown.ts";

/** A list shows the beginning: enough to know an entry by. */
const BEGINNING = 120;

/** What is typed: a title, which may be empty, and the text. */
export interface Page {
  readonly title: string;
  readonly text: string;
}

/** Return what an entry says, both empty for none. */
export function pageOf(body: JsonObject | null): Page {
  const { title, text } = body ?? {};
  return { title: typeof title === "string" ? title : "", text: typeof text === "string" ? text : "" };
}

/** Return the body of what was typed; what else was in the entry stays. */
export function bodyOf(page: Page, before: JsonObject | null): JsonObject {
  const rest = Object.fromEntries(Object.entries(before ?? {}).filter(([name]) => name !== "title"));
  const title = page.title.trim();
  return { ...rest, text: page.text, ...(title === "" ? {} : { title }) };
}

/** Return a draft as what is typed; null for what is none. */
export function fromDraft(draft: string): Page | null {
  try {
    const { title, text } = JSON.parse(draft) as Partial<Page>;
    return typeof title === "string" && typeof text === "string" ? { title, text } : null;
  } catch {
    return null;
  }
}

/** Return the beginning of an entry, in one line. */
export function beginningOf(entry: EntryShown): string {
  const { text } = pageOf(entry.body);
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > BEGINNING ? `${line.slice(0, BEGINNING)}…` : line;
}

/** Return a size as people write it. */
export function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? `${String(Math.max(1, Math.round(bytes / 1000)))} KB` : `${String(Math.round(bytes / 100_000) / 10)} MB`;
}
