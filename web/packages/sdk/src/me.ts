/**
 * The account as a device keeps it: keys that can be used and not read, their seeds hidden where they rest.
 *
 * Guarantees: seeds of identities and of the session are in memory while they are made or a store is opened, not after
 * (where the engine has keys of its own; `@mindhaven/crypto` says which). I/O: the local store.
 */

import {
  InvalidInputError,
  Seed,
  SessionSigner,
  account,
  decode,
  derive,
  encode,
  sealBox,
  shape,
  slots,
  utf8,
} from "@mindhaven/crypto";

import { HIDDEN, type LocalStore } from "./store.ts";

const ME = "me";
const SESSION = "session";
const KEYS = "keys/";
const MAX_NAME_CHARACTERS = 100;

/** The signed-in account on this device. */
export interface Me {
  readonly uid: Uint8Array;
  readonly handle: string;
  readonly role: string;
  /** The account's identity keys, without their seeds. */
  readonly bundle: slots.Bundle;
  /** The key that names of devices and passkeys are sealed under: every device of the account has it. */
  readonly nameKey: Uint8Array;
  /** The session's id; empty once this device was signed out. */
  readonly session: Uint8Array;
  readonly signer: SessionSigner;
}

/** An account to keep, whose keys may come with their seeds. */
export type Given = Omit<Me, "nameKey">;

function encodeMe(me: Me): Uint8Array {
  return encode([me.uid, me.handle, me.role, me.bundle.index, me.nameKey, me.session]);
}

/** Return what the store keeps of an account, null if it keeps none; what was hidden in it is used up. */
export async function readMe(store: LocalStore): Promise<Me | null> {
  const hidden = store.takeHidden();
  const row = store.get(ME);
  if (row === null) return null;
  const [uid, handle, role, index, nameKey, session] = shape.fields(decode(row), 6, "An account's row");
  const identities = await Promise.all(
    [...hidden].filter(([name]) => name.startsWith(KEYS)).map(([name, seeds]) => identityOf(name, seeds)),
  );
  return {
    uid: shape.raw(uid, "A uid", { length: 32 }),
    handle: shape.text(handle, "A handle"),
    role: shape.text(role, "A role"),
    bundle: new slots.Bundle(
      new Map(identities.map((one) => [one.generation, one])),
      shape.raw(index, "An index id", { length: 32 }),
    ),
    nameKey: shape.raw(nameKey, "A name key", { length: 32 }),
    session: shape.raw(session, "A session"),
    signer: await SessionSigner.fromSeed(new Seed(shape.raw(hidden.get(SESSION), "A seed", { length: 32 }))),
  };
}

async function identityOf(name: string, row: Uint8Array): Promise<account.Identity> {
  const seed = (one: unknown): Seed => new Seed(shape.raw(one, "A seed", { length: 32 }));
  const [xwing, ed25519, mldsa65] = shape.fields(decode(row), 3, "An identity's row");
  const generation = Number(name.slice(KEYS.length));
  return (await account.Identity.fromSeeds(generation, seed(xwing), seed(ed25519), seed(mldsa65))).withoutSeeds();
}

/**
 * Return the account as it is held from here on, and the rows that keep it, the seeds in them hidden.
 *
 * Keys without seeds are in the store already, and so is the seed of a session for which none is given.
 */
export async function settle(
  store: LocalStore,
  given: Given,
  session: Seed | null,
  before: Me | null,
): Promise<{ readonly me: Me; readonly rows: ReadonlyMap<string, Uint8Array> }> {
  const identities = [...given.bundle.identities.values()];
  const held = identities.map((one): [number, account.Identity] => [one.generation, one.withoutSeeds()]);
  const nameKey = identities[0]?.seeds === undefined ? before?.nameKey : nameKeyOf(given.bundle);
  if (nameKey === undefined) throw new InvalidInputError("A bundle holds no identity.", { code: "bundle-empty" });
  const me: Me = { ...given, bundle: new slots.Bundle(new Map(held), given.bundle.index), nameKey };
  const rows = new Map([[ME, encodeMe(me)]]);
  const hide = async (name: string, value: Uint8Array): Promise<void> => {
    rows.set(HIDDEN + name, await store.hide(HIDDEN + name, value));
  };
  if (session !== null) await hide(SESSION, session.bytes);
  for (const { generation, seeds } of identities) {
    if (seeds === undefined) continue;
    await hide(KEYS + String(generation), encode(seeds.map((one) => one.bytes)));
  }
  return { me, rows };
}

/** Remove the account from the store. */
export async function forgetMe(store: LocalStore): Promise<void> {
  await store.batch((batch) => {
    batch.remove(ME);
    for (const [name] of store.under(HIDDEN)) batch.remove(name);
  });
}

/** Return the key of names, which follows from the seeds of the account's first identity. */
export function nameKeyOf(bundle: slots.Bundle): Uint8Array {
  const seeds = [...bundle.identities.values()][0]?.seeds;
  if (seeds === undefined) throw new InvalidInputError("A bundle holds no seeds.", { code: "bundle-empty" });
  return derive(seeds[0], "device-name");
}

/** Return a name sealed to the account's own devices. */
export async function sealName(nameKey: Uint8Array, name: string): Promise<Uint8Array> {
  const shown = Array.from(name).slice(0, MAX_NAME_CHARACTERS).join("");
  return sealBox(nameKey, "device-name", new Uint8Array(0), utf8(shown));
}
