/** Who may do what in a collection, and its settings: spec/collection.md step 3. No I/O. */

import { equal } from "../bytes.ts";
import type { Value } from "../encoding.ts";
import * as shape from "../shape.ts";
import { checkMonth } from "./epoch.ts";

const MAX_DAY = 10_000_000;

/** What a member may sign; a higher role may all that a lower one may. */
export const READER = 1 as const;
export const WRITER = 2 as const;
export const OWNER = 3 as const;
export type Role = typeof READER | typeof WRITER | typeof OWNER;

/** What becomes of superseded envelopes and salts. */
export const DROP = 0 as const;
export const KEEP = 1 as const;
export type History = typeof DROP | typeof KEEP;

/** `[uid, role, from, until]`: `since` is the first month (0: all), `until` the last day (0: open). */
export interface Member {
  readonly uid: Uint8Array;
  readonly role: Role;
  readonly since: number;
  readonly until: number;
}

/** Return the CBOR value of a member. */
export function memberValue(member: Member): Value {
  return [member.uid, member.role, member.since, member.until];
}

/** Return the member that a decoded list holds. */
export function memberOf(value: unknown): Member {
  const [uid, role, since, until] = shape.fields(value, 4, "A member");
  return {
    uid: shape.raw(uid, "A member's uid", { length: 32 }),
    role: roleOf(role),
    since: checkMonth(shape.number(since, "A first month")),
    until: dayOf(until, "A last day"),
  };
}

/** Return the role that a decoded number is. */
export function roleOf(value: unknown): Role {
  return shape.number(value, "A role", { least: READER, most: OWNER }) as Role;
}

/** Return the day (since 1970 UTC) that a decoded number is. */
export function dayOf(value: unknown, what: string): number {
  return shape.number(value, what, { most: MAX_DAY });
}

/** Return the owner that `uid` is: from the beginning, without end. */
export function ownerOf(uid: Uint8Array): Member {
  return { uid, role: OWNER, since: 0, until: 0 };
}

/** Return whether both say the same. */
export function sameMember(one: Member, other: Member): boolean {
  return (
    equal(one.uid, other.uid) && one.role === other.role && one.since === other.since && one.until === other.until
  );
}

/** Return whether this member may hold the key of `month` on `day`: spec/epoch.md step 6. */
export function isEntitled(member: Member, month: number, day: number): boolean {
  if (member.role === OWNER) return true;
  return (month === 0 || month >= member.since) && isActive(member, day);
}

/** Return whether this membership still runs on `day` (the last day included). */
export function isActive(member: Member, day: number): boolean {
  return member.until === 0 || day <= member.until;
}

/** Return whether `now` may do or read anything that `before` may not. */
export function gains(before: Member | undefined, now: Member): boolean {
  if (before === undefined) return true;
  const longer = before.until !== 0 && (now.until === 0 || now.until > before.until);
  return now.role > before.role || now.since < before.since || longer;
}

/** `[history, hold until day, processing entry or null]`. */
export interface Settings {
  readonly history: History;
  readonly holdUntil: number;
  readonly processingEntry: string | null;
}

/** What a new collection has unless said: superseded envelopes go, nothing is held. */
export const DEFAULT_SETTINGS: Settings = { history: DROP, holdUntil: 0, processingEntry: null };

/** Return the CBOR value of settings. */
export function settingsValue(settings: Settings): Value {
  return [settings.history, settings.holdUntil, settings.processingEntry];
}

/** Return the settings that a decoded list holds. */
export function settingsOf(value: unknown): Settings {
  const [history, holdUntil, entry] = shape.fields(value, 3, "The settings");
  return {
    history: shape.number(history, "The history setting", { most: KEEP }) as History,
    holdUntil: dayOf(holdUntil, "A hold"),
    processingEntry: entry === null ? null : shape.text(entry, "A processing entry", { most: 64 }),
  };
}
