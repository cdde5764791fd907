/** What crosses between the page and the worker: plain data, ids in hex. */

import type { JsonObject, Registration, Vouched } from "@mindhaven/sdk";
import type { Key } from "@mindhaven/sdk/browser";

export interface WayShown {
  readonly kind: Key["with"];
  /** The id of a passkey's credential. */
  readonly params: string;
}

/** Where this device stands. */
export type Status =
  | { readonly stage: "empty" }
  | { readonly stage: "locked"; readonly ways: readonly WayShown[] }
  | {
      readonly stage: "open";
      readonly ways: readonly WayShown[];
      readonly handle: string | null;
      readonly signedIn: boolean;
      readonly finished: boolean;
    };

/** The account's ways in, the changes of them that wait, and whether a code is asked for beside the words. */
export interface WaysShown {
  readonly kinds: readonly Key["with"][];
  readonly waiting: readonly { readonly id: string; readonly dueAt: number }[];
  readonly code: boolean;
}

/** A passkey that the page made: with its secret if it has one, and what lets the server know it. */
export interface MadePasskey {
  readonly credential: Uint8Array;
  readonly prf: Uint8Array | null;
  readonly registration: Registration | null;
  readonly name: string;
}

/** A passkey that is to be used over a challenge of the server, so that the server knows it from then on. */
export interface Introducing {
  readonly credential: Uint8Array;
  readonly challenge: Uint8Array;
}

/** A passkey that the server knows; `noticed`: something about it was not as before. */
export interface PasskeyShown {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly unlocks: boolean;
  readonly secondFactor: boolean;
  readonly noticed: boolean;
}

export interface NewEntry {
  readonly kind: string;
  readonly createdAt: number;
  readonly zone: string;
  readonly body: JsonObject;
}

export interface EntryShown {
  readonly item: string;
  readonly part: string;
  readonly kind: string | null;
  readonly createdAt: number;
  readonly zone: string;
  readonly body: JsonObject | null;
  readonly mine: boolean;
  readonly waits: boolean;
  readonly error: string | null;
  readonly conflict: boolean;
}

/** A note that was begun and not saved. */
export interface DraftShown {
  readonly item: string;
  readonly text: string;
}

/** What the public logs show wrong; `receipt`: of what was promised once, so that sharing goes on. */
export interface LogFault {
  readonly message: string;
  readonly hint: string | null;
  readonly receipt: boolean;
}

export interface SyncedShown {
  readonly sent: number;
  readonly held: readonly string[];
  readonly newlyShared: number;
  /** What the server's public logs show wrong; what was synced is here all the same. */
  readonly logFault: LogFault | null;
  /** In how many collections a server that was set back lacks something, or has another history; null: it was not. */
  readonly lacks: { readonly behind: number; readonly split: number } | null;
}

export interface DeviceShown {
  readonly session: string;
  readonly name: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly here: boolean;
}

/** A share that stands: which part, from which month (yyyymm, 0: all), until which day (days since 1970, 0: open). */
export interface ShareShown {
  readonly part: string;
  readonly since: number;
  readonly until: number;
}

export interface ContactShown {
  readonly uid: string;
  readonly name: string;
  readonly checked: string;
  /** Whether the public log of keys has this person's newest keys. */
  readonly keys: Vouched;
  /** What this person can read of one's own. */
  readonly reads: readonly ShareShown[];
  /** What this person shares. */
  readonly shares: readonly ShareShown[];
}
