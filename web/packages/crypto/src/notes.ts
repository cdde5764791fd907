/**
 * Signatures of signed notes: Ed25519 and ML-DSA-44 over the message as it is, as C2SP fixes it.
 *
 * A key of one algorithm never verifies as another; verification raises. The messages carry their own domain separation
 * (`tlog/note.ts`, `tlog/cosignature.ts`), so nothing of ours that is labelled can be mistaken for one.
 * Does not: sign. A browser reads logs, it keeps none.
 */

import { IntegrityError } from "./errors.ts";
import { verifierOf, type Verifier } from "./halves.ts";
import { ED25519_KEY_BYTES, ED25519_SIGNATURE_BYTES, isSmallOrder } from "./sign.ts";

/** Raise `IntegrityError` (note-signature) unless `signature` is `key`'s (32 bytes) over `message`. */
export async function verifyNoteEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<void> {
  // Their lengths too: zeros behind a signature are none of it, and not every engine says so.
  if (key.length !== ED25519_KEY_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) throw refused();
  // As in `sign.ts`: what such a key signs differs among engines, and binds nobody.
  if (isSmallOrder(key) || isSmallOrder(signature.subarray(0, ED25519_KEY_BYTES))) throw refused();
  await check(await verifierOf("Ed25519"), key, message, signature);
}

/** Raise `IntegrityError` (note-signature) unless `signature` is `key`'s (1312 bytes) over `message`, context empty. */
export async function verifyNoteMldsa44(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<void> {
  // A witness's line or two an hour: not worth a second way through WebCrypto.
  const { ml_dsa44 } = await import("@noble/post-quantum/ml-dsa.js");
  const verifier: Verifier = (...given) => {
    try {
      return Promise.resolve(ml_dsa44.verify(given[2], given[1], given[0]));
    } catch {
      return Promise.resolve(false);
    }
  };
  await check(verifier, key, message, signature);
}

async function check(
  verifies: Verifier,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  if (!(await verifies(key, message, signature))) throw refused();
}

function refused(): IntegrityError {
  return new IntegrityError("A signature on a note does not verify.", { code: "note-signature" });
}
