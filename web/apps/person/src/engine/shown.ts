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
  readonly files: readonly FileShown[];
}

/** A file of an entry. */
export interface FileShown {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** How somebody breathes and rests: for how many minutes, and whether something sounds. */
export interface CalmChoices {
  readonly minutes: number;
  readonly tone: boolean;
  readonly voice: boolean;
}

/** A reminder of one medicine: from which time (hh:mm) on, and since which day (yyyy-mm-dd). */
export interface Reminder {
  readonly at: string;
  readonly since: string;
}

/** What a person chose on one device. Absent: nothing was chosen, and the safe default holds. */
export interface Choices {
  /** No quiet line after a very low mood. */
  readonly noQuietLine?: boolean;
  /** This device looks for what goes together with the mood; false: asked, and not now. */
  readonly patterns?: boolean;
  /** One's own words for the five faces, very low first. */
  readonly moodWords?: readonly string[];
  /** The day (yyyy-mm-dd) on which the quiet line was shown last: it comes once a day. */
  readonly quietLineOn?: string;
  /** Minutes without a touch after which this locks; 0: only when asked. */
  readonly lockAfterMinutes?: number;
  readonly calm?: CalmChoices;
  /** Of which medicines this device reminds, by the entry that says what is taken. */
  readonly reminders?: Readonly<Record<string, Reminder>>;
  /** The day (yyyy-mm-dd) on which the spare key was tried last, and opened the account. */
  readonly spareTriedOn?: string;
  /** What was answered "not now", by name: it is asked again only where the person opens it. */
  readonly notNow?: readonly string[];
  /** What was decided of what others ask (by the entry that asks), before it was kept for all devices: it is moved there. */
  readonly asksSettled?: readonly string[];
}

/** What the public logs show wrong; `receipt`: of what was promised once, so that sharing goes on. */
export interface LogFault {
  readonly reason: string;
  readonly message: string;
  readonly hint: string | null;
  readonly receipt: boolean;
}

/** Why something is held. `count`: how many entries stay on this device; 0: it is something that others share. */
export interface HeldShown {
  readonly count: number;
  readonly reason: string;
  readonly family: string;
}

export interface SyncedShown {
  readonly sent: number;
  /** What could not be sent or loaded, in English; `why` says the same for other languages. */
  readonly held: readonly string[];
  readonly why: readonly HeldShown[];
  readonly newlyShared: number;
  /** What the server's public logs show wrong; what was synced is here all the same. */
  readonly logFault: LogFault | null;
  /** In how many collections a server that was set back lacks something, or has another history; null: it was not. */
  readonly lacks: { readonly behind: number; readonly split: number } | null;
}

/** What an erasure was answered with: until which day (since 1970) back-ups hold sealed copies, what stays and why. */
export interface ErasedShown {
  readonly at: number;
  readonly seq: number;
  readonly commitment: string;
  /** Where it stands in the public log; null: not told yet. */
  readonly position: number | null;
  readonly backupsUntilDay: number;
  readonly kept: readonly string[];
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

/** Until which day (days since 1970) a share lasts, and the words that the person agreed to, in their language. */
export interface Terms {
  readonly purpose: "care" | "proceedings";
  readonly until: number;
  readonly text: string;
  readonly language: string;
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
