/** The names of parts as people know them. No I/O. */

import { ASKED, COPIES } from "../shares.ts";
import { words } from "../words.ts";

/** Return what a part is called on screen. */
export function partName(part: string): string {
  const made = [COPIES, ASKED].find((one) => part.startsWith(one));
  return words.parts[made?.slice(0, -1) ?? part] ?? part;
}

/** Return the names of parts, in one line. */
export function partNames(parts: readonly { readonly part: string }[]): string {
  return parts.map((one) => partName(one.part)).join(", ");
}
