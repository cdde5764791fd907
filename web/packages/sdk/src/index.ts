/** Mindhaven in the browser: one account on one device, every answer of the server verified. */

export { type Opened } from "./access.ts";
export {
  type Act,
  type Activity,
  type AuditLog,
  type Missing,
  type Standing as ActStanding,
  type Warning as ActivityWarning,
} from "./activity.ts";
export { type Agreement, type Agreements } from "./agreed.ts";
export { type Look, type Meaning, type Part, type Who } from "./acts.ts";
export { type Assertion, type Beside } from "./assertion.ts";
export { type Json, type JsonObject, decodeBody, encodeBody } from "./canonical.ts";
export { type FirstWay, Mindhaven, type Platform, freshSpareKey } from "./client.ts";
export type { Answered, Chain, Choices, Purpose, Purposes, Said } from "./choices.ts";
export { type Device, type RecentAct, type RecentKind } from "./devices.ts";
export { type Waiting, type WayIn, type WaysIn } from "./entrance.ts";
export { type Entry } from "./entries.ts";
export { OfflineError, RollbackError, SignedOutError, WithheldError } from "./errors.ts";
export { type Attachable, type Files, type Progress } from "./files.ts";
export { type Contact, type Listed } from "./listing.ts";
export { type Accepted, type Challenge, type KnownPasskey, type Registration, type Started } from "./passkeys.ts";
export { MIN_PASSPHRASE_CHARACTERS, checkNew } from "./passphrases.ts";
export { type Me } from "./me.ts";
export { type Record, homeOf, monthOf } from "./records.ts";
export { type Locks, type OpenedLock } from "./locks.ts";
export { type Lacking, type Parts } from "./parts.ts";
export { type Rejoining, type Split } from "./rejoining.ts";
export type { Chosen, ReminderAtServer, Reminders } from "./reminders.ts";
export { type ErasureShown, type Kept, type Receipts, type Standing } from "./receipts.ts";
export { type Restored } from "./restoring.ts";
export {
  type Seen,
  type SeenAccount,
  type SeenConsent,
  type SeenDevice,
  type SeenEvents,
  type SeenInvitation,
  type SeenMember,
  type SeenMonth,
  type SeenPart,
  type SeenPasskey,
} from "./seen.ts";
export { type Share } from "./sharing.ts";
export { type Checked } from "./looking.ts";
export { LocalStore, MemoryRows, type Rows, type Writer } from "./store.ts";
export { type Synced } from "./syncing.ts";
export { type Shelf, type Unplaced, type UnplacedFile } from "./unplaced.ts";
export { type Vouched } from "./vouching.ts";
