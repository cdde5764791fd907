/**
 * A person's own events as the server gives them: pages of openings, and the checkpoint that is to prove them.
 *
 * Guarantees: the checkpoint of a page extends the one that this device knew (`Logs.accept`). Does not: verify an event
 * (`activity`, `receipts`). I/O: server and local store.
 */

import { ledger, tlog } from "@mindhaven/crypto";

import type { LogState, Logs } from "./logs.ts";
import { Reader, asBytes } from "./read.ts";
import type { Transport } from "./transport.ts";

/** One own event as the server gives it; `position` is null while it is not numbered, `proof` while nothing covers it. */
export interface OwnEvent extends ledger.Opening {
  readonly position: number | null;
  readonly proof: readonly Uint8Array[] | null;
}

/** Own events from a seq on, how many there are in all, and the checkpoint that proves them (null: none was signed). */
export interface OwnPage {
  readonly entries: readonly OwnEvent[];
  readonly total: number;
  readonly note: Uint8Array;
  readonly state: LogState | null;
}

/** Fetch own events from a seq on. Throws `IntegrityError`: answer-shape, and what `Logs.accept` throws. */
export async function ownEvents(transport: Transport, logs: Logs, first: number): Promise<OwnPage> {
  const answer = new Reader(await transport.call("GET", `/v1/activity?first=${String(first)}`));
  const note = answer.bytes("checkpoint");
  const state = note.length === 0 ? null : await logs.accept(ledger.AUDIT, note);
  return { entries: answer.list("entries", readOwn), total: answer.number("total"), note, state };
}

function readOwn(value: unknown): OwnEvent {
  const one = new Reader(value);
  return {
    seq: one.number("seq"),
    commitment: one.bytes("commitment", 32),
    salt: one.bytesOrNull("salt", 32),
    body: one.bytesOrNull("body"),
    position: one.numberOrNull("position"),
    proof: one.listOrNull("proof", (hash) => asBytes(hash, tlog.HASH_BYTES)),
  };
}
