/**
 * What an own event means: who acted, on which part, and what is known of a look at one's data.
 *
 * Guarantees: what a server makes up breaks nothing: a value of another type counts as unknown, an event of another
 * name or version keeps its name and loses its meaning. That data was *fetched*, *opened* and *read* are three things
 * here and never one. Does not: verify an event (`activity`), or say it in words (an app does). No I/O.
 */

import { equal, type ByteMap, type ledger } from "@mindhaven/crypto";

const UID_BYTES = 32;
/** The end of the year 9999: no calendar shows a later moment, and a made-up one must not keep a line from being shown. */
export const LAST_MOMENT = 253_402_300_799;

/** The values that each event about a person has, in their order: docs/reference/events.md. All are of version 1. */
export const FIELDS: { readonly [name: string]: string } = {
  "accounts.account.created": "statement role",
  "accounts.account.erased": "statement",
  "accounts.account.suspended": "suspended",
  "accounts.change.cancelled": "pending why",
  "accounts.change.waiting": "pending statement due_at",
  "accounts.login.refused": "count hour",
  "accounts.passkey.added": "passkey slot",
  "accounts.passkey.factor": "passkey on",
  "accounts.passkey.noticed": "passkey what",
  "accounts.passkey.removed": "passkey why",
  "accounts.passkey.unlocks": "passkey slot",
  "accounts.session.ended": "session why",
  "accounts.session.opened": "session slot",
  "accounts.slot.opened": "session slot",
  "accounts.statement.added": "statement seq generation",
  "accounts.totp.changed": "on",
  "consent.choice.made": "choice purpose act",
  "consent.record.ended": "consent collection why",
  "consent.record.given": "consent collection grantor recipient",
  "reminders.device.ended": "session why",
  "reminders.device.started": "session",
  "rights.erasure.done": "collections shares_ended",
  "sharing.grant.given": "collection grantor recipient role since until consent",
  "sharing.grant.revoked": "collection grantor recipient",
  "sharing.invitation.answered": "invitation",
  "sharing.invitation.made": "invitation",
  "upkeep.erasure.completed": "what thing erased_at",
  "vault.blob.fetched": "collection by blob",
  "vault.blob.given-back": "collection by blob",
  "vault.collection.created": "collection head",
  "vault.collection.erased": "collection head",
  "vault.collection.offered": "collection by first last",
  "vault.collection.opened": "collection by session",
  "vault.collection.pulled": "collection by session first last",
  "vault.collection.pushed": "collection by seq head puts erases",
  "vault.collection.refused": "collection by reason",
  "vault.collection.rekeyed": "collection by seq head puts erases",
  "vault.records.erased-again": "collection records",
  "vault.records.given-back": "collection by records",
};

/** What the people who run the server did, or their server by itself. */
const BY_SERVER = new Set([
  "accounts.account.suspended",
  "accounts.passkey.noticed",
  "upkeep.erasure.completed",
  "vault.records.erased-again",
]);
/** What somebody did of whom the event says nothing. */
const BY_SOMEBODY = new Set([
  "accounts.login.refused",
  "consent.record.ended",
  "sharing.invitation.answered",
  "vault.collection.erased",
]);
/** Why the server itself signs a device out, or ends its reminders. */
const ENDED_BY_SERVER = ["suspended", "rested", "gone", "service"];
const ENDS = new Set(["accounts.session.ended", "reminders.device.ended"]);

/** Who acted. `self` is a device of this account, named if it is still signed in; `unknown` may have an account's uid. */
export type Who =
  | { readonly kind: "self"; readonly device: string | null }
  | { readonly kind: "contact"; readonly uid: Uint8Array; readonly name: string }
  | { readonly kind: "server" }
  | { readonly kind: "unknown"; readonly uid: Uint8Array | null };

/** Which part: its name in this person's list (null: not in it), and whether it is that list itself. */
export interface Part {
  readonly collection: Uint8Array;
  readonly name: string | null;
  readonly isList: boolean;
}

/** What was given out: changes of a part (count null: the event does not say how many), or a part of a file. */
export interface Fetched {
  readonly what: "changes" | "file part";
  readonly count: number | null;
}

