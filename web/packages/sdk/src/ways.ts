/** Ways in as they are made and changed: slots, their entries, the bundle. No I/O. */

import {
  IntegrityError,
  MindhavenError,
  RootKey,
  encode,
  equal,
  hex,
  randomBytes,
  type SlotSecret,
  account,
  slots,
} from "@mindhaven/crypto";

import { checkNew } from "./passphrases.ts";
import type { AccountShown, KeySet, SlotEntry } from "./wire.ts";

/** What a change of ways in makes new: nothing, the identity keys, or the root and with it the identity keys. */
export type New = "nothing" | "keys" | "root";

/** A way in to make: its kind, its secret, its parameters. */
export interface NewSlot {
  readonly kind: slots.SlotKind;
  readonly secret: SlotSecret;
  readonly params: Uint8Array;
}

/** A slot that was made here, with the keys that its secret gives. */
export interface MadeSlot {
  readonly slot: slots.Slot;
  readonly keys: slots.SlotKeys;
  readonly lookup: Uint8Array | null;
}

/**
 * Return a passphrase slot; takes as long as the stretching takes.
 *
 * Throws `InvalidInputError` (passphrase-short, passphrase-easy) for one that is easy to guess.
 */
export async function passphraseSlot(passphrase: string, handle: string, serverSalt: Uint8Array): Promise<NewSlot> {
  checkNew(passphrase);
  const params = slots.PassphraseParams.fresh(handle, serverSalt);
  return { kind: slots.SlotKind.PASSPHRASE, secret: await params.secret(passphrase), params: encode(params.value()) };
}

/** Return a slot of a recovery key or a passkey. */
export function namelessSlot(secret: SlotSecret, kind: slots.SlotKind): NewSlot {
  return { kind, secret, params: encode([]) };
}

/** Make slots with their keys; `ids` are kept ids, else fresh ones. */
export async function makeSlots(ways: readonly NewSlot[], ids?: readonly Uint8Array[]): Promise<MadeSlot[]> {
  return Promise.all(
    ways.map(async (one, number) => {
      const keys = await slots.SlotKeys.of(one.secret, one.kind);
      const id = ids?.[number] ?? randomBytes(slots.SLOT_ID_BYTES);
      const slot = new slots.Slot(id, one.kind, one.params, keys.unwrapper.public);
      return { slot, keys, lookup: slots.lookupId(one.secret, one.kind) ?? null };
    }),
  );
}

async function entryOf(uid: Uint8Array, made: MadeSlot, root: RootKey, generation: number): Promise<SlotEntry> {
  const wrapped = await slots.wrapRoot(root, uid, generation, made.slot);
  return {
    id: made.slot.id,
    tag: slots.slotTag(made.keys, uid, made.slot),
    enc: wrapped.enc,
    ciphertext: wrapped.ciphertext,
    login_key: made.keys.login.public,
    lookup: made.lookup,
  };
}

/** Return the key set of a new account. */
export async function firstKeys(
  uid: Uint8Array,
  statement: Uint8Array,
  root: RootKey,
  listed: slots.SlotList,
  bundle: slots.Bundle,
  made: readonly MadeSlot[],
): Promise<KeySet> {
  return {
    statement,
    slots: listed.encode(),
    entries: await Promise.all(made.map((one) => entryOf(uid, one, root, 1))),
    bundle: await slots.sealBundle(root, uid, 1, bundle),
  };
}

/**
 * Return the change that leaves exactly `all`, of which `made` are new, and the bundle that this device keeps then.
 *
 * A slot that stays keeps its tag, log-in key and look-up id, and its wrap too unless the root is new.
 */
export async function prepareChange(
  state: account.AccountState,
  shown: AccountShown,
  root: RootKey,
  bundle: slots.Bundle,
  { all, made, fresh }: { all: readonly slots.Slot[]; made: readonly MadeSlot[]; fresh: New },
): Promise<{ keys: KeySet; bundle: slots.Bundle }> {
  const listed = slots.SlotList.fresh(all);
  const generation = fresh === "nothing" ? state.generation : state.generation + 1;
  const newRoot = fresh === "root" ? RootKey.fresh() : root;
  const rootGeneration = fresh === "root" ? generation : state.rootGeneration;
  const identity = fresh === "nothing" ? bundle.newest() : await account.Identity.fresh(generation);
  const after = new slots.Bundle(new Map([...bundle.identities, [generation, identity]]), bundle.index);
  const entries: SlotEntry[] = [];
  for (const slot of all) {
    const mine = made.find((one) => hex(one.slot.id) === hex(slot.id));
    if (mine !== undefined) {
      entries.push(await entryOf(state.uid, mine, newRoot, rootGeneration));
      continue;
    }
    const old = shown.entries.find((one) => hex(one.id) === hex(slot.id));
    if (old === undefined) {
      throw new IntegrityError("The server does not show every way in.", { code: "slot-unknown" });
    }
    if (fresh === "root") {
      const wrapped = await slots.wrapRoot(newRoot, state.uid, rootGeneration, slot);
      entries.push({ ...old, enc: wrapped.enc, ciphertext: wrapped.ciphertext });
    } else {
      entries.push(old);
    }
  }
  const statement = await account.succeed(state, root, newRoot, identity, listed.hash());
  const keys: KeySet = {
    statement: statement.encode(),
    slots: listed.encode(),
    entries,
    bundle: await slots.sealBundle(newRoot, state.uid, generation, after),
  };
  return { keys, bundle: after };
}

/** Return the replaced bundles that this root still opens, the newest first, each checked against the chain. */
async function earlierBundles(root: RootKey, state: account.AccountState, shown: AccountShown): Promise<slots.Bundle[]> {
  const found: slots.Bundle[] = [];
  for (const one of shown.earlierBundles) {
    try {
      found.push(await slots.openBundle(root, state, one.bundle, { generation: one.generation }));
    } catch (error) {
      if (!(error instanceof MindhavenError)) throw error; // sealed by an earlier root, or spoiled too
    }
  }
  return found;
}

/**
 * Return the account's keys: the newest bundle, and from earlier ones and this device's own what it lacks.
 *
 * Throws `IntegrityError` (bundle-spoiled) if the newest does not open.
 */
export async function openBundles(
  root: RootKey,
  state: account.AccountState,
  shown: AccountShown,
  kept: slots.Bundle | null,
): Promise<slots.Bundle> {
  let newest: slots.Bundle;
  try {
    newest = await slots.openBundle(root, state, shown.bundle);
  } catch (error) {
    if (!(error instanceof MindhavenError)) throw error;
    throw new IntegrityError("The newest keys of this account do not open.", {
      code: "bundle-spoiled",
      hint: "If you did not change your keys, somebody knows a way in of yours. The command-line program can mend it.",
    });
  }
  return slots.joinBundles([newest, ...(await earlierBundles(root, state, shown)), ...(kept === null ? [] : [kept])]);
}

/** Open the slot that was used, as the account shows it; return the root that it wraps. */
export async function openListed(
  shown: AccountShown,
  state: account.AccountState,
  listed: slots.SlotList,
  slot: Uint8Array,
  keys: slots.SlotKeys,
): Promise<RootKey> {
  const entry = shown.entries.find((one) => equal(one.id, slot));
  if (entry === undefined) {
    throw new IntegrityError("The server does not show the way in that was opened.", { code: "slot-unknown" });
  }
  return slots.openSlot(keys, state, listed, slot, entry.tag, { enc: entry.enc, ciphertext: entry.ciphertext });
}
