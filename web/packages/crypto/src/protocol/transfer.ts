/**
 * Pushes and pages: how commits and what they seal travel. Implements spec/transfer.md steps 1, 4 and 5.
 *
 * What is kept of a put has the hashes that its commit names. Does not: judge a commit (`chain`), or send it. No I/O.
 */

import { equal } from "../bytes.ts";
import { decode, encode, type Value } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import { SALT_BYTES } from "../seal.ts";
import * as shape from "../shape.ts";
import { Commit, hashOf, type Put } from "./collection.ts";
import { Signed } from "./encoding.ts";
import { envelopeHash, MAX_ENVELOPE_BYTES, saltHash, type SealedItem } from "./envelope.ts";

/** Commits of one page; our server gives at most a tenth. */
export const MAX_PAGE_COMMITS = 10_000;

/** A commit as it travels, with what was given for its puts as it came; `checkItem` says whether it is theirs. */
export interface Carried {
  readonly signed: Signed;
  readonly commit: Commit;
  readonly items: readonly unknown[];
}

/** Return the bytes of a push: step 1. */
export function encodePush(signed: Signed, items: readonly SealedItem[]): Uint8Array {
  return encode([[signed.body, signed.signatures], items.map(({ envelope, salt }): Value => [envelope, salt])]);
}

/** A push: a signed commit and one sealed item for each of its puts, in order. */
export interface Push {
  readonly signed: Signed;
  readonly commit: Commit;
  readonly items: readonly SealedItem[];
}

/**
 * Return the push that `data` encodes, each envelope and salt checked against its put: step 1.
 *
 * Raises `InvalidInputError` (shape, push-items and what `Commit.decode` raises), `IntegrityError` (envelope-mismatch,
 * salt-mismatch).
 */
export function decodePush(data: Uint8Array): Push {
  const { signed, commit, items } = carriedOf(decode(data));
  const puts = putsOf(commit);
  if (puts.length !== items.length) {
    throw new InvalidInputError("A push brings one item for each put.", { code: "push-items" });
  }
  return { signed, commit, items: puts.map((put, at) => checkItem(put, items[at])) };
}

/** What a pull is answered with: the head as the server says it, and commits in order. */
export interface Page {
  readonly headSeq: number;
  readonly head: Uint8Array;
  readonly commits: readonly Carried[];
}

/**
 * Return the page that `data` encodes: step 4. Each commit has nothing, or as many items as puts, null among them.
 *
 * Raises `InvalidInputError` (shape and what `Commit.decode` raises), `IntegrityError` (page-items). What was given is
 * checked by `checkItem` once the chain allowed its commit.
 */
export function decodePage(data: Uint8Array): Page {
  const [headSeq, head, commits] = shape.fields(decode(data), 3, "A page");
  return {
    headSeq: shape.number(headSeq, "A head's seq"),
    head: hashOf(head, "A head"),
    commits: shape.items(commits, "A page's entries", { most: MAX_PAGE_COMMITS }).map((entry) => {
      const carried = carriedOf(entry);
      if (carried.items.length !== 0 && carried.items.length !== putsOf(carried.commit).length) {
        throw new IntegrityError("A page brings another number of records than its commit names.", {
          code: "page-items",
        });
      }
      return carried;
    }),
  };
}

function carriedOf(value: unknown): Carried {
  const [raw, items] = shape.fields(value, 2, "A push or a page's entry");
  const signed = Signed.of(raw);
  const commit = Commit.decode(signed.body);
  return { signed, commit, items: shape.items(items, "The items", { most: commit.changes.length }) };
}

function putsOf(commit: Commit): readonly Put[] {
  return commit.changes.filter((change) => change.kind === "put");
}

/** Return what was given for `put`: steps 1 and 5. Raises `IntegrityError` (envelope-mismatch, salt-mismatch). */
export function checkItem(put: Put, value: unknown): SealedItem {
  const [given, beside] = shape.fields(value, 2, "An item");
  const envelope = shape.raw(given, "An envelope", { most: MAX_ENVELOPE_BYTES });
  if (!equal(envelopeHash(envelope), put.envelopeHash)) {
    throw new IntegrityError("An envelope is not the one that the commit names.", { code: "envelope-mismatch" });
  }
  const salt = shape.raw(beside, "A salt", { length: SALT_BYTES });
  if (!equal(saltHash(salt), put.saltHash)) {
    throw new IntegrityError("A salt is not the one that the commit names.", { code: "salt-mismatch" });
  }
  return { envelope, salt };
}
