/** What the page is shown of ways in and entries: plain data, ids in hex. No I/O. */

import { InvalidInputError, hex, slots } from "@mindhaven/crypto";
import type { Assertion, Entry, Mindhaven, Record as Entry_, Synced } from "@mindhaven/sdk";
import type { Key, LockWay } from "@mindhaven/sdk/browser";

import { COPIES } from "../shares.ts";
import type { EntryShown, NewEntry, SyncedShown, WayShown } from "./shown.ts";

/** Return what a way in is called. */
export function kindOf(kind: slots.SlotKind): Key["with"] {
  if (kind === slots.SlotKind.PASSKEY) return "passkey";
  return kind === slots.SlotKind.RECOVERY_KEY ? "spare" : "passphrase";
}

/** Return a way to unlock this device, as the page has it. */
export function shownWay(way: LockWay): WayShown {
  const kind = kindOf(way.kind);
  return { kind, params: kind === "passkey" ? hex(way.params) : "" };
}

/** Return whose an entry is (a uid in hex), null if nobody has an account yet. */
export function ownerOf(client: Mindhaven, entry: Entry): string | null {
  if (entry.collection === null) return client.me === null ? null : hex(client.me.uid);
  const owner = client.listing.ownerOf(entry.collection);
  return owner === null ? null : hex(owner);
}

/** Tell whether an entry is one's own; of what was copied for a share, one has the entries themselves. */
export function isOwn(client: Mindhaven, entry: Entry): boolean {
  const mine = client.me === null ? null : hex(client.me.uid);
  return ownerOf(client, entry) === mine && !entry.collectionName.startsWith(COPIES);
}

/** Return what the SDK keeps of a new entry. */
export function recordOf(entry: NewEntry): Entry_ {
  return { kind: entry.kind, version: 1, createdAt: entry.createdAt, zone: entry.zone, body: entry.body };
}

/** Return an entry as the page has it. */
export function shownEntry(one: Entry): EntryShown {
  return {
    item: hex(one.item),
    part: one.collectionName,
    kind: one.record?.kind ?? null,
    createdAt: one.record?.createdAt ?? 0,
    zone: one.record?.zone ?? "UTC",
    body: one.record?.body ?? null,
    mine: one.mine,
    waits: one.waits,
    error: one.error,
    conflict: one.conflictOf !== null,
    files: one.files.map(({ name, mediaType, size }) => ({ name, type: mediaType, size })),
  };
}

/** Return what came of a sync, as the page has it. */
export function shownSynced({ sent, held, why, newlyShared, logFault, restored }: Synced): SyncedShown {
  const fault =
    logFault === null
      ? null
      : { reason: logFault.reason, message: logFault.message, hint: logFault.hint ?? null, receipt: logFault.reason.startsWith("receipt-") };
  const lacks =
    restored === null ? null : { behind: restored.behind.length + restored.lost, split: restored.split.length };
  return { sent, held: [...held], why: why.map(({ count, error }) => ({ count, reason: error.reason, family: error.name })), newlyShared: newlyShared.length, logFault: fault, lacks };
}

/** Return that a passkey was used over the server's challenge, if it was. */
export function assertionOf(key: Key): Assertion | null {
  return key.with === "passkey" ? (key.assertion ?? null) : null;
}

/** Return null for a key that does not open; throw what else went wrong. */
export function refusedKey(error: unknown): null {
  if (error instanceof InvalidInputError && error.reason === "wrong-key") return null;
  throw error;
}

/** Return a row of a spare key as it is compared, however it was typed. */
export function normal(text: string): string {
  return text
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replaceAll("I", "1")
    .replaceAll("L", "1");
}
