/** Accounts and a collection as their devices keep them, for tests that live through more than a vector. */

import {
  account,
  ByteMap,
  chain,
  collection,
  encode,
  epoch,
  EpochKey,
  equal,
  randomBytes,
  RootKey,
  type Signed,
  transfer,
} from "../../src/index.ts";

export const DAY = 20_000;

/** One account: its verified chain, its keys, and the epoch keys that it holds. */
export interface Person {
  readonly uid: Uint8Array;
  readonly identity: account.Identity;
  readonly state: account.AccountState;
  readonly recipient: epoch.Recipient;
}

export async function person(): Promise<Person> {
  const identity = await account.Identity.fresh(1);
  const statement = await account.genesis(RootKey.fresh(), identity, randomBytes(32));
  const { uid } = account.Statement.decode(statement.body);
  const state = await account.verifyChain(uid, [statement]);
  return { uid, identity, state, recipient: { uid, keyId: 1, xwing: identity.public.xwing } };
}

/** A collection that verifies whatever is signed, like a device or a server. */
export class Chain implements chain.Facts {
  readonly id: Uint8Array;
  readonly carried: Signed[] = [];
  state: chain.ChainState;
  readonly #people: readonly Person[];
  readonly #items = new ByteMap<chain.ItemState>();
  readonly #hashes: Uint8Array[] = [];

  private constructor(id: Uint8Array, people: readonly Person[], first: chain.ChainState) {
    this.id = id;
    this.#people = people;
    this.state = first;
  }

  /** Begin one whose owner is the first of `people`. */
  static async begin(people: readonly Person[], settings = collection.DEFAULT_SETTINGS): Promise<Chain> {
    const [owner] = people;
    if (owner === undefined) throw new Error("nobody begins a collection");
    const { id, signed } = await collection.genesis({
      author: owner.uid,
      identity: owner.identity,
      nonce: randomBytes(32),
      day: DAY,
      settings,
    });
    const commit = collection.Commit.decode(signed.body);
    await chain.verifyAuthor(signed, commit, owner.state);
    const nothing: chain.Facts = {
      item: () => undefined,
      liveEpochs: () => [],
      keyStated: () => true,
      commitHash: () => undefined,
    };
    const made = new Chain(id, people, chain.begin(signed, commit, nothing).state);
    made.carried.push(signed);
    made.#hashes.push(made.state.head);
    return made;
  }

  item(item: Uint8Array): chain.ItemState | undefined {
    return this.#items.get(item);
  }

  liveEpochs(): Iterable<number> {
    return new Set([...this.#items.values()].filter((one) => !one.erased).map((one) => one.epoch));
  }

  keyStated(uid: Uint8Array, keyId: number): boolean {
    return keyId === 1 && this.#people.some((one) => equal(one.uid, uid));
  }

  commitHash(seq: number): Uint8Array | undefined {
    return this.#hashes[seq];
  }

  /** Sign `changes` as `author` and judge them as everybody does; raises what the rules raise. */
  async commit(author: Person, changes: readonly collection.Change[], day = DAY): Promise<void> {
    const { seq, head } = this.state;
    const fields = { collection: this.id, seq: seq + 1, prev: head, author: author.uid, keyId: 1, day, changes };
    const signed = await new collection.Commit(fields).sign(author.identity);
    // As it arrives: decoded from a push, not as it was made.
    const { commit } = transfer.decodePage(pageOf(signed)).commits[0] ?? { commit: undefined };
    if (commit === undefined) throw new Error("a page without its commit");
    await chain.verifyAuthor(signed, commit, author.state);
    const judged = chain.judge(this.state, signed, commit, this);
    for (const [item, after] of judged.items) this.#items.set(item, after);
    this.state = judged.state;
    this.carried.push(signed);
    this.#hashes.push(judged.state.head);
  }

  /** Return the `open` of a new epoch of `month`, wrapped to those entitled to it, and its key. */
  async open(
    author: Person,
    month: number,
    day = DAY,
  ): Promise<{ readonly change: collection.Open; readonly key: EpochKey }> {
    const key = EpochKey.fresh();
    const place = { collection: this.id, number: this.state.epochs.size + 1, month };
    const wraps: epoch.Wrap[] = [];
    for (const uid of this.state.entitled(month, day).keys()) {
      const to = this.#people.find((one) => equal(one.uid, uid));
      if (to === undefined) throw new Error("a member whom nobody knows");
      wraps.push(await epoch.wrapEpoch(key, place, author.uid, to.recipient));
    }
    const commitment = epoch.keyCommitment(key, place);
    return { key, change: { kind: "open", epoch: place.number, month, commitment, wraps } };
  }
}

function pageOf(signed: Signed): Uint8Array {
  return encode([0, signed.hash(collection.TYPE), [[[signed.body, signed.signatures], []]]]);
}
