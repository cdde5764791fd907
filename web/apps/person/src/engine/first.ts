/** The passkey that a first run began with, until the server knows it. It rests sealed, and holds no secret. No I/O of its own. */

import { decode, encode, shape } from "@mindhaven/crypto";
import type { LocalStore, Registration } from "@mindhaven/sdk";

const FIRST = "first-passkey";
/** The spec's own bounds (spec/passkeys.md step 5): what is longer the server would not take. */
const MAX_TRANSPORTS = 8;

/** Keep what lets the server know the passkey later: nobody has agreed to anything yet. */
export function keepFirst(store: LocalStore, made: Registration): void {
  const { credential, clientData, attestationObject, transports, userHandle } = made;
  store.put(FIRST, encode([credential, clientData, attestationObject, [...transports], userHandle]));
}

/** Return the passkey that the server does not know yet, null if there is none. */
export function firstPasskey(store: LocalStore): Registration | null {
  const row = store.get(FIRST);
  if (row === null) return null;
  const [credential, clientData, attestation, transports, handle] = shape.fields(decode(row), 5, "A passkey's row");
  const named = shape.items(transports, "The transports", { most: MAX_TRANSPORTS });
  return {
    credential: shape.raw(credential, "A credential"),
    clientData: shape.raw(clientData, "Client data"),
    attestationObject: shape.raw(attestation, "An attestation"),
    transports: named.map((one) => shape.text(one, "A transport")),
    userHandle: shape.raw(handle, "A user handle", { length: 32 }),
  };
}

/** The server knows it, or it is no way in any more. */
export function forgetFirst(store: LocalStore): void {
  store.remove(FIRST);
}
