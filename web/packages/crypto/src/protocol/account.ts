/**
 * The account chain: who an account is, link by link. Implements spec/account.md.
 *
 * From a uid alone, `verifyChain` gives the keys that its owner named, or raises with the reason; a chain of the
 * server's making fails by name. Does not: know whether a newer statement is being hidden (the `keys` log shows that).
 */

import { equal } from "../bytes.ts";
import { derive } from "../derive.ts";
import { labelledHash } from "../encoding.ts";
import { IntegrityError } from "../errors.ts";
import { type RootKey, Seed } from "../secrets.ts";
import { Signer, verify, type VerifyKeys } from "../sign.ts";
import { Signed, ZERO32 } from "./encoding.ts";
import type { Identity, IdentityKeys } from "./identity.ts";
import { Statement, type StatementFields } from "./statement.ts";

export { Identity, type IdentityKeys } from "./identity.ts";
export { MAX_CHAIN, Statement, type StatementFields } from "./statement.ts";
export const TYPE = "statement";
const IDENTITY_TYPE = "statement-identity";

/** Return the authority pair that `root` seeds: spec/account.md step 1. */
export async function authority(root: RootKey): Promise<Signer> {
  return Signer.fromSeeds(
    new Seed(derive(root, "authority-ed25519")),
    new Seed(derive(root, "authority-mldsa65")),
  );
}

/** What `AccountState` is made of. */
export interface AccountFields {
  readonly uid: Uint8Array;
  readonly head: Uint8Array;
  readonly statement: Statement;
  readonly identities: ReadonlyMap<number, IdentityKeys>;
  readonly introduced: ReadonlyMap<number, Uint8Array>;
  readonly rootGeneration: number;
}

/**
 * What a verified chain says: the head, the identity keys of every generation, and which statement brought each.
 *
 * `rootGeneration` is the generation with which the newest root came: a root may outlive identity keys.
 */
export class AccountState implements AccountFields {
  readonly uid: Uint8Array;
  readonly head: Uint8Array;
  readonly statement: Statement;
  readonly identities: ReadonlyMap<number, IdentityKeys>;
  readonly introduced: ReadonlyMap<number, Uint8Array>;
  readonly rootGeneration: number;

  constructor(fields: AccountFields) {
    this.uid = fields.uid;
    this.head = fields.head;
    this.statement = fields.statement;
    this.identities = fields.identities;
    this.introduced = fields.introduced;
    this.rootGeneration = fields.rootGeneration;
  }

  /** How many statements stand before the newest one. */
  get seq(): number {
    return this.statement.seq;
  }

  /** The newest generation, which is the account's key id. */
  get generation(): number {
    return this.statement.generation;
  }

  /** The newest identity keys. */
  get identity(): IdentityKeys {
    return this.statement.identity;
  }

  /** Return the identity keys of `generation`; raise `IntegrityError` (unknown-generation) if there is none. */
  keysOf(generation: number): IdentityKeys {
    const found = this.identities.get(generation);
    if (found === undefined) {
      throw new IntegrityError("A signature names a key that its account never stated.", {
        code: "unknown-generation",
      });
    }
    return found;
  }
}

/** Return the first statement of a new account: spec/account.md step 3. */
export async function genesis(root: RootKey, identity: Identity, slotsHash: Uint8Array): Promise<Signed> {
  const by = await authority(root);
  const fields: StatementFields = {
    uid: ZERO32,
    seq: 0,
    prev: ZERO32,
    generation: identity.generation,
    authority: by.public,
    identity: identity.public,
    slotsHash,
  };
  return signed(new Statement({ ...fields, uid: uidOf(fields) }), by, identity);
}

/** Return the uid that a genesis gives: the hash of its body while the uid is 32 zeros. */
function uidOf(fields: StatementFields): Uint8Array {
  return labelledHash("uid", new Statement({ ...fields, uid: ZERO32 }).encode());
}

/**
 * Return the next statement, signed by the authority of `oldRoot`: spec/account.md step 4.
 *
 * `newRoot` and `identity` are the old ones when only the slot list changes.
 */
export async function succeed(
  state: AccountState,
  oldRoot: RootKey,
  newRoot: RootKey,
  identity: Identity,
  slotsHash: Uint8Array,
): Promise<Signed> {
  const statement = new Statement({
    uid: state.uid,
    seq: state.seq + 1,
    prev: state.head,
    generation: identity.generation,
    authority: (await authority(newRoot)).public,
    identity: identity.public,
    slotsHash,
  });
  return signed(statement, await authority(oldRoot), identity);
}

