/**
 * What the server has of this person, as values: for a page that shows it to them. I/O: server and local store.
 *
 * Guarantees: every value is one that the server itself gave just now, or that stands open in a history that this device
 * verified and the server keeps. Names of parts, of devices and of people are this person's own: the server does not
 * have them. Does not: list what no operation tells (docs/reference/holdings.md has it all): how many bytes a part takes
 * in all, refused log-ins of this hour, what a process holds in its memory.
 */

import {
  FLOOR_BYTES,
  Signed,
  consent as consents,
  equal,
  hex,
  padme,
  type collection as collections,
  type slots,
} from "@mindhaven/crypto";

import { ActivityReader, knownTo, type Activity } from "./activity.ts";
import { whoIs, type Known, type Who } from "./acts.ts";
import type { Mindhaven } from "./client.ts";
import { Reader } from "./read.ts";
import { Reminders, type ReminderAtServer } from "./reminders.ts";
import { decodeItem, type LocalItem } from "./rows.ts";
import type { LocalStore } from "./store.ts";
import { readCollections, type CollectionShown } from "./wire.ts";

/** What goes before a content when it is padded: its length (spec/envelope.md step 2). */
const LENGTH_BYTES = 4;
/** How an item's row begins whose content opened: a CBOR list of five (rows.ts says what else may stand there). */
const CONTENT = 0x85;
const PUSHED = "vault.collection.pushed";

/** The account: its number, the name to sign in by, how often its keys or ways in were stated, what waits. */
export interface SeenAccount {
  readonly uid: Uint8Array;
  readonly handle: string;
  readonly role: string;
  readonly statements: number;
  readonly waiting: number;
  /** Whether a code is asked for beside the passphrase. */
  readonly code: boolean;
}

/** A device: when it was seen, by the hour (seconds since 1970 UTC). `name` is sealed: the server does not have it. */
export interface SeenDevice {
  readonly name: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly here: boolean;
}

/** A passkey that the server knows, by the hour (seconds since 1970 UTC; null: not used yet). */
export interface SeenPasskey {
  readonly createdAt: number;
  readonly usedAt: number | null;
  readonly secondFactor: boolean;
}

/** Who may read a part: from which month (yyyymm, 0: all), until which day (days since 1970 UTC, 0: open). */
export interface SeenMember {
  readonly who: Who;
  readonly role: number;
  readonly since: number;
  readonly until: number;
}

/** The entries that one month names (yyyymm; 0: those that belong to no month). */
export interface SeenMonth {
  readonly month: number;
  readonly entries: number;
  /** How often these entries were changed after they were first written. */
  readonly changes: number;
  readonly erased: number;
  /** How many live entries have each padded size in bytes, the smallest first; what does not open here is left out. */
  readonly sizes: readonly (readonly [bytes: number, entries: number])[];
}

/**
 * A sealed part. `name` is this person's own (null: the list has none), `isList` their list of parts and people itself.
 *
 * `commits` is how many changes the server has, `behind` how many of them are not on this device yet.
 */
export interface SeenPart {
  readonly collection: Uint8Array;
  readonly name: string | null;
  readonly isList: boolean;
  readonly owner: Who;
  readonly commits: number;
  readonly behind: number;
  readonly members: readonly SeenMember[];
  readonly months: readonly SeenMonth[];
  /** How many pieces of attachments its entries name. */
  readonly filePieces: number;
}

/** A consent that one gave or received; moments by the hour (seconds since 1970 UTC; null: it stands). */
export interface SeenConsent {
  readonly from: Who;
  readonly to: Who;
  readonly purpose: string;
  readonly language: string;
  readonly givenAt: number;
  readonly endedAt: number | null;
}

/** An invitation link of one's own. */
export interface SeenInvitation {
  readonly expiresAt: number;
  readonly answered: boolean;
}

