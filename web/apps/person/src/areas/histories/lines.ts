/** What is said of one part with two histories, beside the entries that are sent again. No I/O. */

import type { SplitShown } from "../../engine/histories.ts";
import { fill } from "../../words.ts";
import { say } from "./words.ts";

/** Return it line by line; there is one at least for a part of which nothing is sent again. */
export function linesOf({ part, owner, can, again, others, shut, erased }: SplitShown): string[] {
  const count = (number: number): { count: string } => ({ count: String(number) });
  if (can === "wait") return [fill(say.waits, { name: owner ?? "" })];
  if (part === null) return [say.listText];
  const lines = [
    ...(erased > 0 ? [fill(say.erased, count(erased))] : []),
    ...(others > 0 ? [fill(say.others, count(others))] : []),
    ...(shut > 0 ? [fill(say.shut, count(shut))] : []),
  ];
  return lines.length === 0 && again.length === 0 ? [say.keys] : lines;
}