/**
 * A look at one's sealed data, and how far it is known.
 *
 * `fetched` is the server's own record, and stands as its act stands. `opened` is what the reader's app
 * reports, which nobody can prove. Whether a person `read` it nobody can know.
 */
export interface Look {
  readonly fetched: Fetched | null;
  readonly opened: "reported" | null;
  readonly read: "unknown";
}

/** What an event says; `what` is its name, `values` its fields by their names. Not `isKnown`: of a newer server, or made up. */
export interface Meaning {
  readonly what: string;
  readonly version: number;
  readonly isKnown: boolean;
  readonly values: { readonly [field: string]: unknown };
  readonly who: Who;
  /** The other person of the act: who gained or lost access. */
  readonly whom: Who | null;
  readonly part: Part | null;
  readonly look: Look | null;
}

/** How this person calls others, parts and devices. */
export interface Known {
  readonly me: Uint8Array;
  readonly contacts: ByteMap<string>;
  readonly parts: ByteMap<string>;
  readonly devices: ByteMap<string>;
  /** The person's own list of collections and contacts. */
  readonly list: Uint8Array | null;
}

/** Return what an event says to this person. */
export function meaningOf(told: Pick<ledger.Told, "name" | "version" | "fields">, known: Known): Meaning {
  const { name: what, version } = told;
  const names = version === 1 ? FIELDS[what]?.split(" ") : undefined;
  const values = Object.fromEntries((names ?? []).map((name, at) => [name, told.fields[at]]));
  const whom = values["recipient"];
  return {
    what,
    version,
    isKnown: names !== undefined,
    values,
    who: names === undefined ? { kind: "unknown", uid: null } : actor(what, values, known),
    whom: whom === undefined ? null : whoIs(whom, known),
    part: partOf(what, values, known),
    look: names === undefined ? null : lookOf(what, values),
  };
}

function actor(what: string, values: Meaning["values"], known: Known): Who {
  if (BY_SERVER.has(what)) return { kind: "server" };
  if (BY_SOMEBODY.has(what)) return { kind: "unknown", uid: null };
  if (ENDS.has(what) && ENDED_BY_SERVER.includes(String(values["why"]))) return { kind: "server" };
  const by = "by" in values ? values["by"] : values["grantor"];
  const who: Who = by === undefined ? { kind: "self", device: null } : whoIs(by, known);
  const session = values["session"];
  if (who.kind !== "self" || !(session instanceof Uint8Array)) return who;
  return { kind: "self", device: known.devices.get(session) ?? null };
}

/** Return who has that uid, as this person knows them. */
export function whoIs(uid: unknown, known: Known): Who {
  if (!(uid instanceof Uint8Array) || uid.length !== UID_BYTES) return { kind: "unknown", uid: null };
  if (equal(uid, known.me)) return { kind: "self", device: null };
  const name = known.contacts.get(uid);
  return name === undefined ? { kind: "unknown", uid } : { kind: "contact", uid, name };
}

function partOf(what: string, values: Meaning["values"], { parts, list }: Known): Part | null {
  const isErasure = what === "upkeep.erasure.completed" && values["what"] === "collection";
  const collection = isErasure ? values["thing"] : values["collection"];
  if (!(collection instanceof Uint8Array)) return null;
  const isList = list !== null && equal(collection, list);
  return { collection, name: parts.get(collection) ?? null, isList };
}

function lookOf(what: string, values: Meaning["values"]): Look | null {
  if (what === "vault.collection.opened") return { fetched: null, opened: "reported", read: "unknown" };
  const fetched = fetchedOf(what, values);
  return fetched === null ? null : { fetched, opened: null, read: "unknown" };
}

function fetchedOf(what: string, values: Meaning["values"]): Fetched | null {
  if (what === "vault.blob.fetched") return { what: "file part", count: 1 };
  if (what !== "vault.collection.pulled") return null;
  const [first, last] = [values["first"], values["last"]];
  const told = typeof first === "number" && typeof last === "number" && last >= first;
  return { what: "changes", count: told ? last - first + 1 : null };
}