/** A kind of event: how many there are, and the hours of the first and the last (seconds since 1970 UTC). */
export interface SeenEvents {
  readonly name: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What the server has of this person. `at`: when it was asked, in milliseconds since 1970 UTC. */
export interface Seen {
  readonly at: number;
  readonly account: SeenAccount;
  readonly ways: readonly slots.SlotKind[];
  readonly passkeys: readonly SeenPasskey[];
  readonly devices: readonly SeenDevice[];
  readonly parts: readonly SeenPart[];
  readonly consents: readonly SeenConsent[];
  readonly invitations: readonly SeenInvitation[];
  readonly reminders: readonly ReminderAtServer[];
  /** The hours in which entries of this person arrived, each as often as something did (seconds since 1970 UTC). */
  readonly arrivals: readonly number[];
  readonly events: readonly SeenEvents[];
  /** How many events lost their content: their mark is left. */
  readonly erasedEvents: number;
}

/** Ask the server for what it has of this person. Throws what `ActivityReader.read` throws. */
export async function seen(client: Mindhaven): Promise<Seen> {
  const { access, devices, passkeys, vault } = client;
  const me = access.needMe();
  const { shown, listed } = await access.shown(me.uid);
  const known = await knownTo(client);
  const collections = readCollections(await vault.transport.call("GET", "/v1/collections"), client.now()).collections;
  const told = await new ActivityReader(client).read();
  return {
    at: client.now(),
    account: {
      uid: shown.uid,
      handle: shown.handle,
      role: shown.role,
      statements: shown.statements.length,
      waiting: shown.pending.length,
      code: shown.totp,
    },
    ways: listed.slots.map(({ kind }) => kind),
    passkeys: (await passkeys.all()).map(({ createdAt, usedAt, secondFactor }) => ({ createdAt, usedAt, secondFactor })),
    devices: (await devices.all()).map(({ name, firstSeenAt, lastSeenAt, here }) => ({ name, firstSeenAt, lastSeenAt, here })),
    parts: collections.map((one) => partOf(client, one, known)),
    consents: await consentsOf(client, known),
    invitations: await invitationsOf(client),
    reminders: await new Reminders(client).all(),
    ...recorded(told),
  };
}

function partOf({ store, vault, entries }: Mindhaven, shown: CollectionShown, known: Known): SeenPart {
  const state = vault.state(shown.id);
  const mine: collections.Member = { uid: known.me, role: shown.role as collections.Role, since: shown.since, until: shown.until };
  const members = state === null ? [mine] : [...state.members.values()];
  return {
    collection: shown.id,
    name: known.parts.get(shown.id) ?? null,
    isList: known.list !== null && equal(shown.id, known.list),
    owner: whoIs(shown.owner, known),
    commits: shown.seq + 1,
    behind: Math.max(shown.seq - (state?.seq ?? -1), 0),
    members: members.map(({ uid, role, since, until }) => ({ who: whoIs(uid, known), role, since, until })),
    months: monthsOf(itemsOf(store, shown.id)),
    filePieces: entries
      .all({ collection: shown.id })
      .flatMap(({ waits, files }) => (waits ? [] : files.map(({ blobs }) => blobs.length)))
      .reduce((sum, one) => sum + one, 0),
  };
}

/** Return all items of a collection, also the erased: the server keeps that there was one, and its month. */
function itemsOf(store: LocalStore, collection: Uint8Array): LocalItem[] {
  const prefix = `item/${hex(collection)}/`;
  return store.under(prefix).map(([name, row]) => decodeItem(name.slice(prefix.length), row));
}

function monthsOf(items: readonly LocalItem[]): SeenMonth[] {
  const months = new Map<number, LocalItem[]>();
  for (const one of items) {
    const there = months.get(one.state.month);
    if (there === undefined) months.set(one.state.month, [one]);
    else there.push(one);
  }
  return [...months].sort(([one], [other]) => one - other).map(([month, within]) => monthOf(month, within));
}

function monthOf(month: number, items: readonly LocalItem[]): SeenMonth {
  const live = items.filter(({ state }) => !state.erased);
  const sizes = new Map<number, number>();
  for (const { value } of live) {
    if (value?.[0] !== CONTENT) continue;
    const bytes = Math.max(padme(value.length + LENGTH_BYTES), FLOOR_BYTES);
    sizes.set(bytes, (sizes.get(bytes) ?? 0) + 1);
  }
  return {
    month,
    entries: live.length,
    changes: items.reduce((sum, { state }) => sum + state.revision - 1, 0),
    erased: items.length - live.length,
    sizes: [...sizes].sort(([one], [other]) => one - other),
  };
}

async function consentsOf({ vault }: Mindhaven, known: Known): Promise<SeenConsent[]> {
  const answer = new Reader(await vault.transport.call("GET", "/v1/consents"));
  return answer.list("consents", (value) => {
    const one = new Reader(value);
    const open = consents.Consent.decode(Signed.decode(one.bytes("signed")).body);
    return {
      from: whoIs(open.grantor, known),
      to: whoIs(open.recipient, known),
      purpose: open.purpose,
      language: open.language,
      givenAt: one.number("given_at"),
      endedAt: one.numberOrNull("ended_at"),
    };
  });
}

async function invitationsOf({ vault }: Mindhaven): Promise<SeenInvitation[]> {
  const answer = new Reader(await vault.transport.call("GET", "/v1/invitations"));
  return answer.list("invitations", (value) => {
    const one = new Reader(value);
    return { expiresAt: one.number("expires_at"), answered: one.bytesOrNull("answer") !== null };
  });
}

function recorded({ acts }: Activity): Pick<Seen, "arrivals" | "events" | "erasedEvents"> {
  const events = new Map<string, SeenEvents>();
  const arrivals: number[] = [];
  for (const { at, told } of acts) {
    if (at === null || told === null) continue;
    const { count, firstAt } = events.get(told.what) ?? { count: 0, firstAt: at };
    events.set(told.what, { name: told.what, count: count + 1, firstAt, lastAt: at });
    if (told.what === PUSHED && told.who.kind === "self") arrivals.push(at);
  }
  return { arrivals, events: [...events.values()], erasedEvents: acts.filter(({ told }) => told === null).length };
}
