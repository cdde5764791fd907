/**
 * An account's newest keys, for a server that was restored to an earlier day: kept here, and brought back to it.
 *
 * Guarantees: only what this device verified is kept or brought. Does not: bring back what was changed on another device
 * and never seen here. I/O: server and local store. Implements spec/transfer.md step 13.
 */

import { MindhavenError, Signed, decode, encode, equal, shape, type Value } from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { SignedOutError } from "./errors.ts";
import { toText } from "./ids.ts";
import { Reader, asBytes } from "./read.ts";
import type { KeySet, SlotEntry } from "./wire.ts";

const ROW = "account-keys";
const WAITS = "account-waits";
const TYPE = "account-offer";
/** Ways in of one account; our server takes far fewer. */
const MOST_WAYS = 100;

/** Keep the account's ways in as they are at the server, if they changed since they were kept; later if that fails. */
export async function keepAccount(client: Mindhaven): Promise<void> {
  const me = client.access.needMe();
  const newest = client.people.statements(me.uid).at(-1);
  const kept = keptKeys(client);
  if (newest === undefined || (kept !== null && sameBody(kept.statement, newest))) return;
  try {
    const { shown } = await client.access.shown(me.uid);
    const statement = shown.statements.at(-1) ?? newest;
    const entries = shown.entries.map(({ id, tag, enc, ciphertext, login_key: key, lookup }): Value => [
      id,
      tag,
      enc,
      ciphertext,
      key,
      lookup,
    ]);
    client.store.put(ROW, encode([statement, shown.slots, entries, shown.bundle]));
  } catch (error) {
    if (!(error instanceof MindhavenError)) throw error; // what it means is told where a way in is opened
  }
}

function keptKeys(client: Mindhaven): KeySet | null {
  const row = client.store.get(ROW);
  if (row === null) return null;
  const [statement, slots, entries, bundle] = shape.fields(decode(row), 4, "An account's keys");
  return {
    statement: shape.raw(statement, "A statement"),
    slots: shape.raw(slots, "A list of ways in"),
    entries: shape.items(entries, "The ways in", { most: MOST_WAYS }).map(entryOf),
    bundle: shape.raw(bundle, "A bundle"),
  };
}

function entryOf(value: unknown): SlotEntry {
  const [id, tag, enc, ciphertext, key, lookup] = shape.fields(value, 6, "A way in");
  return {
    id: shape.raw(id, "An id"),
    tag: shape.raw(tag, "A tag"),
    enc: shape.raw(enc, "A wrap"),
    ciphertext: shape.raw(ciphertext, "A wrap"),
    login_key: shape.raw(key, "A key"),
    lookup: lookup === null ? null : shape.raw(lookup, "An id"),
  };
}

/**
 * Bring the account's newest keys back to a server that lost them; return whether it took any.
 *
 * Every device is signed out then. Throws what the server refuses (`offer-closed` at any other time), and
 * `SignedOutError` (account-waits) where they touch ways in: such keys wait there for a day.
 */
async function bring(client: Mindhaven): Promise<boolean> {
  const me = client.access.needMe();
  const keys = keptKeys(client);
  const statements = client.people.statements(me.uid);
  const newest = statements.at(-1);
  if (keys === null || newest === undefined || !sameBody(keys.statement, newest)) return false;
  const { transport } = client.vault;
  const time = Math.floor(client.now() / 1000);
  const entries = keys.entries.map((one): Value => [
    one.id,
    one.tag,
    one.enc,
    one.ciphertext,
    one.login_key,
    one.lookup,
  ]);
  const body = encode([transport.origin, me.uid, keys.statement, keys.slots, entries, keys.bundle, time]);
  const signatures = await me.bundle.newest().signer.sign(TYPE, body);
  const asked = { earlier: statements.slice(0, -1), keys, time, signatures };
  const path = `/v1/accounts/${toText(me.uid)}/offers`;
  const answer = new Reader(await transport.call("POST", path, asked, { open: true }));
  if (answer.numberOrNull("due_at") === null) return answer.flag("changed");
  throw new SignedOutError(
    "The server was restored to an earlier day. This device brought your newer ways in back; they wait there for a day, since somebody else could have brought them.",
    { code: WAITS, hint: "Your entries are still here: reading and writing go on. Sync again tomorrow." },
  );
}

function sameBody(one: Uint8Array, other: Uint8Array): boolean {
  return equal(Signed.decode(one).body, Signed.decode(other).body);
}

/**
 * Try to bring the account back; return whether the server took any: it may have lost this device's session, and newer
 * keys with it. What it refuses is told by what it lacks then.
 */
export async function bringLost(client: Mindhaven): Promise<boolean> {
  try {
    return await bring(client);
  } catch (error) {
    if (!(error instanceof MindhavenError) || error.reason === WAITS) throw error;
    return false;
  }
}

/**
 * Bring back newer keys that a restored server lacks; throws `SignedOutError` (account-brought) if it took them.
 *
 * A chain that is no beginning of the one here is told where it is asked for next (account-rollback).
 */
export async function mendAccount(client: Mindhaven): Promise<void> {
  const { uid } = client.access.needMe();
  const answer = new Reader(await client.vault.transport.call("GET", `/v1/accounts/${toText(uid)}`));
  const there = answer.list("statements", (one) => asBytes(one));
  if (there.length >= client.people.statements(uid).length || !(await bringLost(client))) return;
  throw new SignedOutError("The server was restored to an earlier day, and this device brought your newer keys back.", {
    code: "account-brought",
    hint: "Sign in again, as you do now.",
  });
}

