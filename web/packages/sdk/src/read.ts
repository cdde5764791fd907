/** Strict reading of JSON answers: every field's type is checked before it is used. No I/O. */

import { IntegrityError, fromBase64 } from "@mindhaven/crypto";

/** One JSON object of an answer, read field by field; a wrong shape is the server's fault and named so. */
export class Reader {
  readonly #fields: Record<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw misshapen();
    this.#fields = value as Record<string, unknown>;
  }

  /** Return a text. */
  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== "string") throw misshapen();
    return value;
  }

  /** Return a text, or null where the field is null or not there. */
  textOrNull(name: string): string | null {
    const value = this.#fields[name];
    return value === null || value === undefined ? null : this.text(name);
  }

  /** Return a whole number. */
  number(name: string): number {
    const value = this.#fields[name];
    if (!Number.isSafeInteger(value)) throw misshapen();
    return value as number;
  }

  /** Return a boolean. */
  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== "boolean") throw misshapen();
    return value;
  }

  /** Return bytes written in base64, of exactly `length` if one is given. */
  bytes(name: string, length?: number): Uint8Array {
    return asBytes(this.#fields[name], length);
  }

  /** Return bytes, or null where the field is null or not there. */
  bytesOrNull(name: string, length?: number): Uint8Array | null {
    const value = this.#fields[name];
    return value === null || value === undefined ? null : asBytes(value, length);
  }

  /** Return a whole number, or null where the field is null or not there. */
  numberOrNull(name: string): number | null {
    const value = this.#fields[name];
    return value === null || value === undefined ? null : this.number(name);
  }

  /** Return a list as `list` does, or null where the field is null or not there. */
  listOrNull<T>(name: string, read: (value: unknown) => T): T[] | null {
    const value = this.#fields[name];
    return value === null || value === undefined ? null : this.list(name, read);
  }

  /** Return a list, each entry read by `read`. */
  list<T>(name: string, read: (value: unknown) => T): T[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw misshapen();
    return value.map((one) => read(one));
  }
}

/** Return the bytes that a base64 text writes. */
export function asBytes(value: unknown, length?: number): Uint8Array {
  if (typeof value !== "string") throw misshapen();
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(value);
  } catch {
    throw misshapen();
  }
  if (length !== undefined && bytes.length !== length) throw misshapen();
  return bytes;
}

function misshapen(): IntegrityError {
  return new IntegrityError("The server's answer has the wrong shape.", { code: "answer-shape" });
}
