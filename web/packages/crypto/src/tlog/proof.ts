/** Receipts (C2SP tlog-proof): an entry's index, its inclusion proof and a signed checkpoint, in one text. No I/O. */

import { base64, concat, fromUtf8, utf8 } from "../bytes.ts";
import { InvalidInputError } from "../errors.ts";
import { type Checkpoint, openCheckpoint, parseSize } from "./checkpoint.ts";
import { MAX_NOTE_BYTES, Note, parted, unbase64, type VerifierKey } from "./note.ts";
import { HASH_BYTES, leafHash, verifyInclusion } from "./tree.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
const EXTRA = "extra ";
const MAX_PROOF_HASHES = 63;

/** That an entry stands at `index`; `extra` is whatever its maker adds (undefined: nothing). */
export class TlogProof {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  readonly note: Note;
  readonly extra: Uint8Array | undefined;

  constructor(index: number, hashes: readonly Uint8Array[], note: Note, extra?: Uint8Array) {
    this.index = index;
    this.hashes = hashes;
    this.note = note;
    this.extra = extra;
  }

  /** Read a receipt; raise `InvalidInputError` (tlog-proof, note-shape). */
  static parse(data: Uint8Array): TlogProof {
    const end = headEnd(data);
    const lines = asciiLines(data.subarray(0, end));
    if (data.length > MAX_NOTE_BYTES || lines.shift() !== HEADER) throw badProof();
    let extra: Uint8Array | undefined;
    if (lines[0]?.startsWith(EXTRA) === true) {
      extra = unbase64(lines[0].slice(EXTRA.length));
      if (extra === undefined) throw badProof();
      lines.shift();
    }
    const [word, digits] = parted(lines.shift() ?? "", " ");
    const index = parseSize(digits);
    if (word !== "index" || index === undefined || lines.length > MAX_PROOF_HASHES) throw badProof();
    return new TlogProof(index, lines.map(hashOf), Note.parse(data.subarray(end + 2)), extra);
  }

  /** Return the receipt's bytes. */
  encode(): Uint8Array {
    const extra = this.extra === undefined ? [] : [`${EXTRA}${base64(this.extra)}`];
    const lines = [HEADER, ...extra, `index ${this.index}`, ...this.hashes.map(base64), "", ""];
    return concat(utf8(lines.join("\n")), this.note.encode());
  }

  /**
   * Return the checkpoint under which `entry` stands at `index`.
   *
   * Raises what `openCheckpoint` and `verifyInclusion` raise. Who else must have cosigned is `policy`'s.
   */
  async verify(entry: Uint8Array, log: VerifierKey): Promise<Checkpoint> {
    const checkpoint = await openCheckpoint(this.note, log);
    verifyInclusion(leafHash(entry), this.index, checkpoint.size, this.hashes, checkpoint.root);
    return checkpoint;
  }
}

/** Return where the empty line stands that ends the proof and begins the note. */
function headEnd(data: Uint8Array): number {
  for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) if (data[at + 1] === 10) return at;
  throw badProof();
}

function asciiLines(head: Uint8Array): string[] {
  if (head.some((byte) => byte > 0x7f)) throw badProof();
  return fromUtf8(head).split("\n");
}

function hashOf(line: string): Uint8Array {
  const found = unbase64(line);
  if (found?.length !== HASH_BYTES) throw badProof();
  return found;
}

function badProof(): InvalidInputError {
  return new InvalidInputError("This is not a receipt (tlog-proof).", { code: "tlog-proof" });
}
