/**
 * Reading and writing of CBOR (RFC 8949), for `encoding.ts` alone. Implements steps 1-5 of spec/encoding.md.
 *
 * The writer gives shortest heads and definite lengths. The reader follows any well-formed CBOR and notes the first
 * thing that the format forbids, so that a refusal names its reason; on the way it sees whether the bytes are the one
 * encoding of their value, which spares every reader of a long history writing it all again.
 * An own reader, since one that drops a leading U+FEFF from a text would refuse what Python wrote. No I/O.
 */

import { fromUtf8, utf8 } from "./bytes.ts";
import { InvalidInputError } from "./errors.ts";

/** What the encoding can hold. */
export type Value = number | bigint | Uint8Array | string | boolean | null | readonly Value[];

/** Nesting that a decoder accepts: the deepest format (a `members` change in a commit) needs 7. */
export const MAX_DEPTH = 16;
/** The largest single value that a decoder reads: four times the largest push body. */
export const MAX_ENCODED_BYTES = 64 * 1024 * 1024;

const MAX_INT = 2n ** 63n - 1n;
/** Far below what an engine's stack holds; deeper nesting is not worth an exact reason. */
const MAX_FOLLOWED_DEPTH = 256;

const tooDeep = (): InvalidInputError =>
  new InvalidInputError("This value is nested too deeply.", { code: "encoding-too-deep" });
const outOfRange = (): InvalidInputError =>
  new InvalidInputError("A number in this value does not fit 64 bits.", { code: "encoding-number-range" });
const foreignType = (): InvalidInputError =>
  new InvalidInputError(
    "This value holds a type that the format does not allow (only numbers, bytes, texts, booleans, null, lists).",
    { code: "encoding-type" },
  );
const malformed = (cause?: unknown): InvalidInputError =>
  new InvalidInputError("These bytes are not deterministic CBOR.", { code: "encoding-malformed", cause });
export const tooLarge = (): InvalidInputError =>
  new InvalidInputError("This value is larger than any that the format allows.", { code: "encoding-too-large" });

/** Writes values one after the other into one growing buffer. */
export class Writer {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;

  /** Append the encoding of `value`, whose list lies `depth` lists deep; raise `InvalidInputError` if it has none. */
  write(value: unknown, depth = 0): void {
    if (typeof value === "number") this.#number(value);
    else if (value instanceof Uint8Array) this.#string(2, value);
    else if (typeof value === "string") {
      // Half a surrogate pair has no UTF-8.
      if (!value.isWellFormed()) throw foreignType();
      this.#string(3, utf8(value));
    } else if (Array.isArray(value)) {
      if (depth >= MAX_DEPTH) throw tooDeep();
      this.#head(4, value.length);
      for (const entry of value as readonly unknown[]) this.write(entry, depth + 1);
    } else if (typeof value === "boolean") this.#head(7, value ? 21 : 20);
    else if (value === null) this.#head(7, 22);
    else if (typeof value === "bigint") this.#integer(value);
    else throw foreignType();
  }

  /** Return what was written. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#at);
  }

  #number(value: number): void {
    // Above 2^53 a number no longer says which integer was meant, so it is no integer here: those come as `bigint`.
    if (!Number.isSafeInteger(value)) throw foreignType();
    if (value >= 0) this.#head(0, value);
    else this.#head(1, -1 - value);
  }

  #integer(value: bigint): void {
    if (value > MAX_INT || value < -MAX_INT) throw outOfRange();
    if (value >= 0n) this.#head(0, value);
    else this.#head(1, -1n - value);
  }

  #string(major: number, data: Uint8Array): void {
    this.#head(major, data.length);
    this.#room(data.length);
    this.#buffer.set(data, this.#at);
    this.#at += data.length;
  }

  #head(major: number, argument: number | bigint): void {
    this.#room(9);
    const start = major << 5;
    if (argument < 24) this.#buffer[this.#at++] = start | Number(argument);
    else if (argument < 0x100) {
      this.#buffer[this.#at++] = start | 24;
      this.#buffer[this.#at++] = Number(argument);
    } else if (argument < 0x10000) {
      this.#buffer[this.#at++] = start | 25;
      this.#view.setUint16(this.#at, Number(argument));
      this.#at += 2;
    } else if (argument < 0x100000000) {
      this.#buffer[this.#at++] = start | 26;
      this.#view.setUint32(this.#at, Number(argument));
      this.#at += 4;
    } else {
      this.#buffer[this.#at++] = start | 27;
      this.#view.setBigUint64(this.#at, BigInt(argument));
      this.#at += 8;
    }
  }

  #room(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#buffer.length) return;
    // The head of a last string may ask for nine bytes more than it takes.
    if (needed > MAX_ENCODED_BYTES + 9) throw tooLarge();
    const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const BREAK = Symbol("break");
const FOREIGN = Symbol("foreign");

/** Reads one value and remembers the first thing in it that the format forbids. */
export class Reader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #fault: InvalidInputError | undefined;
  #shortest = true;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  /** Return the first value; raise `InvalidInputError` if there is none or the format forbids it. */
  read(): Value {
    const value = this.#item(0);
    if (this.#fault !== undefined) throw this.#fault;
    if (typeof value === "symbol") throw malformed();
    return value as Value;
  }

  /** Whether what `read` read is all there is, in the one writing that it has: shortest heads and definite lengths. */
  get canonical(): boolean {
    return this.#shortest && this.#at === this.#data.length;
  }

  #note(fault: () => InvalidInputError): typeof FOREIGN {
    this.#fault ??= fault();
    return FOREIGN;
  }

