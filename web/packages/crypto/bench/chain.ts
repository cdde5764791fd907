/**
 * How many commits a client verifies in a second: the first sync of a long history.
 *
 * Run: node web/packages/crypto/bench/chain.ts [commits] [rounds]. Each commit is decoded, its author's signature
 * verified, judged, and its changes taken over, as a pull does it. Figures are the best of the rounds, since other work
 * on the machine only ever slows them down; nothing here is a test.
 */

import {
  account,
  ByteMap,
  chain,
  collection,
  epoch,
  EpochKey,
  randomBytes,
  RootKey,
  Signed,
  useNative,
} from "../src/index.ts";

const COMMITS = Number(process.argv[2] ?? 1000);
const ROUNDS = Number(process.argv[3] ?? 5);
const MONTHS = 24;
const DAY = 20_000;

class Stored implements chain.Facts {
  readonly items = new ByteMap<chain.ItemState>();
  readonly hashes: Uint8Array[] = [];

  item(item: Uint8Array): chain.ItemState | undefined {
    return this.items.get(item);
  }

  liveEpochs(): Iterable<number> {
    return new Set([...this.items.values()].filter((one) => !one.erased).map((one) => one.epoch));
  }

  keyStated(): boolean {
    return true;
  }

  commitHash(seq: number): Uint8Array | undefined {
    return this.hashes[seq];
  }

  take(judged: chain.Judged): chain.ChainState {
    for (const [item, after] of judged.items) this.items.set(item, after);
    this.hashes.push(judged.state.head);
    return judged.state;
  }
}

const root = RootKey.fresh();
const identity = await account.Identity.fresh(1);
const statement = await account.genesis(root, identity, randomBytes(32));
const uid = account.Statement.decode(statement.body).uid;
const me = await account.verifyChain(uid, [statement]);

/** A collection of `MONTHS` epochs, and then commits of `puts` new records each. */
async function history(puts: number): Promise<readonly Signed[]> {
  const begun = await collection.genesis({
    author: uid,
    identity,
    nonce: randomBytes(32),
    day: DAY,
    settings: collection.DEFAULT_SETTINGS,
  });
  const made = [begun.signed];
  const add = async (changes: readonly collection.Change[]): Promise<void> => {
    const prev = made.at(-1)?.hash(collection.TYPE) ?? randomBytes(32);
    const fields = { collection: begun.id, seq: made.length, prev, author: uid, keyId: 1, day: DAY, changes };
    made.push(await new collection.Commit(fields).sign(identity));
  };
  const opens: collection.Open[] = [];
  for (let number = 1; number <= MONTHS; number++) {
    const place = { collection: begun.id, number, month: 202_401 + (number % 12) };
    const key = EpochKey.fresh();
    const wraps = [await epoch.wrapEpoch(key, place, uid, { uid, keyId: 1, xwing: identity.public.xwing })];
    opens.push({ kind: "open", epoch: number, month: place.month, commitment: epoch.keyCommitment(key, place), wraps });
  }
  await add(opens);
  for (let at = 0; at < COMMITS; at++) {
    await add(
      Array.from({ length: puts }, (): collection.Put => ({
        kind: "put",
        item: randomBytes(16),
        revision: 1,
        epoch: 1 + (at % MONTHS),
        envelopeHash: randomBytes(32),
        saltHash: randomBytes(32),
        blobs: [],
      })),
    );
  }
  return made.map((signed) => Signed.decode(signed.encode()));
}

/** Decode, verify and judge a whole history; a page's signatures are verified side by side. */
async function pull(commits: readonly Signed[], page: number): Promise<void> {
  const facts = new Stored();
  let state: chain.ChainState | undefined;
  for (let at = 0; at < commits.length; at += page) {
    const read = commits.slice(at, at + page).map((signed) => ({ signed, commit: collection.Commit.decode(signed.body) }));
    await Promise.all(read.map(({ signed, commit }) => chain.verifyAuthor(signed, commit, me)));
    for (const { signed, commit } of read) state = next(state, signed, commit, facts);
  }
}

/** Decode and judge only. */
function judge(commits: readonly Signed[]): void {
  const facts = new Stored();
  let state: chain.ChainState | undefined;
  for (const signed of commits) state = next(state, signed, collection.Commit.decode(signed.body), facts);
}

function next(
  state: chain.ChainState | undefined,
  signed: Signed,
  commit: collection.Commit,
  facts: Stored,
): chain.ChainState {
  const begins = state === undefined;
  return facts.take(begins ? chain.begin(signed, commit, facts) : chain.judge(state, signed, commit, facts));
}

async function measure(name: string, count: number, act: () => unknown): Promise<void> {
  const taken: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const started = performance.now();
    await act();
    if (round > 0) taken.push(performance.now() - started);
  }
  const best = Math.min(...taken);
  const rate = Math.round((count * 1000) / best).toLocaleString("en");
  console.log(`${name.padEnd(52)} ${rate.padStart(9)} a second  (${((best * 1000) / count).toFixed(1)} µs each)`);
}

for (const puts of [1, 10, 100]) {
  useNative(true);
  const commits = await history(puts);
  const count = commits.length;
  const size = commits.at(-1)?.body.length ?? 0;
  console.log(`${count} commits of ${puts} put(s), ${size} bytes each`);
  await measure("  decode", count, () => commits.map((signed) => collection.Commit.decode(signed.body)));
  await measure("  decode and judge", count, () => {
    judge(commits);
  });
  for (const native of [true, false]) {
    useNative(native);
    const name = native ? "WebCrypto" : "JavaScript";
    await measure(`  decode, verify, judge, one by one: ${name}`, count, () => pull(commits, 1));
    if (native) await measure(`  decode, verify, judge, by pages of 100: ${name}`, count, () => pull(commits, 100));
  }
}
