/**
 * Signed notes (C2SP signed-note): a text with signature lines, and the keys that check them.
 *
 * A known key whose signature fails refuses the note, whatever else signed it; unknown keys are passed over.
 * Does not: say what the text means (`checkpoint`). No I/O.
 */

import { base64, concat, equal, fromBase64, fromUtf8, hex, utf8 } from "../bytes.ts";
import { sha256 } from "../derive.ts";
import { InvalidInputError } from "../errors.ts";
import { verifyNoteEd25519 } from "../notes.ts";

export const MAX_NOTE_BYTES = 256 * 1024;
/** Signature lines that are read: the format asks for 16 or more, a policy for at least 32 witnesses. */
export const MAX_SIGNATURES = 64;
/** A name's length is one byte in what an ML-DSA cosignature signs. */
export const MAX_NAME_BYTES = 255;
const KEY_ID_BYTES = 4;
const LINE = "\u2014 ";

/** The signature types of signed notes that are read here, and their keys' lengths. */
export const ED25519 = 0x01 as const;
export const COSIGNATURE_ED25519 = 0x04 as const;
export const COSIGNATURE_MLDSA44 = 0x06 as const;
export type Algorithm = typeof ED25519 | typeof COSIGNATURE_ED25519 | typeof COSIGNATURE_MLDSA44;
const KEY_BYTES: ReadonlyMap<number, number> = new Map([
  [ED25519, 32],
  [COSIGNATURE_ED25519, 32],
  [COSIGNATURE_MLDSA44, 1312],
]);

/** Return a key's name; raise `InvalidInputError` (note-name) if no note could carry it. */
export function checkName(name: string): string {
  const blank = /[+\p{Cc}\p{Cs}\p{Z}]/u;
  if (name === "" || blank.test(name) || utf8(name).length > MAX_NAME_BYTES) {
    throw new InvalidInputError("A log's or witness's name has no spaces and no plus sign.", { code: "note-name" });
  }
  return name;
}

/** Return what strict base64 says, undefined if it is not the one spelling of any bytes. */
export function unbase64(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch {
    return undefined;
  }
}

/** Return what stands before the first `mark` in `text`, and what behind it ("" without one). */
export function parted(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** A public key with its name, as a vkey line gives it: `name+hex id+base64(type byte, key)`. */
export class VerifierKey {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly key: Uint8Array;
  /** The key's id (4 bytes): SHA-256 of name, newline, type byte, key. */
  readonly id: Uint8Array;

  constructor(name: string, algorithm: Algorithm, key: Uint8Array) {
    this.name = name;
    this.algorithm = algorithm;
    this.key = key;
    this.id = sha256(concat(utf8(`${name}\n`), Uint8Array.of(algorithm), key)).slice(0, KEY_ID_BYTES);
  }

  /** Read a vkey; raise `InvalidInputError` (vkey). */
  static parse(text: string): VerifierKey {
    const [name, rest] = parted(text, "+");
    const [id, encoded] = parted(rest, "+");
    const raw = unbase64(encoded);
    const algorithm = raw?.[0];
    if (raw === undefined || algorithm === undefined || KEY_BYTES.get(algorithm) !== raw.length - 1) {
      throw new InvalidInputError("This is not a verifier key (name+id+key).", { code: "vkey" });
    }
    const made = new VerifierKey(checkName(name), algorithm as Algorithm, raw.slice(1));
    if (hex(made.id) !== id) {
      throw new InvalidInputError("A verifier key's id does not belong to its key.", { code: "vkey" });
    }
    return made;
  }

  toString(): string {
    return `${this.name}+${hex(this.id)}+${base64(concat(Uint8Array.of(this.algorithm), this.key))}`;
  }
}

/** One signature line: name, key id (4 bytes) and signature. */
export interface Line {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** Read a line without its newline; raise `InvalidInputError` (note-shape, note-name). */
function parseLine(text: string): Line {
  const [name, encoded] = parted(text.startsWith(LINE) ? text.slice(LINE.length) : text, " ");
  const raw = unbase64(encoded);
  if (!text.startsWith(LINE) || raw === undefined || raw.length <= KEY_ID_BYTES) throw badNote();
  return { name: checkName(name), keyId: raw.slice(0, KEY_ID_BYTES), signature: raw.slice(KEY_ID_BYTES) };
}

/** Return whether the line claims to be that key's. */
export function isLineOf(line: Line, key: VerifierKey): boolean {
  return line.name === key.name && equal(line.keyId, key.id);
}

/** A text (ending in a newline) with its signature lines. */
export class Note {
  readonly text: string;
  readonly lines: readonly Line[];

  constructor(text: string, lines: readonly Line[]) {
    this.text = text;
    this.lines = lines;
  }

  /** Read a note; raise `InvalidInputError` (note-shape, note-name). */
  static parse(data: Uint8Array): Note {
    if (data.length > MAX_NOTE_BYTES) throw badNote();
    const whole = textOf(data);
    const at = whole.lastIndexOf("\n\n");
    const rest = whole.slice(at + 2);
    const control = /(?!\n)\p{Cc}/u;
    if (at < 0 || !rest.endsWith("\n") || control.test(whole)) throw badNote();
    const signatures = rest.slice(0, -1).split("\n");
    if (signatures.length > MAX_SIGNATURES) throw badNote();
    return new Note(whole.slice(0, at + 1), signatures.map(parseLine));
  }

  /** Return the note's bytes. */
  encode(): Uint8Array {
    const lines = this.lines.map((line) => `${LINE}${line.name} ${base64(concat(line.keyId, line.signature))}\n`);
    return utf8(`${this.text}\n${lines.join("")}`);
  }

  /** Return which of `keys`, each an Ed25519 note key, signed; raise `IntegrityError` (note-signature). */
  async signedBy(keys: Iterable<VerifierKey>): Promise<VerifierKey[]> {
    const found: VerifierKey[] = [];
    for (const key of keys) {
      const line = key.algorithm === ED25519 ? this.lines.find((one) => isLineOf(one, key)) : undefined;
      if (line === undefined) continue;
      await verifyNoteEd25519(key.key, utf8(this.text), line.signature);
      found.push(key);
    }
    return found;
  }
}

function textOf(data: Uint8Array): string {
  try {
    return fromUtf8(data);
  } catch (cause) {
    throw badNote(cause);
  }
}

function badNote(cause?: unknown): InvalidInputError {
  return new InvalidInputError("This is not a signed note.", { code: "note-shape", cause });
}
