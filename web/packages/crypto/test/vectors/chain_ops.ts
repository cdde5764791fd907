/** How changes, members and states are written in the vectors of collection, chain and snapshot. */

import { type chain, type collection, compare, type epoch, type ReadonlyByteMap } from "../../src/index.ts";

/** A change as spec/collection.md step 2 lists it, field by field. */
export function listed(change: collection.Change): unknown {
  switch (change.kind) {
    case "put":
      return [1, change.item, change.revision, change.epoch, change.envelopeHash, change.saltHash, change.blobs];
    case "erase":
      return [2, change.item];
    case "open":
      return [3, change.epoch, change.month, change.commitment, change.wraps.map(ofWrap)];
    case "members": {
      const wraps = change.wraps.map((past) => [past.epoch, past.wraps.map(ofWrap)]);
      return [4, change.members.map(ofMember), ofSettings(change.settings), change.consent, wraps];
    }
    case "key":
      return [5, change.generation, change.statement];
    case "leave":
      return [6];
    case "owner":
      return [7, change.uid];
    case "snapshot":
      return [8, change.root];
    case "rejoin":
      return [9, change.seq, change.hash];
  }
}

function ofWrap({ uid, keyId, wrapped }: epoch.Wrap): unknown {
  return [uid, keyId, wrapped.enc, wrapped.ciphertext];
}

function ofMember({ uid, role, since, until }: collection.Member): unknown {
  return [uid, role, since, until];
}

function ofSettings({ history, holdUntil, processingEntry }: collection.Settings): unknown {
  return [history, holdUntil, processingEntry];
}

/** An epoch as a state has it, its holders in the order of their uids. */
export function ofEpoch({ number, month, commitment, author, holders }: epoch.Epoch): unknown[] {
  return [number, month, commitment, author, sorted(holders)];
}

function sorted(keys: ReadonlyByteMap<number>): unknown {
  return [...keys].sort(([one], [other]) => compare(one, other));
}

/** A state as the vectors of chain and snapshot write it, epochs left to them. */
export function ofState(state: chain.ChainState): Record<string, unknown> {
  return {
    head: state.head,
    seq: state.seq,
    members: [...state.members.values()].map(ofMember),
    settings: ofSettings(state.settings),
    known_keys: sorted(state.knownKeys),
    signed_keys: sorted(state.signedKeys),
  };
}
