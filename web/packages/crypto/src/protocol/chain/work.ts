/** One commit under judgement: the state as its changes take effect, in order: spec/chain.md step 16. No I/O. */

import { ByteMap, type ReadonlyByteMap } from "../../bytemap.ts";
import type { Commit } from "../collection.ts";
import type { Epoch, Wrap } from "../epoch.ts";
import { type Member, OWNER, READER, type Settings } from "../member.ts";
import { ChainState, type Facts, type ItemState, type Membership, RuleError } from "./state.ts";

/** The outcome of one commit: the state after it, and the items it changed with their state before it. */
export interface Judged {
  readonly state: ChainState;
  readonly items: ReadonlyByteMap<ItemState>;
  readonly before: ReadonlyByteMap<ItemState | undefined>;
}

/** Return the error that names a broken rule. */
export function broken(message: string, code: string): RuleError {
  return new RuleError(message, { code });
}

/**
 * What the changes of a commit read and write.
 *
 * Epochs and keys are those of the state before it until a change touches them: a commit that only puts copies none.
 */
export class Work implements Membership {
  readonly author: Uint8Array;
  readonly day: number;
  readonly keyId: number;
  readonly facts: Facts;
  /** Epochs that the author may seal in, with their months: a commit of a hundred puts asks once. */
  readonly usable = new Map<number, number>();
  settings: Settings;
  #members: ReadonlyByteMap<Member>;
  #epochs: ReadonlyMap<number, Epoch>;
  #ownEpochs: Map<number, Epoch> | undefined;
  #knownKeys: ReadonlyByteMap<number>;
  #ownKeys: ByteMap<number> | undefined;
  readonly #signedKeys: ReadonlyByteMap<number>;
  readonly #items = new ByteMap<ItemState>();
  readonly #before = new ByteMap<ItemState | undefined>();

  constructor(state: ChainState, commit: Commit, facts: Facts) {
    this.author = commit.author;
    this.day = commit.day;
    this.keyId = commit.keyId;
    this.facts = facts;
    this.settings = state.settings;
    this.#members = state.members;
    this.#epochs = state.epochs;
    const known = state.knownKeys.get(commit.author) ?? 0;
    this.#knownKeys = withKey(state.knownKeys, commit.author, Math.max(commit.keyId, known));
    this.#signedKeys = withKey(state.signedKeys, commit.author, commit.keyId);
  }

  get members(): ReadonlyByteMap<Member> {
    return this.#members;
  }

  get epochs(): ReadonlyMap<number, Epoch> {
    return this.#epochs;
  }

  get knownKeys(): ReadonlyByteMap<number> {
    return this.#knownKeys;
  }

  /** Return the outcome: the state after `commit`, whose hash is `head`. */
  done(commit: Commit, head: Uint8Array): Judged {
    const state = new ChainState({
      collection: commit.collection,
      seq: commit.seq,
      head,
      members: this.#members,
      settings: this.settings,
      epochs: this.#epochs,
      knownKeys: this.#knownKeys,
      signedKeys: this.#signedKeys,
    });
    return { state, items: this.#items, before: this.#before };
  }

  /** Return what stands of `item` now, this commit's earlier changes included. */
  item(item: Uint8Array): ItemState | undefined {
    const changed = this.#items.get(item);
    if (changed !== undefined) return changed;
    const current = this.facts.item(item);
    this.#before.set(item, current);
    return current;
  }

  setItem(item: Uint8Array, state: ItemState): void {
    this.#items.set(item, state);
  }

  /** Take another list of members: what the author may do is to be asked again. */
  setMembers(members: ReadonlyByteMap<Member>): void {
    this.#members = members;
    this.usable.clear();
  }

  setEpoch(epoch: Epoch): void {
    this.#epochs = this.#ownEpochs = (this.#ownEpochs ?? new Map(this.#epochs)).set(epoch.number, epoch);
  }

  /** Take wraps that a change brings: each to a key that its recipient stated and did not replace (steps 10 and 11). */
  takeWraps(wraps: readonly Wrap[]): void {
    for (const { uid, keyId } of wraps) {
      if (keyId < (this.#knownKeys.get(uid) ?? 0)) {
        throw broken("A key is wrapped to a member's replaced key.", "wrap-key-replaced");
      }
      if (!this.facts.keyStated(uid, keyId)) {
        throw broken("A key is wrapped to a key that its owner never stated.", "wrap-key-unknown");
      }
    }
    this.#knownKeys = this.#ownKeys ??= new ByteMap(this.#knownKeys);
    for (const { uid, keyId } of wraps) this.#ownKeys.set(uid, keyId);
    this.usable.clear();
  }

  // -- who

  /** Return the author as a member, who may have left by an earlier change. */
  me(): Member {
    const me = this.#members.get(this.author);
    if (me === undefined) throw broken("The author has left.", "not-a-member");
    return me;
  }

  needWriter(): Member {
    const me = this.me();
    if (me.role === READER) throw broken("A reader may not write.", "reader-writes");
    return me;
  }

  needOwner(): void {
    if (this.me().role !== OWNER) throw broken("Only the owner may do this.", "not-the-owner");
  }
}

/** Return `keys` in which `uid` has `keyId`: the same map where it has it already. */
function withKey(keys: ReadonlyByteMap<number>, uid: Uint8Array, keyId: number): ReadonlyByteMap<number> {
  return keys.get(uid) === keyId ? keys : new ByteMap(keys).set(uid, keyId);
}
