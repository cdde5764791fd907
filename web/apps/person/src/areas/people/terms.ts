/** What a share lets its reader do, in words. No I/O. */

import type { ShareShown } from "../../engine/shown.ts";
import { dayText, monthText } from "../../parts/dates.ts";
import { fill } from "../../words.ts";
import { say } from "./words.ts";

/** Return from when on and until when a share lets its reader read. */
export function shareText({ since, until }: Pick<ShareShown, "since" | "until">): string {
  const start = since === 0 ? say.beginning : monthText(since);
  return until === 0 ? fill(say.shareOpenText, { start }) : fill(say.shareText, { start, end: dayText(until) });
}

/** Return what sharing copies lets their reader do. */
export function copiesText(count: number, until: number): string {
  return fill(say.copiesTerms, { n: String(count), end: dayText(until) });
}
