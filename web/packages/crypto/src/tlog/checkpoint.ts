/** Checkpoints (C2SP tlog-checkpoint): a log's origin, size and root, signed as a note. No I/O. */

import { base64 } from "../bytes.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import { checkName, type Note, unbase64, type VerifierKey } from "./note.ts";
import { HASH_BYTES, MAX_SIZE, type TreeHead } from "./tree.ts";

/** A log's state: origin (a name), number of entries, root (32 bytes). */
export interface Checkpoint extends TreeHead {
  readonly origin: string;
}

/** Return a checkpoint as a note's text: three lines. */
export function checkpointText(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${base64(checkpoint.root)}\n`;
}

/** Read a note's text; extension lines are passed over. Raises `InvalidInputError` (checkpoint-shape, note-name). */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  const [origin = "", sized = "", encoded = ""] = lines;
  const root = unbase64(encoded);
  const size = parseSize(sized);
  const empty = lines.slice(0, -1).includes("");
  if (lines.length < 4 || empty || root?.length !== HASH_BYTES || size === undefined) {
    throw new InvalidInputError("This is not a checkpoint.", { code: "checkpoint-shape" });
  }
  return { origin: checkName(origin), size, root };
}

/** Return the size or index that `digits` write, undefined if it is not the one spelling of one that a log can have. */
export function parseSize(digits: string): number | undefined {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(digits) ? Number(digits) : Infinity;
  return value <= MAX_SIZE ? value : undefined;
}

/**
 * Return the checkpoint that `log` signed.
 *
 * Raises `InvalidInputError` (checkpoint-shape), `IntegrityError` (checkpoint-origin, note-unsigned, note-signature).
 */
export async function openCheckpoint(note: Note, log: VerifierKey): Promise<Checkpoint> {
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== log.name) {
    throw new IntegrityError("This checkpoint is of another log.", { code: "checkpoint-origin" });
  }
  if ((await note.signedBy([log])).length === 0) {
    throw new IntegrityError("The log did not sign this checkpoint.", { code: "note-unsigned" });
  }
  return checkpoint;
}
