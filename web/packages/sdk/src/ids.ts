/** Ids as text: base64url without padding in addresses, hex as keys of maps. No I/O. */

import { base64 } from "@mindhaven/crypto";

/** Return base64url without padding. */
export function toText(value: Uint8Array): string {
  return base64(value).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
