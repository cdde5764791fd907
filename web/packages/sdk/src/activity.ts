/**
 * Who touched one's data: own events, each verified on this device. I/O: server and local store.
 *
 * Guarantees: an event is shown as verified only if it opens its commitment, follows the one before it without a gap,
 * and stands in the log that this device has followed, whose state enough of the witnesses that it demands have seen.
 * What is not so says what is missing. Does not: prove that nothing happened that was never recorded, or find the very
 * newest event withheld before a later one shows the gap.
 * Implements spec/ledger.md steps 6 to 8, 11 and 12.
 */

import {
  ByteMap,
  IntegrityError,
  InvalidInputError,
  decode,
  encode,
  equal,
  ledger,
  shape,
  tlog,
  type Value,
} from "@mindhaven/crypto";

import { LAST_MOMENT, meaningOf, type Known, type Meaning } from "./acts.ts";
import type { Mindhaven } from "./client.ts";
import { Logs, type LogState, type Quorum } from "./logs.ts";
import { ownEvents, type OwnEvent } from "./openings.ts";
import type { LocalStore } from "./store.ts";
import type { Transport } from "./transport.ts";
import { POLICY } from "./vouching.ts";

/** An event that no checkpoint covers after so long is told: they appear by the hour. */
export const LATE_SECONDS = 3 * 3600;
/** The log grows, and witnesses say what they saw, each hour: a day without means that somebody holds back the newest. */
export const STALE_SECONDS = 24 * 3600;
const PLACE = "activity/place";
const PAGE = "activity/page/";
/** Events of one kept row: opening the store costs the same for each row, and a row is written anew for each event. */
const PAGE_ENTRIES = 500;
const MAX_VALUES = 32;
const ASK_WHAT_IS_HIDDEN =
  "Ask the people who run the server what is missing here, and why. Care goes on beside it.";

/**
 * What an unverified act lacks.
 *
 * `waiting`: the log shows its growth by the hour. `late`: it waited so long that the server does not put it in its log.
 * `unvouched`: too few of the witnesses that this device demands saw the log with it. `erased`: its content is gone, and
 * its mark in the log is left.
 */
export type Missing = "waiting" | "late" | "unvouched" | "erased";

/** Whether an act is proven to stand in the log as it is told. */
export type Standing =
  | { readonly standing: "verified" }
  | { readonly standing: "unverified"; readonly why: Missing };

/** One own event. `at` is an hour (seconds since 1970 UTC), `position` its place in the log (null: none yet). */
export type Act = Standing & {
  readonly seq: number;
  readonly at: number | null;
  readonly position: number | null;
  /** Null: its content was erased. */
  readonly told: Meaning | null;
};

/** What is wrong beside single acts. `log-stale`: newer states of the log are held back. `entries-late`: see `late`. */
export type Warning = "log-stale" | "entries-late" | "quorum";

/** The log that proves the acts: how long it is, who vouches for it, and since when it stands as it does. */
export interface AuditLog {
  readonly size: number;
  readonly quorum: Quorum;
  /** When a quorum of witnesses saw this state; null: none did, or nobody is asked to. Seconds since 1970 UTC. */
  readonly vouchedAt: number | null;
  /** When this device first saw this state, by its own clock. Seconds since 1970 UTC. */
  readonly seenSince: number;
}

/** Own events in order, the log that proves them (null: nothing was signed yet), and what is wrong with both. */
export interface Activity {
  readonly acts: readonly Act[];
  readonly log: AuditLog | null;
  readonly warnings: readonly Warning[];
}

/** An event that follows the one before it and opens; `inLog`: a checkpoint proves where it stands. */
interface Followed {
  readonly seq: number;
  readonly position: number | null;
  readonly told: Pick<ledger.Told, "name" | "version" | "fields" | "at"> | null;
  readonly inLog: boolean;
}

/**
 * What this device keeps: how far events were proven, and of those how many (by their seq) a quorum saw under `policy`.
 *
 * `size` is the log's at the last look, seen first at `since` (seconds since 1970 UTC).
 */
interface Kept {
  readonly place: ledger.Place;
  readonly vouched: number;
  readonly policy: Uint8Array;
  readonly size: number;
  readonly since: number;
}

/** Which events are late, and from which seq on no quorum saw them. */
interface Judged {
  readonly late: ReadonlySet<number>;
  readonly vouched: number;
}

/** Own events of one account. */
export class ActivityReader {
  readonly #client: Mindhaven;
  readonly #store: LocalStore;
  readonly #transport: Transport;
  readonly #logs: Logs;
  readonly #now: () => number;

