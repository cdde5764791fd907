/**
 * Receipts that this device was given: kept, held against the log, shown to others. I/O: server and local store.
 *
 * Guarantees: a receipt counts as proven only if its event opens as what was done here and stands at its index in a
 * public checkpoint that this device trusts; one that the log does not keep is named until the person lets it go.
 * Does not: stop anything, or count an act as done by its receipt: chains and lists say what stands. A server that gives
 * none is not named: an act that had landed before brings none either.
 * Implements spec/receipt.md steps 3 to 6.
 */

import {
  IntegrityError,
  InvalidInputError,
  MindhavenError,
  NotFoundError,
  UnavailableError,
  decode,
  encode,
  equal,
  fromUtf8,
  ledger,
  receipt as receipts,
  shape,
  tlog,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { Logs, type LogState } from "./logs.ts";
import { ownEvents, type OwnEvent, type OwnPage } from "./openings.ts";
import { Reader } from "./read.ts";
import type { Batch, LocalStore } from "./store.ts";
import { TOLD } from "./told.ts";
import type { Transport } from "./transport.ts";
import { advised } from "./vouching.ts";

/** How often a sync holds waiting receipts against the log: it shows its growth by the hour. */
const EVERY_MS = 600_000;
const COUNT = "receipts";
const ONE = "receipt/";
const DONE = "receipts-checked";
/** Receipts of one answer: a collection that is erased ends the consents of all whom it was shared with. */
const MOST = 100;
const DIFFERS = "receipt-differs";
const LOOK =
  "Keep it. See whether what you did holds, do it again if not, and ask the people who run the server. Once that is" +
  " settled, let it go.";

/** `waiting`: for the next public checkpoint; `proven`: in the log; `wrong`: the log does not keep it. */
export type Standing = "waiting" | "proven" | "wrong";

/**
 * One receipt on this device: its number here, what was asked for, how it stands, and (`fault`) what is wrong with it.
 *
 * `proof` is a C2SP tlog-proof with the event's opening, for anybody to verify (step 6); null until the log has it.
 */
export interface Kept {
  readonly number: number;
  readonly receipt: receipts.Receipt;
  readonly about: receipts.About;
  readonly standing: Standing;
  readonly fault: string;
  readonly proof: Uint8Array | null;
}

/** What an erasure was answered with: the day by which no backup holds it (days since 1970), what stays and why. */
export interface ErasureShown {
  readonly receipt: receipts.Receipt;
  readonly backupsUntilDay: number;
  readonly kept: readonly string[];
}

/** The receipts of one account on this device. */
export class Receipts {
  readonly #client: Mindhaven;
  readonly #store: LocalStore;
  readonly #transport: Transport;
  readonly #logs: Logs;

  constructor(client: Mindhaven) {
    this.#client = client;
    this.#store = client.store;
    this.#transport = client.vault.transport;
    this.#logs = new Logs(client.store, this.#transport);
  }

  /** Return them, the oldest first. Works offline. Throws `IntegrityError` (receipt-differs) for one that is none. */
  async all(): Promise<Kept[]> {
    await this.#takeTold();
    const rows = this.#store.under(ONE).map(([name, row]) => decodeKept(Number(name.slice(ONE.length)), row));
    return rows.sort((one, other) => one.number - other.number);
  }

  /** Let one go, also a wrong one. Throws `NotFoundError` (receipt-unknown). */
  async forget(number: number): Promise<void> {
    const name = `${ONE}${String(number)}`;
    if (this.#store.get(name) === null) {
      throw new NotFoundError("There is no receipt of this number here.", { code: "receipt-unknown" });
    }
    this.#store.remove(name);
    await this.#store.saved();
  }

  /** Check if it is time to; return what is wrong with a receipt, or with the log. Care goes on beside it. */
  async checkIfDue(now: number): Promise<IntegrityError | null> {
    try {
      const kept = await this.all();
      const row = this.#store.get(DONE);
      const last = row === null ? null : shape.number(decode(row), "A moment");
      const due = last === null || now - last >= EVERY_MS;
      if (!due || kept.every((one) => one.standing === "proven")) return faultOf(kept);
      this.#store.put(DONE, encode(now));
      await this.check();
      return null;
    } catch (error) {
      if (error instanceof NotFoundError || error instanceof UnavailableError) return faultOf(await this.all());
      if (error instanceof IntegrityError || error instanceof InvalidInputError) return advised(error);
      throw error;
    }
  }

  /**
   * Check every receipt that is not proven yet; return all. What is wrong is written down first, then thrown.
   *
   * Throws `IntegrityError`: receipt-broken, receipt-differs, and what `Logs` throws.
   */
  async check(): Promise<Kept[]> {
    const waiting = (await this.all()).filter((one) => one.standing !== "proven");
    let page: OwnPage | null = null;
    for (const one of waiting.sort((left, right) => left.receipt.seq - right.receipt.seq)) {
      const { seq } = one.receipt;
      let entry = page?.entries.find((event) => event.seq === seq);
      if (page === null || (entry === undefined && seq < page.total)) {
        page = await ownEvents(this.#transport, this.#logs, seq);
        entry = page.entries.find((event) => event.seq === seq);
      }
      try {
        this.#judge(this.#checked(one, entry, page));
      } catch (error) {
        if (!(error instanceof IntegrityError || error instanceof InvalidInputError)) throw error;
        const fault = error instanceof IntegrityError ? error.reason : DIFFERS; // an event that is no event
        this.#judge({ ...one, standing: "wrong", fault });
      }
    }
    await this.#store.saved();
    const all = await this.all();
    const fault = faultOf(all);
    if (fault !== null) throw fault;
    return all;
  }

  /** Return how a receipt stands by what the server tells of the person's own events. */
  #checked(one: Kept, entry: OwnEvent | undefined, page: OwnPage): Kept {
    const { receipt, about } = one;
    if (!equal(receipt.subject, this.#client.access.needMe().uid)) throw differs();
    if (entry === undefined || !equal(entry.commitment, receipt.commitment)) throw broken();
    if (receipt.position !== null && receipt.position !== entry.position) throw broken();
    if (entry.salt === null || entry.body === null) throw differs();
    receipt.check(about, entry.salt, entry.body);
    const placed = { ...one, receipt: new receipts.Receipt({ ...fieldsOf(receipt), position: entry.position }) };
    const { state } = page;
    if (state === null || state.quorum === "missing" || !isInLog(entry, state)) {
      return { ...placed, standing: "waiting", fault: "", proof: null };
    }
    const opening = encode([entry.salt, entry.body]);
    const proof = new tlog.TlogProof(entry.position ?? 0, entry.proof ?? [], tlog.Note.parse(page.note), opening);
    return { ...placed, standing: "proven", fault: "", proof: proof.encode() };
  }

  /** Write down how one stands now, if it was not let go meanwhile. */
  #judge(one: Kept): void {
    const name = `${ONE}${String(one.number)}`;
    if (this.#store.get(name) !== null) this.#store.put(name, encodeKept(one));
  }

  // -- what acts were answered with

  /** Number the receipts of what was answered since; an answer that holds none of the right form is told once. */
  async #takeTold(): Promise<void> {
    const told = this.#store.under(TOLD).map(([name, row]) => ({ name, ...readTold(row) }));
    if (told.length === 0) return;
    await this.#store.batch((batch) => {
      for (const { name } of told) batch.remove(name);
      const given = told.flatMap(({ found, about }) => found.map((receipt) => ({ receipt, about })));
      this.#put(batch, given.sort((one, other) => one.receipt.seq - other.receipt.seq));
    });
    const odd = told.find((one) => one.fault);
    if (odd !== undefined) throw differs();
  }

  #put(batch: Batch, given: readonly Pick<Kept, "receipt" | "about">[]): void {
    const row = this.#store.get(COUNT);
    let number = row === null ? 1 : shape.number(decode(row), "A number");
    for (const { receipt, about } of given) {
      const kept: Kept = { number, receipt, about, standing: "waiting", fault: "", proof: null };
      batch.put(`${ONE}${String(number)}`, encodeKept(kept));
      number += 1;
    }
    batch.put(COUNT, encode(number));
  }

  // -- leaving

  /** Return what an erasure was answered with (`Devices.eraseAccount`). Throws `IntegrityError` (answer-shape). */
  erasure(answer: unknown): ErasureShown {
    const shown = new Reader(answer);
    const receipt = readReceipt(answer);
    if (receipt.what !== "account" || !equal(receipt.subject, this.#client.access.needMe().uid)) throw differs();
    return { receipt, backupsUntilDay: shown.number("backups_until_day"), kept: shown.list("kept", text) };
  }

  /**
   * Return the proof that an erasure stands in the log (C2SP tlog-proof), null while no public checkpoint covers it.
   *
   * It needs no account: that is gone, and the content of its events with it. Throws `IntegrityError` (receipt-broken).
   */
  async proofOfErasure({ receipt }: ErasureShown): Promise<Uint8Array | null> {
    const { position, commitment } = receipt;
    const { state, note } = await this.#logs.newestSigned(ledger.AUDIT);
    if (position === null || position >= state.checkpoint.size || state.quorum === "missing") return null;
    const hashes = await this.#logs.inclusion(ledger.AUDIT, position, state.checkpoint);
    isInLog({ position, commitment, proof: hashes }, state);
    return new tlog.TlogProof(position, hashes, note).encode();
  }
}

/** Tell whether a checkpoint proves an entry, false if it is too small; what does not lead to its root is broken. */
export function isInLog(entry: Pick<OwnEvent, "position" | "commitment" | "proof">, { checkpoint }: LogState): boolean {
  const { position, commitment, proof } = entry;
  if (position === null || position >= checkpoint.size) return false;
  if (proof === null) throw broken();
  try {
    tlog.verifyInclusion(tlog.leafHash(commitment), position, checkpoint.size, proof, checkpoint.root);
  } catch (error) {
    if (error instanceof IntegrityError) throw broken();
    throw error;
  }
  return true;
}

function faultOf(kept: readonly Kept[]): IntegrityError | null {
  const wrong = kept.find((one) => one.standing === "wrong");
  if (wrong === undefined) return null;
  return wrong.fault === DIFFERS ? differs() : broken();
}

function broken(): IntegrityError {
  return new IntegrityError(
    "The server gave a receipt, and its log does not have the event at the place that it promised.",
    { code: "receipt-broken", hint: LOOK },
  );
}

function differs(): IntegrityError {
  return new IntegrityError("A receipt of the server is for something else than was done here.", {
    code: DIFFERS,
    hint: LOOK,
  });
}

// -- forms

function fieldsOf({ what, subject, seq, at, commitment, position }: receipts.Receipt): receipts.ReceiptFields {
  return { what, subject, seq, at, commitment, position };
}

function readReceipt(value: unknown): receipts.Receipt {
  const one = new Reader(value);
  return new receipts.Receipt({
    what: one.text("what"),
    subject: one.bytes("subject", 32),
    seq: one.number("seq"),
    at: one.number("at"),
    commitment: one.bytes("commitment", 32),
    position: one.numberOrNull("position"),
  });
}

function text(value: unknown): string {
  return new Reader({ value }).text("value");
}

/** Return the receipts of a kept answer: of one that is encoded its third field, of one in JSON `receipt`. */
function readTold(row: Uint8Array): { found: receipts.Receipt[]; about: receipts.About; fault: boolean } {
  const [bytes, collection, person, digest] = shape.fields(decode(row), 4, "An answer");
  const about = aboutOf([collection, person, digest]);
  const answer = shape.raw(bytes, "An answer");
  try {
    return { found: receiptsIn(answer).filter((one) => receipts.isKnown(one)), about, fault: false };
  } catch (error) {
    if (!(error instanceof MindhavenError)) throw error;
    return { found: [], about, fault: true };
  }
}

function receiptsIn(answer: Uint8Array): receipts.Receipt[] {
  if (answer[0] === "{".charCodeAt(0)) {
    const { receipt } = JSON.parse(fromUtf8(answer)) as { receipt?: unknown };
    return receipt === undefined || receipt === null ? [] : [readReceipt(receipt)];
  }
  const value = decode(answer);
  if (!Array.isArray(value) || value.length < 3) return [];
  return shape.items(value[2], "The receipts", { most: MOST }).map((one) => receipts.Receipt.of(one));
}

function aboutOf(fields: readonly unknown[]): receipts.About {
  const [collection, person, digest] = fields.map((one) => (one === null ? undefined : shape.raw(one, "An id")));
  return {
    ...(collection === undefined ? {} : { collection }),
    ...(person === undefined ? {} : { person }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function encodeKept({ receipt, about, standing, fault, proof }: Kept): Uint8Array {
  const asked = [about.collection ?? null, about.person ?? null, about.digest ?? null];
  return encode([receipt.value(), asked, standing, fault, proof]);
}

function decodeKept(number: number, row: Uint8Array): Kept {
  const [receipt, asked, standing, fault, proof] = shape.fields(decode(row), 5, "A receipt's row");
  return {
    number,
    receipt: receipts.Receipt.of(receipt),
    about: aboutOf(shape.fields(asked, 3, "What was asked for")),
    standing: standing === "proven" || standing === "wrong" ? standing : "waiting",
    fault: shape.text(fault, "A fault"),
    proof: proof === null ? null : shape.raw(proof, "A proof"),
  };
}
