/** What crosses between the page and the worker of what the server logged and has: plain data, ids in hex. */

import type { ActivityWarning, AuditLog, Missing } from "@mindhaven/sdk";
import type { Key } from "@mindhaven/sdk/browser";

/** Who acted. `self` has the device's name if it is still signed in; `unknown` the beginning of an account's number. */
export interface WhoShown {
  readonly kind: "self" | "contact" | "server" | "unknown";
  /** The name that this person gave: of a contact, or of a device; null: none. */
  readonly name: string | null;
  /** What tells one from another: the account's number in hex, "" where the event names none. */
  readonly id: string;
}

/** A part as this person calls it; null: it is not in their list. */
export interface PartShown {
  readonly name: string | null;
  readonly isList: boolean;
}

/** One own event. `at` in seconds since 1970 UTC, by the hour; both null where the content was erased. */
export interface ActShown {
  readonly seq: number;
  readonly at: number | null;
  readonly what: string | null;
  /** Whether this app knows what such an event means. */
  readonly isKnown: boolean;
  readonly who: WhoShown;
  readonly whom: WhoShown | null;
  readonly part: PartShown | null;
  /** What was fetched: how many changes (null: not told), or a part of a file; null: nothing. Nobody knows what was read. */
  readonly fetched: { readonly file: boolean; readonly count: number | null } | null;
  /** A reader's app reports that it showed the part: nobody can prove it. */
  readonly opened: boolean;
  /** Null: verified. */
  readonly missing: Missing | null;
}

export interface ActivityShown {
  readonly acts: readonly ActShown[];
  readonly log: AuditLog | null;
  readonly warnings: readonly ActivityWarning[];
}

/** Who may read a part: from which month (yyyymm, 0: all), until which day (days since 1970 UTC, 0: open). */
export interface MemberShown {
  readonly who: WhoShown;
  readonly since: number;
  readonly until: number;
}

/** The entries of one month (yyyymm, 0: of no month): how many, how often changed or erased, and their padded sizes. */
export interface MonthShown {
  readonly month: number;
  readonly entries: number;
  readonly changes: number;
  readonly erased: number;
  readonly sizes: readonly (readonly [bytes: number, entries: number])[];
}

/** A sealed part as the server has it; the name is this person's own. `members` are the others. */
export interface SeenPartShown extends PartShown {
  readonly id: string;
  readonly owner: WhoShown;
  readonly commits: number;
  readonly behind: number;
  readonly members: readonly MemberShown[];
  readonly months: readonly MonthShown[];
  readonly filePieces: number;
}

/** A device's reminders as the server has them; minutes of the day in UTC. */
export interface ReminderShown {
  readonly here: boolean;
  readonly service: string;
  readonly minutes: readonly number[];
  readonly left: number;
  readonly since: number;
}

/** What a page asks of the reminders of this device; null: only how they stand. */
export type RemindersAsked = { readonly endpoint: string; readonly times: readonly string[] } | "end" | null;

/** How they stand: the server's key (base64url; null: it sends none), what was chosen (hh:mm), whether they ended by themselves. */
export interface RemindersShown {
  readonly key: string | null;
  readonly times: readonly string[];
  readonly endpoint: string | null;
  readonly ended: boolean;
}

/** What a page answers for a purpose (`askedAt` in milliseconds since 1970); null: nothing; `letGo`: what was lost is told. */
export type ChoiceAsked =
  | {
      readonly purpose: string;
      readonly act: "give" | "refuse" | "defer" | "withdraw";
      readonly language: string;
      readonly askedAt: number;
    }
  | "letGo"
  | null;

/** What may be asked in every language, and how it stands; `at` in seconds since 1970 UTC, by the hour (0: never asked). */
export interface PurposeShown {
  readonly id: string;
  readonly offered: boolean;
  readonly says: Readonly<Record<string, { readonly title: string; readonly what: string; readonly then: string }>>;
  readonly state: "unasked" | "given" | "renewed" | "refused" | "deferred" | "withdrawn" | "expired" | "invalidated";
  readonly at: number;
  /** The newest answer came from the browser's own signal. */
  readonly signal: boolean;
}

/** Everything that this person allows the host, or does not, and each answer, the oldest first; `lost` by the server. */
export interface ChoicesShown {
  readonly purposes: readonly PurposeShown[];
  readonly history: readonly {
    readonly number: number;
    readonly purpose: string;
    readonly act: "given" | "refused" | "deferred" | "withdrawn";
    readonly at: number;
    readonly signal: boolean;
  }[];
  readonly lost: number;
}

/**
 * What was agreed to with one share. `by` and `to` are uids in hex, `mine`: this person agreed. Times in seconds since
 * 1970 UTC; `words` null: they were not kept with it; `differs`: what was sealed is not what was signed.
 */
export interface AgreedShown {
  readonly id: string;
  readonly mine: boolean;
  readonly by: string;
  readonly to: string;
  readonly purpose: string;
  readonly part: string | null;
  readonly words: string | null;
  readonly language: string;
  readonly givenAt: number;
  readonly endedAt: number | null;
  readonly differs: boolean;
}

/** What the server has of this person. Moments in seconds since 1970 UTC, by the hour. */
export interface SeenShown {
  readonly uid: string;
  readonly handle: string;
  readonly statements: number;
  readonly code: boolean;
  readonly ways: readonly Key["with"][];
  readonly passkeys: readonly { readonly createdAt: number; readonly usedAt: number | null }[];
  readonly devices: readonly { readonly name: string; readonly firstSeenAt: number; readonly lastSeenAt: number; readonly here: boolean }[];
  readonly parts: readonly SeenPartShown[];
  readonly consents: readonly { readonly from: WhoShown; readonly to: WhoShown; readonly givenAt: number; readonly endedAt: number | null }[];
  readonly invitations: number;
  readonly reminders: readonly ReminderShown[];
  readonly arrivals: readonly number[];
  readonly events: readonly { readonly name: string; readonly count: number; readonly firstAt: number; readonly lastAt: number }[];
}
