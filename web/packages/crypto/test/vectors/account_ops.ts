/** What the vectors of several pages hold in common: chains, identities, wraps. */

import { account, Seed, Signed } from "../../src/index.ts";
import type { Inputs } from "./harness.ts";

interface WrittenStatement {
  readonly body: string;
  readonly signatures: readonly string[];
}
interface WrittenIdentity {
  readonly generation: number;
  readonly seeds: readonly [string, string, string];
}

/** The signed statements of the key `chain`. */
export function chainOf(x: Inputs): Signed[] {
  return x
    .value<readonly WrittenStatement[]>("chain")
    .map(({ body, signatures }) => new Signed(x.bytes(body), signatures.map((one) => x.bytes(one))));
}

/** The verified account of the keys `uid` and `chain`. */
export async function accountOf(x: Inputs): Promise<account.AccountState> {
  return account.verifyChain(x.raw("uid"), chainOf(x));
}

/** The private keys of the key `identity`. */
export async function readerOf(x: Inputs): Promise<account.Identity> {
  const { generation, seeds } = x.value<WrittenIdentity>("identity");
  const [xwing, ed25519, mldsa65] = seeds;
  const seed = (text: string): Seed => new Seed(x.bytes(text));
  return account.Identity.fromSeeds(generation, seed(xwing), seed(ed25519), seed(mldsa65));
}