  #item(depth: number): unknown {
    if (depth > MAX_FOLLOWED_DEPTH) throw malformed();
    const first = this.#data[this.#at++];
    if (first === undefined) throw malformed();
    const major = first >> 5;
    const info = first & 31;
    if (major === 7) return this.#simple(info);
    if (info > 27 && info < 31) throw malformed();
    const argument = info === 31 ? undefined : this.#argument(info);
    if (argument === undefined) this.#shortest = false;
    if (argument === undefined && (major < 2 || major === 6)) throw malformed();
    switch (major) {
      case 0:
        return this.#ranged(argument ?? 0);
      case 1:
        return this.#ranged(typeof argument === "bigint" ? -1n - argument : -1 - (argument ?? 0));
      case 2:
        return argument === undefined ? joined(this.#parts(2)) : this.#bytes(argument).slice();
      case 3:
        return argument === undefined ? this.#parts(3).map(text).join("") : text(this.#bytes(argument));
      case 4:
        return this.#list(argument, depth);
      case 5:
        return this.#map(argument, depth);
      default:
        return this.#tag(argument ?? 0, depth);
    }
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    const width = 1 << (info - 24);
    const start = this.#at;
    this.#at += width;
    if (this.#at > this.#data.length) throw malformed();
    if (width === 1) return this.#least(this.#view.getUint8(start), 24);
    if (width === 2) return this.#least(this.#view.getUint16(start), 0x100);
    if (width === 4) return this.#least(this.#view.getUint32(start), 0x10000);
    const wide = this.#view.getBigUint64(start);
    return wide < Number.MAX_SAFE_INTEGER ? this.#least(Number(wide), 0x100000000) : wide;
  }

  /** An argument below `least` has a shorter head. */
  #least(argument: number, least: number): number {
    if (argument < least) this.#shortest = false;
    return argument;
  }

  #ranged(value: number | bigint): number | bigint | typeof FOREIGN {
    if (typeof value === "number") return value;
    if (value > MAX_INT || value < -MAX_INT) return this.#note(outOfRange);
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  #bytes(length: number | bigint): Uint8Array {
    if (length > this.#data.length - this.#at) throw malformed();
    const start = this.#at;
    this.#at += Number(length);
    return this.#data.subarray(start, this.#at);
  }

  /** The definite strings of type `major` that an indefinite one is made of. */
  #parts(major: number): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (;;) {
      const first = this.#data[this.#at++];
      if (first === 0xff) return parts;
      if (first === undefined || first >> 5 !== major || (first & 31) > 27) throw malformed();
      parts.push(this.#bytes(this.#argument(first & 31)));
    }
  }

  #list(count: number | bigint | undefined, depth: number): unknown[] {
    if (depth >= MAX_DEPTH) this.#note(tooDeep);
    return this.#entries(count, depth);
  }

  #entries(count: number | bigint | undefined, depth: number): unknown[] {
    const entries: unknown[] = [];
    while (count === undefined || entries.length < count) {
      const entry = this.#item(depth + 1);
      if (entry === BREAK) {
        if (count === undefined) break;
        throw malformed();
      }
      entries.push(entry);
    }
    return entries;
  }

  #map(pairs: number | bigint | undefined, depth: number): typeof FOREIGN {
    this.#note(foreignType);
    const entries = this.#entries(pairs === undefined ? undefined : BigInt(pairs) * 2n, depth);
    if (entries.length % 2 !== 0) throw malformed();
    return FOREIGN;
  }

  /** A bignum is an integer in another writing; what any other tag means is not ours to know. */
  #tag(number: number | bigint, depth: number): unknown {
    const bignum = number === 2 || number === 3;
    this.#shortest = false;
    if (!bignum) this.#note(foreignType);
    const content = this.#item(depth + 1);
    if (content === BREAK) throw malformed();
    if (!bignum || !(content instanceof Uint8Array)) return this.#note(foreignType);
    // Longer ones are out of range or written with zeros in front; adding them up would take its time squared.
    if (content.length > 32) return this.#note(outOfRange);
    const magnitude = content.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return this.#ranged(number === 2 ? magnitude : -1n - magnitude);
  }

  #simple(info: number): unknown {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    if (info === 31) return BREAK;
    if (info > 27) throw malformed();
    if (info > 23) {
      const start = this.#at;
      this.#argument(info);
      // RFC 8949 section 3.3: what fits the head must not stand behind it.
      if (info === 24 && (this.#data[start] ?? 0) < 32) throw malformed();
    }
    return this.#note(foreignType);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function text(data: Uint8Array): string {
  try {
    return fromUtf8(data);
  } catch (cause) {
    throw malformed(cause);
  }
}
