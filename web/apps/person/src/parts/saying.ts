/** What an entry is called in a list, in a few words. No I/O. */

import { CHECKUP, MEDICINE } from "../kinds.ts";
import type { EntryShown } from "../engine/shown.ts";
import { faceOf } from "../moods.ts";
import { fill, words } from "../words.ts";
import { moodWords } from "./Faces.tsx";
import { partName } from "./names.ts";

/** Return the name of a questionnaire as it is printed: phq9 is PHQ-9, audit_c is AUDIT-C. */
export function instrumentName(id: string): string {
  return id.toUpperCase().replace("_", "-").replace(/^([A-Z]+)(\d+)$/, "$1-$2");
}

function textOf(entry: EntryShown, ...names: readonly string[]): string | null {
  const found = names.map((name) => entry.body?.[name]).find((one) => typeof one === "string" && one !== "");
  return typeof found === "string" ? found : null;
}

/** Return what stands first in the line of an entry. */
export function titleOf(entry: EntryShown): string {
  const face = faceOf(entry);
  if (face !== null) return moodWords()[face] ?? "";
  if (entry.kind === CHECKUP) {
    const score = entry.body?.["score"];
    const name = instrumentName(textOf(entry, "instrument") ?? "");
    return typeof score === "number" ? `${name}: ${String(score)}` : name;
  }
  const taken = entry.kind === MEDICINE ? entry.body?.["taken"] : undefined;
  if (typeof taken === "boolean") return fill(taken ? words.taken : words.notTaken, { name: textOf(entry, "name") ?? "" });
  return textOf(entry, "title", "name", "activity") ?? partName(entry.part);
}
