/** Searching decrypted text on this device. Pure; no I/O. */

import type { Json } from "@mindhaven/sdk";

import type { EntryShown } from "../engine/shown.ts";

/** Return a text as it is compared: without accents, in small letters. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function texts(value: Json | undefined): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((one) => texts(one));
}

/** Return the entries that hold every word of `query`, each anywhere; none for an empty one. */
export function found(entries: readonly EntryShown[], query: string): EntryShown[] {
  const wanted = folded(query).split(/\s+/).filter((word) => word !== "");
  if (wanted.length === 0) return [];
  return entries.filter((one) => {
    const there = folded(texts(one.body ?? undefined).join("\n"));
    return wanted.every((word) => there.includes(word));
  });
}
