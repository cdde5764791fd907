/** When something of the past was, in the language on screen: as exact as it was written. */

import { fill } from "../../words.ts";
import type { Written } from "./history.ts";
import { say } from "./words.ts";

/** Return it in one line, empty if nothing was written. */
export function periodOf({ since, until }: Written): string {
  if (since !== "" && until !== "") return fill(say.fromTo, { since, until });
  if (since !== "") return fill(say.from, { since });
  return until === "" ? "" : fill(say.to, { until });
}
