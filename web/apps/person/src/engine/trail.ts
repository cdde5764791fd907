/** What the server logged of this person, and what it has of them, as a page asks for it. Ids are hex. I/O: server. */

import { hex, slots } from "@mindhaven/crypto";
import type { Act, Mindhaven, Part, Seen, Who } from "@mindhaven/sdk";
import type { Key } from "@mindhaven/sdk/browser";

import type { ActShown, ActivityShown, AgreedShown, PartShown, RemindersAsked, RemindersShown, SeenShown, WhoShown } from "./logged.ts";

/** The end of the year 9999: a later moment is none that can be shown. */
const LAST_MOMENT = 253_402_300_799;
const NOBODY: WhoShown = { kind: "unknown", name: null, id: "" };
const KINDS: Readonly<Partial<Record<slots.SlotKind, Key["with"]>>> = {
  [slots.SlotKind.PASSPHRASE]: "passphrase",
  [slots.SlotKind.RECOVERY_KEY]: "spare",
  [slots.SlotKind.PASSKEY]: "passkey",
};

/** Return who touched this person's data, the oldest first, each verified here or with what it lacks. */
export async function activity(client: Mindhaven): Promise<ActivityShown> {
  const { acts, log, warnings } = await client.activity();
  await client.store.saved();
  return { acts: acts.map(actShown), log, warnings };
}

/** Return what the server has of this person, read from it now; what this device lacks is fetched first. */
export async function seen(client: Mindhaven): Promise<SeenShown> {
  await client.sync();
  return seenShown(await client.seen());
}

/** Return what was agreed to with each share, given or received, the newest first. */
export async function agreed(client: Mindhaven): Promise<AgreedShown[]> {
  const { uid } = client.access.needMe();
  const all = await (await client.agreements()).all();
  return all.map(({ id, grantor, recipient, purpose, part, words, language, givenAt, endedAt, fault }) => ({
    id,
    mine: hex(grantor) === hex(uid),
    by: hex(grantor),
    to: hex(recipient),
    purpose,
    part,
    words,
    language,
    givenAt,
    endedAt,
    differs: fault !== "",
  }));
}

/** Change the reminders of this device as asked (null: not at all, `end`: turn off), and return how they stand then. */
export async function reminders(client: Mindhaven, asked: RemindersAsked): Promise<RemindersShown> {
  const its = await client.reminders();
  if (asked === "end") await its.end();
  else if (asked !== null) await its.put(asked);
  const chosen = its.chosen();
  return { key: await its.key(), times: chosen?.times ?? [], endpoint: chosen?.endpoint ?? null, ended: chosen?.ended ?? false };
}

function actShown(act: Act): ActShown {
  const { seq, at, told } = act;
  return {
    seq,
    at,
    what: told?.what ?? null,
    isKnown: told?.isKnown ?? true,
    who: told === null ? NOBODY : whoShown(told.who),
    whom: told?.whom ? whoShown(told.whom) : null,
    part: told?.part ? partShown(told.part) : null,
    fetched: told?.look?.fetched ? { file: told.look.fetched.what === "file part", count: told.look.fetched.count } : null,
    opened: told?.look?.opened === "reported",
    missing: act.standing === "unverified" ? act.why : null,
  };
}

function whoShown(who: Who): WhoShown {
  switch (who.kind) {
    case "self":
      return { kind: "self", name: who.device, id: "" };
    case "contact":
      return { kind: "contact", name: who.name, id: hex(who.uid) };
    case "server":
      return { kind: "server", name: null, id: "" };
    case "unknown":
      return { kind: "unknown", name: null, id: who.uid === null ? "" : hex(who.uid) };
  }
}

function partShown({ name, isList }: Part): PartShown {
  return { name, isList };
}

/** Return a moment that a calendar shows: a server may say any number. */
function moment(seconds: number): number {
  return Math.min(Math.max(seconds, 0), LAST_MOMENT);
}

function seenShown(seen: Seen): SeenShown {
  const { account, ways, passkeys, devices, parts, consents, invitations, reminders: reminded, arrivals, events } = seen;
  return {
    uid: hex(account.uid),
    handle: account.handle,
    statements: account.statements,
    code: account.code,
    ways: ways.flatMap((kind) => KINDS[kind] ?? []),
    passkeys: passkeys.map(({ createdAt, usedAt }) => ({
      createdAt: moment(createdAt),
      usedAt: usedAt === null ? null : moment(usedAt),
    })),
    devices: devices.map((one) => ({ ...one, firstSeenAt: moment(one.firstSeenAt), lastSeenAt: moment(one.lastSeenAt) })),
    parts: parts.map(({ collection, name, isList, owner, commits, behind, members, months, filePieces }) => ({
      id: hex(collection),
      name,
      isList,
      owner: whoShown(owner),
      commits,
      behind,
      members: members
        .filter(({ who }) => who.kind !== "self")
        .map(({ who, since, until }) => ({ who: whoShown(who), since, until })),
      months,
      filePieces,
    })),
    consents: consents.map(({ from, to, givenAt, endedAt }) => ({ from: whoShown(from), to: whoShown(to), givenAt, endedAt })),
    invitations: invitations.length,
    reminders: reminded.map((one) => ({ ...one, since: moment(one.since) })),
    arrivals,
    events,
  };
}
