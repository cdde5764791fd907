/**
 * Cosignatures (C2SP tlog-cosignature): a witness says that it saw a checkpoint, and that the log only grew.
 *
 * Type 04 is Ed25519 over the checkpoint's text with a time; type 06 is ML-DSA-44 over a packed form of it.
 * Does not: cosign, which is a witness's own. No I/O.
 */

import { concat, utf8 } from "../bytes.ts";
import { IntegrityError } from "../errors.ts";
import { verifyNoteEd25519, verifyNoteMldsa44 } from "../notes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { COSIGNATURE_ED25519, ED25519, isLineOf, type Line, type Note, type VerifierKey } from "./note.ts";

const TIME_BYTES = 8;

/**
 * Return when `witness` cosigned last (seconds since 1970 UTC), undefined if it did not.
 *
 * Raises `IntegrityError` (note-signature) if a line of its does not verify.
 */
export async function cosignedAt(note: Note, witness: VerifierKey): Promise<number | undefined> {
  if (witness.algorithm === ED25519) return undefined;
  let newest: number | undefined;
  for (const line of note.lines) {
    if (!isLineOf(line, witness)) continue;
    const time = await verifyLine(note, line, witness);
    newest = Math.max(time, newest ?? time);
  }
  return newest;
}

async function verifyLine(note: Note, line: Line, witness: VerifierKey): Promise<number> {
  if (line.signature.length <= TIME_BYTES) {
    throw new IntegrityError("A cosignature is cut short.", { code: "note-signature" });
  }
  const stamp = line.signature.slice(0, TIME_BYTES);
  const signature = line.signature.slice(TIME_BYTES);
  // Eight bytes say more than a number can: the text that was signed is written from them all.
  const time = new DataView(stamp.buffer).getBigUint64(0);
  if (witness.algorithm === COSIGNATURE_ED25519) {
    await verifyNoteEd25519(witness.key, utf8(`cosignature/v1\ntime ${String(time)}\n${note.text}`), signature);
  } else {
    await verifyNoteMldsa44(witness.key, packed(note, witness, stamp), signature);
  }
  return Number(time);
}

/** What a type 06 signature is over: the subtree from 0 to the checkpoint's size, as that witness saw it. */
function packed(note: Note, witness: VerifierKey, stamp: Uint8Array): Uint8Array {
  const checkpoint = parseCheckpoint(note.text);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(checkpoint.size));
  return concat(
    utf8("subtree/v1\n\0"),
    shortText(witness.name),
    stamp,
    shortText(checkpoint.origin),
    new Uint8Array(8),
    size,
    checkpoint.root,
  );
}

/** A name and its length in one byte, which `checkName` bounds. */
function shortText(name: string): Uint8Array {
  const data = utf8(name);
  return concat(Uint8Array.of(data.length), data);
}
