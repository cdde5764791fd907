/** An account that a server makes, as it would show it to a device: all of it verifies, and the keys are the server's. */

import { RootKey, ZERO32, account, slots } from "@mindhaven/crypto";

import { base64, each, onJson, type Change } from "./world.ts";

/** What `GET /v1/account` answers, as far as a test alters it. */
export interface ShownAccount {
  readonly uid: string;
  readonly statements: readonly string[];
  readonly slots: string;
  readonly entries: readonly ShownEntry[];
  readonly bundle: string;
  readonly earlier_bundles: readonly unknown[];
}

/** What it says of one way in. */
export interface ShownEntry {
  readonly id: string;
  readonly tag: string;
  readonly enc: string;
  readonly ciphertext: string;
  readonly login_key: string;
  readonly lookup: string | null;
}

export const ACCOUNT = "/v1/account";

/** Return how an account is asked for by others. */
export function addressOf(uid: Uint8Array): string {
  return `/v1/accounts/${Buffer.from(uid).toString("base64url")}`;
}

/** Return one entry with a wrap of another root. */
export async function rewrapped(
  entry: ShownEntry,
  root: RootKey,
  uid: Uint8Array,
  generation: number,
  slot: slots.Slot,
): Promise<ShownEntry> {
  const { enc, ciphertext } = await slots.wrapRoot(root, uid, generation, slot);
  return { ...entry, enc: base64(enc), ciphertext: base64(ciphertext) };
}

/** An account of the server's making: its keys, its first statement, and the change that shows it to its owner. */
export interface Made {
  readonly uid: Uint8Array;
  readonly identity: account.Identity;
  readonly statement: Uint8Array;
  readonly shown: Change;
  readonly toOthers: (uid: Uint8Array) => Change;
}

/** Return an account of the server's making that names `slot`, a way in of somebody's own. */
export async function madeByServer(slot: slots.Slot): Promise<Made> {
  const [root, identity] = [RootKey.fresh(), await account.Identity.fresh(1)];
  const listed = slots.SlotList.fresh([slot]);
  const genesis = await account.genesis(root, identity, listed.hash());
  const { uid } = account.Statement.decode(genesis.body);
  const statement = genesis.encode();
  const bundle = await slots.sealBundle(root, uid, 1, new slots.Bundle(new Map([[1, identity]]), ZERO32));
  const shown = each(
    onJson<{ uid: string; slot: string }>("POST", "/v1/login", (given) => ({ ...given, uid: base64(uid) })),
    async (answer) => {
      if (answer.method !== "GET" || answer.path !== ACCOUNT) return null;
      const true_ = JSON.parse(new TextDecoder().decode(answer.body)) as ShownAccount;
      const mine = true_.entries.find((one) => one.id === base64(slot.id));
      if (mine === undefined) return null;
      const value = {
        ...true_,
        uid: base64(uid),
        statements: [base64(statement)],
        slots: base64(listed.encode()),
        entries: [await rewrapped(mine, root, uid, 1, slot)],
        bundle: base64(bundle),
        earlier_bundles: [],
      };
      return new TextEncoder().encode(JSON.stringify(value));
    },
  );
  return { uid, identity, statement, shown, toOthers: (of) => showing(of, [statement]) };
}

/** Return the change by which a server shows these statements as somebody's account. */
export function showing(uid: Uint8Array, statements: readonly Uint8Array[]): Change {
  return ({ method, path }) => {
    if (method !== "GET" || path !== addressOf(uid)) return null;
    const body = JSON.stringify({ uid: base64(uid), statements: statements.map(base64) });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
}
