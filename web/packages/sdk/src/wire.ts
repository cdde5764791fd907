/** Answers about accounts as the server gives them, read strictly. Times in seconds since 1970 UTC. No I/O. */

import { Reader, asBytes } from "./read.ts";

/** What the server keeps of one slot beside the list. */
export interface SlotEntry {
  readonly id: Uint8Array;
  readonly tag: Uint8Array;
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly login_key: Uint8Array;
  readonly lookup: Uint8Array | null;
}

/** One statement and all that must change with it. */
export interface KeySet {
  readonly statement: Uint8Array;
  readonly slots: Uint8Array;
  readonly entries: readonly SlotEntry[];
  readonly bundle: Uint8Array;
}

/** A reserved handle, the server's part of the passphrase salt, and the nonce that the sign-up must sign. */
export interface SignupStarted {
  readonly handle: string;
  readonly serverSalt: Uint8Array;
  readonly nonce: Uint8Array;
}

/** How to sign in: a nonce, and how the passphrase is stretched. */
export interface LoginStarted {
  readonly nonce: Uint8Array;
  readonly serverSalt: Uint8Array;
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** A session and its first access token. */
export interface SessionGiven {
  readonly uid: Uint8Array;
  readonly session: Uint8Array;
  readonly token: string;
  readonly tokenExpiresAt: number;
  readonly slot: Uint8Array;
  readonly role: string;
}

/** All that an owner's client needs to verify and open its account. */
export interface AccountShown {
  readonly uid: Uint8Array;
  readonly handle: string;
  readonly role: string;
  readonly finished: boolean;
  readonly statements: readonly Uint8Array[];
  readonly slots: Uint8Array;
  readonly entries: readonly SlotEntry[];
  readonly bundle: Uint8Array;
  readonly pending: readonly Pending[];
  readonly totp: boolean;
  readonly earlierBundles: readonly { readonly generation: number; readonly bundle: Uint8Array }[];
}

/** A change of ways in that waits. */
export interface Pending {
  readonly id: Uint8Array;
  readonly statement: Uint8Array;
  readonly dueAt: number;
  readonly askedAt: number;
}

/** One collection as one of its members sees it. */
export interface CollectionShown {
  readonly id: Uint8Array;
  readonly seq: number;
  readonly head: Uint8Array;
  readonly owner: Uint8Array;
  readonly role: number;
  readonly since: number;
  readonly until: number;
}

export function readSignupStarted(value: unknown): SignupStarted {
  const answer = new Reader(value);
  return {
    handle: answer.text("handle"),
    serverSalt: answer.bytes("server_salt", 16),
    nonce: answer.bytes("nonce", 32),
  };
}

export function readLoginStarted(value: unknown): LoginStarted {
  const answer = new Reader(value);
  return {
    nonce: answer.bytes("nonce", 32),
    serverSalt: answer.bytes("server_salt", 16),
    memoryKib: answer.number("memory_kib"),
    passes: answer.number("passes"),
    lanes: answer.number("lanes"),
  };
}

export function readSession(value: unknown): SessionGiven {
  const answer = new Reader(value);
  return {
    uid: answer.bytes("uid", 32),
    session: answer.bytes("session", 16),
    token: answer.text("token"),
    tokenExpiresAt: answer.number("token_expires_at"),
    slot: answer.bytes("slot", 16),
    role: answer.text("role"),
  };
}

function readEntry(value: unknown): SlotEntry {
  const entry = new Reader(value);
  return {
    id: entry.bytes("id", 16),
    tag: entry.bytes("tag", 32),
    enc: entry.bytes("enc", 1120),
    ciphertext: entry.bytes("ciphertext", 48),
    login_key: entry.bytes("login_key", 32),
    lookup: entry.bytesOrNull("lookup", 16),
  };
}

function readPending(value: unknown): Pending {
  const one = new Reader(value);
  return {
    id: one.bytes("id", 16),
    statement: one.bytes("statement"),
    dueAt: one.number("due_at"),
    askedAt: one.number("asked_at"),
  };
}

export function readAccount(value: unknown): AccountShown {
  const answer = new Reader(value);
  return {
    uid: answer.bytes("uid", 32),
    handle: answer.text("handle"),
    role: answer.text("role"),
    finished: answer.flag("finished"),
    statements: answer.list("statements", (one) => asBytes(one)),
    slots: answer.bytes("slots"),
    entries: answer.list("entries", readEntry),
    bundle: answer.bytes("bundle"),
    pending: answer.list("pending", readPending),
    totp: answer.flag("totp"),
    earlierBundles: answer.list("earlier_bundles", (one) => {
      const earlier = new Reader(one);
      return { generation: earlier.number("generation"), bundle: earlier.bytes("bundle") };
    }),
  };
}

/** The collections of one account; after a restore also since and until when the server takes back what it lost (0). */
export interface ListingShown {
  readonly collections: readonly CollectionShown[];
  readonly offerSince: number;
  readonly offerUntil: number;
}

/** The longest time that a server takes offers, in seconds: 366 days, and room for clocks that differ. */
const MOST_WINDOW_SECONDS = 366 * 86_400 + 300;

/** Return what a server shows; a time for offers that is over, or longer than any, is none: it would silence errors. */
export function readCollections(value: unknown, nowMs = Date.now()): ListingShown {
  const answer = new Reader(value);
  const collections = answer.list("collections", (one) => {
    const shown = new Reader(one);
    return {
      id: shown.bytes("id", 32),
      seq: shown.number("seq"),
      head: shown.bytes("head", 32),
      owner: shown.bytes("owner", 32),
      role: shown.number("role"),
      since: shown.number("since"),
      until: shown.number("until"),
    };
  });
  const moment = (name: string): number => answer.numberOrNull(name) ?? 0;
  const left = moment("offer_until") - nowMs / 1000;
  if (left <= 0 || left > MOST_WINDOW_SECONDS) return { collections, offerSince: 0, offerUntil: 0 };
  return { collections, offerSince: moment("offer_since"), offerUntil: moment("offer_until") };
}
