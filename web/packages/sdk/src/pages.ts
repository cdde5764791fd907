/** Pages of a pull, read strictly: spec/transfer.md steps 4 and 5. No I/O. */

import { IntegrityError, Signed, type chain, collection as collections, decode, equal, shape } from "@mindhaven/crypto";

import { ASK_THE_HOST, RollbackError, WithheldError } from "./errors.ts";

/** Commits of one page; our server gives at most a tenth. */
const MAX_PAGE_COMMITS = 10_000;

/** One entry of a page. */
export interface Paged {
  readonly signed: Signed;
  readonly commit: collections.Commit;
  readonly items: readonly unknown[];
}

/** Return the parts of a page: the head as the server says it, and the entries, not yet read. */
export function readPage(page: Uint8Array): { headSeq: number; head: Uint8Array; entries: readonly unknown[] } {
  const [headSeq, head, entries] = shape.fields(decode(page), 3, "A page");
  return {
    headSeq: shape.number(headSeq, "A head's seq"),
    head: shape.raw(head, "A head", { length: 32 }),
    entries: shape.items(entries, "A page's entries", { most: MAX_PAGE_COMMITS }),
  };
}

/** Return one entry of a page: a commit, and what belongs to its puts. */
export function readEntry(entry: unknown): Paged {
  const [raw, items] = shape.fields(entry, 2, "A page's entry");
  const signed = Signed.of(raw);
  const commit = collections.Commit.decode(signed.body);
  return { signed, commit, items: shape.items(items, "A page's items", { most: commit.changes.length }) };
}

/** Throw `RollbackError` (rollback, fork) for a head that this device has seen to be older, or to be another. */
export function checkHead(state: chain.ChainState, headSeq: number, head: Uint8Array): void {
  if (headSeq < state.seq) {
    throw new RollbackError("The server shows an older state of a collection than this device has seen.", {
      code: "rollback",
      hint: ASK_THE_HOST,
    });
  }
  if (headSeq === state.seq && !equal(head, state.head)) {
    throw new RollbackError("The server shows another history of a collection than this device has seen.", {
      code: "fork",
      hint: ASK_THE_HOST,
    });
  }
}

/** Return what it means that a server says there is more and gives nothing. */
export function held(): WithheldError {
  return new WithheldError("The server says that there is more, and does not give it.", {
    code: "withheld",
    hint: ASK_THE_HOST,
  });
}

/** Return what it means that a commit is of another collection. */
export function elsewhere(): IntegrityError {
  return new IntegrityError("The server shows another collection than was asked for.", { code: "chain-collection" });
}
