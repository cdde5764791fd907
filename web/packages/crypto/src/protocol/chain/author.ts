/** Whether a commit is its author's: spec/chain.md steps 1-3. Works through WebCrypto; no other I/O. */

import { equal } from "../../bytes.ts";
import { IntegrityError } from "../../errors.ts";
import { verify, type VerifyKeys } from "../../sign.ts";
import type { AccountState } from "../account.ts";
import { type Commit, TYPE } from "../collection.ts";
import type { Signed } from "../encoding.ts";

/**
 * Verify that the commit's author, whose whole chain is known, signed it: steps 1-3.
 *
 * Raises `IntegrityError`: author-mismatch, unknown-generation, and what `verifySigned` raises.
 */
export async function verifyAuthor(signed: Signed, commit: Commit, account: AccountState): Promise<void> {
  if (!equal(account.uid, commit.author)) {
    throw new IntegrityError("A commit is checked against another account than its author's.", {
      code: "author-mismatch",
    });
  }
  const { signing } = account.keysOf(commit.keyId);
  await verifySigned(signed, commit, signing, account.introduced.get(commit.keyId));
}

/**
 * Verify a commit by the keys of the generation it names, which `statement` (a hash) brought: steps 2 and 3.
 *
 * Raises `IntegrityError`: signature-count, signature-invalid, key-statement.
 */
export async function verifySigned(
  signed: Signed,
  commit: Commit,
  keys: VerifyKeys,
  statement: Uint8Array | undefined,
): Promise<void> {
  await verify(TYPE, keys, signed.body, signed.signatures, { hybrid: !commit.fast });
  for (const change of commit.changes) {
    if (change.kind !== "key") continue;
    if (change.generation !== commit.keyId || statement === undefined || !equal(change.statement, statement)) {
      throw new IntegrityError("A new key is not the one that its account states.", { code: "key-statement" });
    }
  }
}
