/**
 * Distinct types for secret bytes, which never show themselves.
 *
 * Every text form of a secret says its type and nothing else, so that a log line, a stack trace or a test failure
 * can't carry one; it survives neither JSON nor a message to another page.
 * Does not: wipe memory, which JavaScript can't promise. No I/O.
 */

import { InvalidInputError } from "./errors.ts";
import { randomBytes } from "./subtle.ts";

const SECRET_BYTES = 32;

/** A secret of exactly 32 bytes; any other length raises `InvalidInputError` (secret-length). */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    if (!(bytes instanceof Uint8Array) || bytes.length !== SECRET_BYTES) {
      throw new InvalidInputError(`A ${this.type} is exactly 32 bytes.`, { code: "secret-length" });
    }
    this.#bytes = bytes.slice();
  }

  /** Return a new one from the system's generator. */
  static fresh<Kind extends Secret>(this: new (bytes: Uint8Array) => Kind): Kind {
    return new this(randomBytes(SECRET_BYTES));
  }

  /** What kind of secret this is; its literal type keeps one kind from standing in for another. */
  get type(): string {
    return "Secret";
  }

  /** The bytes themselves: an accessor, so that nothing that walks over properties finds them. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  toString(): string {
    return `<${this.type}, hidden>`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The root of an account: seeds its authority keys and seals its bundle. Never kept on a device. */
export class RootKey extends Secret {
  override get type(): "RootKey" {
    return "RootKey";
  }
}

/** What a way in yields: Argon2id output, a recovery key, a passkey's derived secret. */
export class SlotSecret extends Secret {
  override get type(): "SlotSecret" {
    return "SlotSecret";
  }
}

/** The seed of one key pair (X-Wing, Ed25519 or ML-DSA-65). */
export class Seed extends Secret {
  override get type(): "Seed" {
    return "Seed";
  }
}

/** The key of one epoch of a collection. */
export class EpochKey extends Secret {
  override get type(): "EpochKey" {
    return "EpochKey";
  }
}

/** The key of one attachment, kept inside its sealed item. */
export class FileKey extends Secret {
  override get type(): "FileKey" {
    return "FileKey";
  }
}

/** A key of one purpose derived for `seal`: bundle, local store, consent, archive. */
export class SealKey extends Secret {
  override get type(): "SealKey" {
    return "SealKey";
  }
}

/** Return the bytes of a secret, or the bytes that were given as such. */
export function bytesOf(secret: Secret | Uint8Array): Uint8Array {
  return secret instanceof Secret ? secret.bytes : secret;
}
