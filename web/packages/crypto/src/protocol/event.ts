/**
 * Event commitments: what the ledger holds of an event. Implements spec/event.md.
 *
 * A commitment hides its event (32-byte random salt) and binds it (no second event opens it).
 * Does not: know any event's meaning. No I/O.
 */

import { encode, labelledHash, type Value } from "../encoding.ts";
import { InvalidInputError } from "../errors.ts";
import { ZERO32 } from "./encoding.ts";

const SALT_BYTES = 32;
const HOUR_SECONDS = 3600;
/** The subject of events about no person: the host itself. */
export const HOST = ZERO32;
/** `prev` of a subject's first event. */
export const NO_PREVIOUS = ZERO32;

/** What an event's body is made of. */
export interface EventFields {
  readonly name: string;
  readonly version: number;
  readonly subject: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly at: number;
  readonly fields: readonly Value[];
}

/**
 * Return the canonical bytes of an event: spec/event.md step 1.
 *
 * `subject` and `prev` are 32 bytes; `at` is in seconds since 1970 UTC, a multiple of 3600 (the hour); `fields` are the
 * event's own values in the order in which its type declares them.
 */
export function body(event: EventFields): Uint8Array {
  const { name, version, subject, seq, prev, at, fields } = event;
  if (subject.length !== 32 || prev.length !== 32) {
    throw new InvalidInputError("An event names its subject and predecessor by 32 bytes each.", {
      code: "event-shape",
    });
  }
  if (at % HOUR_SECONDS !== 0) {
    throw new InvalidInputError("An event's time is a full hour.", { code: "event-shape" });
  }
  return encode([name, version, subject, seq, prev, at, fields]);
}

/** Return the log entry of an event, SHA-256(label, salt, body): 32 bytes. Raises (event-salt) on another salt length. */
export function commitment(salt: Uint8Array, eventBody: Uint8Array): Uint8Array {
  if (salt.length !== SALT_BYTES) {
    throw new InvalidInputError("An event's salt is exactly 32 bytes.", { code: "event-salt" });
  }
  return labelledHash("event", salt, eventBody);
}