async function signed(statement: Statement, by: Signer, identity: Identity): Promise<Signed> {
  const body = statement.encode();
  return new Signed(body, [...(await by.sign(TYPE, body)), ...(await identity.signer.sign(IDENTITY_TYPE, body))]);
}

/** Return whether both are the same pair of public keys. */
export function samePair(one: VerifyKeys, other: VerifyKeys): boolean {
  return equal(one.ed25519, other.ed25519) && equal(one.mldsa65, other.mldsa65);
}

/** Return whether both are the same three public keys. */
export function sameIdentity(one: IdentityKeys, other: IdentityKeys): boolean {
  return equal(one.xwing, other.xwing) && samePair(one.signing, other.signing);
}

function sharesAKey(one: VerifyKeys, other: VerifyKeys): boolean {
  return equal(one.ed25519, other.ed25519) || equal(one.mldsa65, other.mldsa65);
}

/** Whether a new generation reuses an identity key of any generation so far, or half of an authority. */
function takesAKeyBack(statement: Statement, state: AccountState): boolean {
  const [old, now] = [state.statement.authority, statement.authority];
  if (!samePair(old, now) && sharesAKey(old, now)) return true;
  const mine = statement.identity;
  return [...state.identities.values()].some(
    (one) => equal(mine.xwing, one.xwing) || sharesAKey(mine.signing, one.signing),
  );
}

/**
 * Verify a whole chain from `uid` and return its state.
 *
 * Raises `IntegrityError`: account-empty, account-uid, account-order, account-fork, account-keys, signature-*.
 */
export async function verifyChain(uid: Uint8Array, chain: readonly Signed[]): Promise<AccountState> {
  let state: AccountState | undefined;
  for (const link of chain) state = await extend(uid, state, link);
  if (state === undefined) {
    throw new IntegrityError("The server shows no statement of this account.", { code: "account-empty" });
  }
  return state;
}

/** Verify one more statement after `state` (undefined: the genesis) and return the new state. */
export async function extend(uid: Uint8Array, state: AccountState | undefined, link: Signed): Promise<AccountState> {
  const statement = Statement.decode(link.body);
  // 1. It is about this account.
  if (!equal(statement.uid, uid)) {
    throw new IntegrityError("A statement is about another account.", { code: "account-uid" });
  }
  if (state === undefined) checkGenesis(uid, statement);
  else checkFollows(state, statement);
  // 5. The authority before it and the identity that it names both signed: two signatures each.
  const before = state?.statement.authority ?? statement.authority;
  const { generation, identity } = statement;
  await verify(TYPE, before, link.body, link.signatures.slice(0, 2), { hybrid: true });
  await verify(IDENTITY_TYPE, identity.signing, link.body, link.signatures.slice(2), { hybrid: true });
  const head = link.hash(TYPE);
  const same = state?.generation === generation;
  const kept = state !== undefined && samePair(statement.authority, before);
  return new AccountState({
    uid,
    head,
    statement,
    identities: new Map([...(state?.identities ?? []), [generation, identity]]),
    introduced: same ? state.introduced : new Map([...(state?.introduced ?? []), [generation, head]]),
    rootGeneration: kept ? state.rootGeneration : generation,
  });
}

function checkGenesis(uid: Uint8Array, statement: Statement): void {
  // 2. The uid is the hash of the genesis with its uid empty.
  if (statement.seq !== 0 || !equal(statement.prev, ZERO32) || statement.generation !== 1) {
    throw new IntegrityError("An account does not begin with its first statement.", { code: "account-order" });
  }
  if (!equal(uidOf(statement), uid)) {
    throw new IntegrityError("This account is not the one that its id names.", { code: "account-uid" });
  }
}

function checkFollows(state: AccountState, statement: Statement): void {
  // 3. It follows the head.
  if (statement.seq !== state.seq + 1) {
    throw new IntegrityError("A statement is missing or out of order.", { code: "account-order" });
  }
  if (!equal(statement.prev, state.head)) {
    throw new IntegrityError("This account has two histories.", { code: "account-fork" });
  }
  // 4. A generation keeps all its keys; a new one is the next number, brings new identity keys, and keeps the authority
  //    whole or replaces it whole.
  const before = state.statement;
  if (statement.generation === before.generation) {
    if (!samePair(statement.authority, before.authority) || !sameIdentity(statement.identity, before.identity)) {
      throw new IntegrityError("Keys changed without a new generation.", { code: "account-keys" });
    }
  } else if (statement.generation !== before.generation + 1 || takesAKeyBack(statement, state)) {
    throw new IntegrityError("A new generation does not bring new keys.", { code: "account-keys" });
  }
}
