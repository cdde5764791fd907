import { expect } from "vitest";

import { ByteMap, chain, collection, MindhavenError, Signed } from "../../src/index.ts";
import { accountOf } from "./account_ops.ts";
import { ofEpoch, ofState } from "./chain_ops.ts";
import { ACCEPTED, type Inputs, runVectors } from "./harness.ts";

/** The items of a chain as it was judged so far; accounts state every generation below 1000 and none above. */
class Judging implements chain.Facts {
  readonly items = new ByteMap<chain.ItemState>();
  readonly hashes: Uint8Array[] = [];

  item(item: Uint8Array): chain.ItemState | undefined {
    return this.items.get(item);
  }

  liveEpochs(): Iterable<number> {
    return new Set([...this.items.values()].filter((state) => !state.erased).map((state) => state.epoch));
  }

  keyStated(_uid: Uint8Array, keyId: number): boolean {
    return keyId < 1000;
  }

  commitHash(seq: number): Uint8Array | undefined {
    return this.hashes[seq];
  }
}

function doJudge(x: Inputs): unknown {
  const facts = new Judging();
  let state: chain.ChainState | undefined;
  const bodies = x.raws("commits");
  for (const [number, body] of bodies.entries()) {
    const signed = new Signed(body, []);
    const commit = collection.Commit.decode(body);
    const stood = state?.encode();
    let judged: chain.Judged;
    try {
      judged = state === undefined ? chain.begin(signed, commit, facts) : chain.judge(state, signed, commit, facts);
    } catch (error) {
      // Only the last commit is refused; were it another, its reason would say nothing of the rule that is meant.
      if (error instanceof MindhavenError) expect(number).toBe(bodies.length - 1);
      throw error;
    } finally {
      // A state never changes: what a commit shares with the one before it is copied before it is written to.
      expect(state?.encode()).toEqual(stood);
    }
    for (const [item, before] of judged.before) expect(facts.items.get(item)).toEqual(before);
    for (const [item, after] of judged.items) facts.items.set(item, after);
    facts.hashes.push(signed.hash(collection.TYPE));
    state = judged.state;
  }
  if (state === undefined) throw new Error("a case without commits");
  expect(ofState(chain.ChainState.decode(state.encode()))).toEqual(ofState(state));
  const epochs = [...state.epochs.values()].map(ofEpoch);
  expect([...chain.ChainState.decode(state.encode()).epochs.values()].map(ofEpoch)).toEqual(epochs);
  return { ...ofState(state), epochs };
}

async function doAuthor(x: Inputs): Promise<unknown> {
  const { body, signatures } = x.value<{ readonly body: string; readonly signatures: readonly string[] }>("commit");
  const signed = new Signed(x.bytes(body), signatures.map((one) => x.bytes(one)));
  await chain.verifyAuthor(signed, collection.Commit.decode(signed.body), await accountOf(x));
  return ACCEPTED;
}

runVectors("chain", { judge: doJudge, author: doAuthor });
