/** How a whole commit is judged: `begin` takes the genesis, `judge` every later one. No I/O. */

import { ByteMap } from "../../bytemap.ts";
import { equal } from "../../bytes.ts";
import { type Change, type Commit, genesisId, isActive, ownerOf, sameMember, TYPE } from "../collection.ts";
import type { Signed } from "../encoding.ts";
import { handOver, leave, members, rejoin } from "./members.ts";
import { erase, open, put } from "./records.ts";
import { ChainState, type Facts, HeadError } from "./state.ts";
import { broken, type Judged, Work } from "./work.ts";

/** Judge a genesis: spec/chain.md step 4. The caller has verified its author. */
export function begin(signed: Signed, commit: Commit, facts: Facts): Judged {
  const { author, keyId, collection } = commit;
  if (commit.seq !== 0) {
    throw new HeadError("A collection does not begin with its first commit.", { code: "chain-begin" });
  }
  if (!equal(genesisId(commit), collection)) {
    throw new HeadError("This collection is not the one that its id names.", { code: "collection-id" });
  }
  const [first, ...later] = commit.changes;
  const owner = first?.kind === "members" && first.members.length === 1 ? first.members[0] : undefined;
  if (first?.kind !== "members" || owner === undefined || !sameMember(owner, ownerOf(author))) {
    throw broken("A collection begins with its owner as its only member.", "genesis-members");
  }
  if (first.consent !== null || first.wraps.length > 0) {
    throw broken("A collection begins without a grant.", "genesis-members");
  }
  const head = signed.hash(TYPE);
  const keys = new ByteMap([[author, keyId]]);
  const state = new ChainState({
    collection,
    seq: 0,
    head,
    members: new ByteMap([[author, owner]]),
    settings: first.settings,
    epochs: new Map(),
    knownKeys: keys,
    signedKeys: keys,
  });
  const work = new Work(state, commit, facts);
  take(work, later);
  return work.done(commit, head);
}

/**
 * Judge a commit that follows `state`: spec/chain.md steps 5-16. The caller has verified its author.
 *
 * Raises `HeadError` if it does not follow the head, `RuleError` naming the rule that it breaks.
 */
export function judge(state: ChainState, signed: Signed, commit: Commit, facts: Facts): Judged {
  // 5. It follows the head.
  if (!equal(commit.collection, state.collection)) {
    throw new HeadError("A commit belongs to another collection.", { code: "chain-collection" });
  }
  if (commit.seq !== state.seq + 1) {
    throw new HeadError("A commit is missing or out of order.", { code: "chain-order" });
  }
  if (!equal(commit.prev, state.head)) {
    throw new HeadError("This collection has two histories.", { code: "chain-fork" });
  }
  // 6. Its author is a member whose time has not ended, signing with its newest key.
  const member = state.members.get(commit.author);
  if (member === undefined || !isActive(member, commit.day)) {
    throw broken("The author may not write here (any more).", "not-a-member");
  }
  const changes = withoutKey(state, commit);
  const work = new Work(state, commit, facts);
  take(work, changes);
  return work.done(commit, signed.hash(TYPE));
}

/** Step 7: no key older than the newest known, and a new one is announced first. Returns the other changes. */
function withoutKey(state: ChainState, commit: Commit): readonly Change[] {
  const [first] = commit.changes;
  const signedWith = state.signedKeys.get(commit.author);
  if (commit.keyId < Math.max(state.knownKeys.get(commit.author) ?? 0, signedWith ?? 0)) {
    throw broken("This commit is signed with a key that was replaced.", "key-replaced");
  }
  if (first?.kind === "key") {
    if (first.generation !== commit.keyId || (signedWith !== undefined && commit.keyId <= signedWith)) {
      throw broken("A key change names another key than the one that signs.", "key-change");
    }
    return commit.changes.slice(1);
  }
  if (signedWith !== undefined && commit.keyId !== signedWith) {
    throw broken("A member's first commit under a new key begins with that key.", "key-unannounced");
  }
  return commit.changes;
}

/** Step 16: changes take effect in order; a later one is judged by what the earlier ones left. */
function take(work: Work, changes: readonly Change[]): void {
  for (const [at, change] of changes.entries()) takeOne(work, change, changes[at + 1]);
}

function takeOne(work: Work, change: Change, next: Change | undefined): void {
  switch (change.kind) {
    case "put":
      put(work, change);
      return;
    case "erase":
      erase(work, change);
      return;
    case "open":
      open(work, change);
      return;
    case "members":
      members(work, change);
      return;
    case "leave":
      leave(work);
      return;
    case "owner":
      handOver(work, change);
      return;
    case "key":
      throw broken("A key change is the first change of its commit.", "key-change");
    case "rejoin":
      rejoin(work, change, next);
      return;
    case "snapshot":
      // 14. It changes nothing.
      work.needOwner();
      return;
  }
}
