/** What a part that an event names is called on screen. No I/O. */

import type { PartShown } from "../../engine/logged.ts";
import { partName } from "../../parts/names.ts";
import { say } from "./words.ts";

/** Return the part's name as this person knows it. */
export function partText({ name, isList }: PartShown): string {
  if (isList) return say.ownList;
  return name === null ? say.aPart : partName(name);
}
