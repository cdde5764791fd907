/** Ways in as they are made and changed: slots, their entries, the bundle. No I/O. */

import {
  Bundle,
  Identity,
  IntegrityError,
  MindhavenError,
  PassphraseParams,
  RootKey,
  SLOT_ID_BYTES,
  SlotKeys,
  SlotKind,
  SlotList,
  encode,
  hex,
  joinBundles,
  lookupId,
  openBundle,
  randomBytes,
  sealBundle,
  slotTag,
  succeed,
  wrapRoot,
  type AccountState,
  type Slot,
  type SlotSecret,
} from "@mindhaven/crypto";

import type { AccountShown, KeySet, SlotEntry } from "./wire.ts";

/** What a change of ways in makes new: nothing, the identity keys, or the root and with it the identity keys. */
export type New = "nothing" | "keys" | "root";

/** A way in to make: its kind, its secret, its parameters. */
export interface NewSlot {
  readonly kind: SlotKind;
  readonly secret: SlotSecret;
  readonly params: Uint8Array;
}

/** A slot that was made here, with the keys that its secret gives. */
export interface MadeSlot {
  readonly slot: Slot;
  readonly keys: SlotKeys;
  readonly lookup: Uint8Array | null;
}

/** Return a passphrase slot; takes as long as the stretching takes. */
export async function passphraseSlot(passphrase: string, handle: string, serverSalt: Uint8Array): Promise<NewSlot> {
  const params = PassphraseParams.fresh(handle, serverSalt);
  return { kind: SlotKind.PASSPHRASE, secret: await params.secret(passphrase), params: encode(params.value()) };
}

/** Return a slot of a recovery key or a passkey. */
export function namelessSlot(secret: SlotSecret, kind: SlotKind): NewSlot {
  return { kind, secret, params: encode([]) };
}

/** Make slots with their keys; `ids` are kept ids, else fresh ones. */
export async function makeSlots(slots: readonly NewSlot[], ids?: readonly Uint8Array[]): Promise<MadeSlot[]> {
  return Promise.all(
    slots.map(async (one, number) => {
      const keys = await SlotKeys.of(one.secret, one.kind);
      const id = ids?.[number] ?? randomBytes(SLOT_ID_BYTES);
      const slot: Slot = { id, kind: one.kind, params: one.params, xwing: keys.unwrapper.public };
      return { slot, keys, lookup: lookupId(one.secret, one.kind) };
    }),
  );
}

async function entryOf(uid: Uint8Array, made: MadeSlot, root: RootKey, generation: number): Promise<SlotEntry> {
  const wrapped = await wrapRoot(root, uid, generation, made.slot);
  return {
    id: made.slot.id,
    tag: slotTag(made.keys, uid, made.slot),
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
  listed: SlotList,
  bundle: Bundle,
  made: readonly MadeSlot[],
): Promise<KeySet> {
  return {
    statement,
    slots: listed.encode(),
    entries: await Promise.all(made.map((one) => entryOf(uid, one, root, 1))),
    bundle: await sealBundle(root, uid, 1, bundle),
  };
}

/**
 * Return the change that leaves exactly `slots`, of which `made` are new, and the bundle that this device keeps then.
 *
 * A slot that stays keeps its tag, log-in key and look-up id, and its wrap too unless the root is new.
 */
export async function prepareChange(
  state: AccountState,
  shown: AccountShown,
  root: RootKey,
  bundle: Bundle,
  { slots, made, fresh }: { slots: readonly Slot[]; made: readonly MadeSlot[]; fresh: New },
): Promise<{ keys: KeySet; bundle: Bundle }> {
  const listed = SlotList.fresh(slots);
  const generation = fresh === "nothing" ? state.generation : state.generation + 1;
  const newRoot = fresh === "root" ? RootKey.fresh() : root;
  const rootGeneration = fresh === "root" ? generation : state.rootGeneration;
  const identity = fresh === "nothing" ? bundle.newest() : await Identity.fresh(generation);
  const after = new Bundle(new Map([...bundle.identities, [generation, identity]]), bundle.index);
  const entries: SlotEntry[] = [];
  for (const slot of slots) {
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
      const wrapped = await wrapRoot(newRoot, state.uid, rootGeneration, slot);
      entries.push({ ...old, enc: wrapped.enc, ciphertext: wrapped.ciphertext });
    } else {
      entries.push(old);
    }
  }
  const statement = await succeed(state, root, newRoot, identity, listed.hash());
  const keys: KeySet = {
    statement: statement.encode(),
    slots: listed.encode(),
    entries,
    bundle: await sealBundle(newRoot, state.uid, generation, after),
  };
  return { keys, bundle: after };
}

/** Return the replaced bundles that this root still opens, the newest first, each checked against the chain. */
async function earlierBundles(root: RootKey, state: AccountState, shown: AccountShown): Promise<Bundle[]> {
  const found: Bundle[] = [];
  for (const one of shown.earlierBundles) {
    try {
      found.push(await openBundle(root, state, one.bundle, one.generation));
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
  state: AccountState,
  shown: AccountShown,
  kept: Bundle | null,
): Promise<Bundle> {
  let newest: Bundle;
  try {
    newest = await openBundle(root, state, shown.bundle);
  } catch (error) {
    if (!(error instanceof MindhavenError)) throw error;
    throw new IntegrityError("The newest keys of this account do not open.", {
      code: "bundle-spoiled",
      hint: "If you did not change your keys, somebody knows a way in of yours. The command-line program can mend it.",
    });
  }
  return joinBundles([newest, ...(await earlierBundles(root, state, shown)), ...(kept === null ? [] : [kept])]);
}
