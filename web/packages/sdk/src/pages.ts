/** Pages of a collection's history as the server gives them, read strictly. No I/O. */

import { IntegrityError, Signed, collection as collections, decode, equal, shape, type chain } from "@mindhaven/crypto";

import { ASK_THE_HOST, RollbackError, WithheldError } from "./errors.ts";

/** Commits of one page; our server gives at most a tenth. */
const MAX_PAGE_COMMITS = 10_000;

/** One commit of a page, and the records that come with it: one for each put, or none at all. */
export interface Paged {
  readonly signed: Signed;
  readonly commit: collections.Commit;
  readonly items: readonly unknown[];
}

/** Return what a page says: the head's seq and hash, and its entries, each to be read by `readEntry`. */
export function readPage(page: Uint8Array): { headSeq: number; head: Uint8Array; entries: readonly unknown[] } {
  const [headSeq, head, entries] = shape.fields(decode(page), 3, "A page");
  return {
    headSeq: shape.number(headSeq, "A head's seq"),
    head: shape.raw(head, "A head", { length: 32 }),
    entries: shape.items(entries, "A page's entries", { most: MAX_PAGE_COMMITS }),
  };
}

/** Return one commit of a page with what comes beside it. */
export function readEntry(entry: unknown): Paged {
  const [raw, items] = shape.fields(entry, 2, "A page's entry");
  const signed = Signed.of(raw);
  const commit = collections.Commit.decode(signed.body);
  return { signed, commit, items: shape.items(items, "A page's items", { most: commit.changes.length }) };
}

/** Throw unless the head that is shown can follow `state`. */
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

/** Return the error of a server that says that there is more, and does not give it. */
export function held(): WithheldError {
  return new WithheldError("The server says that there is more, and does not give it.", {
    code: "withheld",
    hint: ASK_THE_HOST,
  });
}

/** Return the error of a server that shows another collection than was asked for. */
export function elsewhere(): IntegrityError {
  return new IntegrityError("The server shows another collection than was asked for.", { code: "chain-collection" });
}