  /** `now` gives milliseconds since 1970 UTC. */
  constructor(client: Mindhaven, now = client.now) {
    this.#client = client;
    this.#store = client.store;
    this.#transport = client.vault.transport;
    this.#logs = new Logs(client.store, this.#transport);
    this.#now = now;
  }

  /**
   * Fetch what is new, verify it, and return everything from the first that is not before `since` (seconds).
   *
   * Throws `IntegrityError`: activity-gap, -subject, -commitment, proof-missing, proof-mismatch, proof-length, and what
   * `Logs` throws; what was kept before stays.
   */
  async read({ since = 0 }: { readonly since?: number } = {}): Promise<Activity> {
    try {
      return await this.#read(since);
    } catch (error) {
      throw advised(error);
    }
  }

  async #read(since: number): Promise<Activity> {
    const kept = this.#kept();
    const rows = this.#provenActs(kept.place.nextSeq);
    const isWhole = rows.length === kept.place.nextSeq; // a row that is gone must not take lines from the list
    const begun = isWhole ? kept.place : new ledger.Place(kept.place.subject);
    const [proven, waiting]: [Followed[], Followed[]] = [isWhole ? rows : [], []];
    let [place, walk, state]: [ledger.Place, ledger.Place, LogState | null] = [begun, begun, null];
    for (;;) {
      const page = await ownEvents(this.#transport, this.#logs, walk.nextSeq);
      state = page.state ?? state;
      const shown = Math.max(walk.nextSeq, kept.place.nextSeq);
      if (page.total < shown || (page.entries.length === 0 && page.total > walk.nextSeq)) {
        throw new IntegrityError("The server shows fewer entries of who touched your data than before.", {
          code: "activity-gap",
        });
      }
      for (const entry of page.entries) {
        const [after, told] = walk.follow(entry);
        walk = after;
        const act = { seq: entry.seq, position: entry.position, told: told ?? null, inLog: isProven(entry, page.state) };
        if (!act.inLog || waiting.length > 0) waiting.push(act);
        else {
          place = walk;
          proven.push(act);
        }
      }
      if (walk.nextSeq >= page.total) break;
    }
    const next = this.#next(kept, place, state);
    await this.#keep(begun.nextSeq, next, proven);
    const known = await knownTo(this.#client);
    const late = this.#lateOnes(waiting);
    const acts = [...proven, ...waiting].map((one) => this.#act(one, known, state, { late, vouched: next.vouched }));
    const first = acts.findIndex((one) => one.at !== null && one.at >= since);
    return {
      acts: first < 0 ? [] : acts.slice(since === 0 ? 0 : first),
      log: state === null ? null : shownLog(state, next.since),
      warnings: this.#warnings(late.size, state, next.since),
    };
  }

  // -- what is proven, and what is wrong

  /** Return the seqs of events that the server does not put into its log: step 6. */
  #lateOnes(waiting: readonly Followed[]): Set<number> {
    const late = new Set<number>();
    for (const { seq, told, inLog } of waiting) {
      if (!inLog && told !== null && this.#seconds() - told.at > LATE_SECONDS) late.add(seq);
    }
    return late;
  }

  /** Return an act with what it lacks: steps 8 and 12. */
  #act({ seq, position, told, inLog }: Followed, known: Known, state: LogState | null, judged: Judged): Act {
    const at = told === null ? null : Math.min(told.at, LAST_MOMENT);
    const base = { seq, position, at, told: told === null ? null : meaningOf(told, known) };
    const unverified = (why: Missing): Act => ({ ...base, standing: "unverified", why });
    if (!inLog) return unverified(judged.late.has(seq) ? "late" : "waiting");
    if (state?.quorum === "missing" && seq >= judged.vouched) return unverified("unvouched");
    return told === null ? unverified("erased") : { ...base, standing: "verified" };
  }

  #warnings(late: number, state: LogState | null, since: number): Warning[] {
    const found: Warning[] = [];
    const oldest = Math.min(since, state?.vouchedAt ?? since);
    if (state !== null && this.#seconds() - oldest > STALE_SECONDS) found.push("log-stale"); // steps 6 and 12
    if (late > 0) found.push("entries-late");
    if (state?.quorum === "missing") found.push("quorum");
    return found;
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  // -- what is kept

  #kept(): Kept {
    const row = this.#store.get(PLACE);
    const subject = this.#client.access.needMe().uid;
    if (row === null) {
      return { place: new ledger.Place(subject), vouched: 0, policy: new Uint8Array(0), size: 0, since: 0 };
    }
    const [seq, prev, vouched, policy, size, since] = shape.fields(decode(row), 6, "A place in one's events");
    return {
      place: new ledger.Place(subject, shape.number(seq, "A seq"), shape.raw(prev, "A commitment", { length: 32 })),
      vouched: shape.number(vouched, "A seq"),
      policy: shape.raw(policy, "A policy"),
      size: shape.number(size, "A size"),
      since: shape.number(since, "A moment"),
    };
  }

  /** Return what to keep after a look: a quorum that saw this state saw all before it, since each extends the last. */
  #next(kept: Kept, place: ledger.Place, state: LogState | null): Kept {
    const policy = this.#store.get(POLICY) ?? new Uint8Array(0);
    const before = equal(policy, kept.policy) ? kept.vouched : 0;
    const size = state?.checkpoint.size ?? kept.size;
    return {
      place,
      vouched: state?.quorum === "met" ? place.nextSeq : before,
      policy,
      size,
      since: size === kept.size && kept.since > 0 ? kept.since : this.#seconds(),
    };
  }

