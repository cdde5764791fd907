/**
 * Signatures of signed notes: Ed25519 and ML-DSA-44 over the message as it is, as C2SP fixes it.
 *
 * A key of one algorithm never verifies as another; verification raises. The messages carry their own domain separation
 * (`tlog/note.ts`, `tlog/cosignature.ts`), so nothing of ours that is labelled can be mistaken for one.
 * Does not: sign. A browser reads logs, it keeps none.
 */

import { IntegrityError } from "./errors.ts";
import { verifierOf, type Verifier } from "./halves.ts";

/** Raise `IntegrityError` (note-signature) unless `signature` is `key`'s (32 bytes) over `message`. */
export async function verifyNoteEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<void> {
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
  if (!(await verifies(key, message, signature))) {
    throw new IntegrityError("A signature on a note does not verify.", { code: "note-signature" });
  }
}
