import { expect } from "vitest";

import { account, RootKey, Seed, UnwrapKey, wrapped } from "../../src/index.ts";
import { accountOf, chainOf } from "./account_ops.ts";
import { type Inputs, runVectors } from "./harness.ts";

async function doChain(x: Inputs): Promise<unknown> {
  const state = await accountOf(x);
  const first = await account.verifyChain(x.raw("uid"), chainOf(x).slice(0, 1));
  expect(first.seq).toBe(0);
  expect(state.keysOf(state.generation)).toEqual(state.identity);
  return { generation: state.generation, seq: state.seq, head: state.head, root_generation: state.rootGeneration };
}

runVectors("account", {
  xwing: async (x) => ({ public: (await UnwrapKey.fromSeed(new Seed(x.raw("seed")))).public }),
  unwrap: async (x) => {
    const key = await UnwrapKey.fromSeed(new Seed(x.raw("seed")));
    return { secret: await key.unwrap(wrapped(x.raw("enc"), x.raw("ciphertext")), x.raw("info")) };
  },
  authority: async (x) => (await account.authority(new RootKey(x.raw("root")))).public,
  chain: doChain,
});