  #provenActs(count: number): Followed[] {
    const acts: Followed[] = [];
    for (let number = 0; number * PAGE_ENTRIES < count; number++) {
      const row = this.#store.get(`${PAGE}${String(number)}`);
      if (row !== null) acts.push(...shape.items(decode(row), "Own events", { most: PAGE_ENTRIES }).map(decodeAct));
    }
    return acts;
  }

  async #keep(before: number, { place, vouched, policy, size, since }: Kept, acts: readonly Followed[]): Promise<void> {
    await this.#store.batch((batch) => {
      for (let number = Math.floor(before / PAGE_ENTRIES); number * PAGE_ENTRIES < place.nextSeq; number++) {
        const part = acts.slice(number * PAGE_ENTRIES, (number + 1) * PAGE_ENTRIES);
        if (before < place.nextSeq) batch.put(`${PAGE}${String(number)}`, encode(part.map(encodeAct)));
      }
      batch.put(PLACE, encode([place.nextSeq, place.prev, vouched, policy, size, since]));
    });
  }
}

/** Return how this person calls others, parts and devices. */
export async function knownTo({ access, listing, devices }: Mindhaven): Promise<Known> {
  return {
    me: access.needMe().uid,
    contacts: new ByteMap(listing.contacts().map(({ uid, name }) => [uid, name] as const)),
    parts: new ByteMap(listing.collections().map(({ id, name }) => [id, name] as const)),
    devices: new ByteMap((await devices.all()).map(({ session, name }) => [session, name] as const)),
    list: listing.id,
  };
}

/** Tell whether a checkpoint proves an entry, false if it does not cover it yet. Throws `IntegrityError`: step 8. */
function isProven({ commitment, position, proof }: OwnEvent, state: LogState | null): boolean {
  if (position === null || state === null || position >= state.checkpoint.size) return false;
  if (proof === null) {
    throw new IntegrityError("The server withholds a proof of an entry that the log has.", { code: "proof-missing" });
  }
  const { size, root } = state.checkpoint;
  tlog.verifyInclusion(tlog.leafHash(commitment), position, size, proof, root);
  return true;
}

function shownLog({ checkpoint, quorum, vouchedAt }: LogState, seenSince: number): AuditLog {
  return { size: checkpoint.size, quorum, vouchedAt, seenSince };
}

/** Return the error with what to do; an event, note or key that does not parse is the server's fault too. */
function advised(error: unknown): unknown {
  if (error instanceof IntegrityError && error.hint !== undefined) return error;
  if (!(error instanceof IntegrityError || error instanceof InvalidInputError)) return error;
  return new IntegrityError(error.message, { code: error.reason, hint: ASK_WHAT_IS_HIDDEN, cause: error });
}

// -- rows

function encodeAct({ seq, position, told }: Followed): Value {
  return [seq, position, told === null ? null : [told.at, told.name, told.version, [...(told.fields as Value[])]]];
}

function decodeAct(value: unknown): Followed {
  const [seq, position, told] = shape.fields(value, 3, "An own event");
  return {
    seq: shape.number(seq, "A seq"),
    position: position === null ? null : shape.number(position, "A position"),
    told: told === null ? null : decodeTold(told),
    inLog: true,
  };
}

function decodeTold(value: unknown): Followed["told"] {
  const [at, name, version, fields] = shape.fields(value, 4, "What an event tells");
  return {
    at: shape.number(at, "A moment"),
    name: shape.text(name, "A name"),
    version: shape.number(version, "A version"),
    fields: shape.items(fields, "Values", { most: MAX_VALUES }),
  };
}
