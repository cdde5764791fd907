/**
 * Whether others are shown the same history: own and shared collections in the log of heads.
 *
 * Guarantees: a head that is no commit of the history on this device is named, and so is a change that the log never
 * names; what was found wrong is found again until it is right. Does not: judge a collection that could not be pulled to
 * its head just now: what the log says of it waits.
 * I/O: server and local store. Implements spec/ledger.md step 10.
 */

import { ByteMap, ByteSet, IntegrityError, decode, encode, equal, hex, ledger, shape } from "@mindhaven/crypto";

import { hashName } from "./facts.ts";
import { keepScanned, type LogState, type Logs } from "./logs.ts";
import type { LocalStore } from "./store.ts";

/** Days for which a new device looks for its collections in `heads`. */
const LOOK_BACK_DAYS = 400;
/** A day's heads are written after it ended; two days later they must be there (PROTOCOL section 6). */
const GRACE_DAYS = 2;
/** A change near midnight may lie on the neighbouring day by the server's clock. */
const SKEW_DAYS = 1;
const DAY_MS = 86_400_000;
const ROW = "heads";
/** More than an account has collections, or a collection has days. */
const MAX_KEPT = 1_000_000;

/** A change that the log must name: a head after `before` (a seq), on a day from `since` to `until`. */
interface Owed {
  readonly collection: Uint8Array;
  readonly before: number;
  readonly since: number;
  readonly until: number;
}

/** What the log says of a collection on a day: the tag, and the hash of a head. */
interface Named {
  readonly collection: Uint8Array;
  readonly day: number;
  readonly tag: Uint8Array;
  readonly head: Uint8Array;
}

/** How far a collection was seen, and on which day that was. */
interface Seen {
  readonly seq: number;
  readonly day: number;
}

interface Kept {
  readonly day: number;
  readonly seen: ByteMap<Seen>;
  readonly owed: readonly Owed[];
  readonly waiting: readonly Named[];
}

/** One account's look at the log of heads. */
export class Heads {
  readonly #store: LocalStore;
  readonly #logs: Logs;
  readonly #seqOf: (collection: Uint8Array) => number;
  readonly #now: () => number;

  /** `seqOf` gives the newest seq that this device verified of a collection, -1 if none. */
  constructor(store: LocalStore, logs: Logs, seqOf: (collection: Uint8Array) => number, now: () => number) {
    this.#store = store;
    this.#logs = logs;
    this.#seqOf = seqOf;
    this.#now = now;
  }

  /**
   * Read the log on. `pulled` were verified to their head just now, `shown` is what the server lists.
   *
   * Throws `IntegrityError` (head-unknown, head-double, head-missing) and what `Logs.scan` throws; then nothing is kept,
   * and the next look finds the same.
   */
  async check(pulled: readonly Uint8Array[], shown: readonly Uint8Array[]): Promise<LogState> {
    const today = Math.floor(this.#now() / DAY_MS);
    const kept = this.#kept(today, new ByteSet([...pulled, ...shown]));
    const seen = new ByteMap(kept.seen);
    const owed = [...kept.owed];
    for (const collection of pulled) {
      const [seq, known] = [this.#seqOf(collection), seen.get(collection)];
      if (known !== undefined && seq > known.seq) {
        owed.push({ collection, before: known.seq, since: known.day, until: today });
      }
      seen.set(collection, { seq, day: today });
    }
    const first = Math.min(kept.day, ...owed.map((one) => one.since)) - SKEW_DAYS;
    const tags = tagsOf(seen, first, today + SKEW_DAYS);
    const found = [...kept.waiting];
    const scanned = await this.#logs.scan(ledger.HEADS, (tag, head) => {
      const place = tags.get(tag);
      if (place !== undefined) found.push({ ...place, tag, head: head.slice() });
    });
    const ours = new ByteSet(pulled);
    const judged = found.filter((one) => ours.has(one.collection));
    const seqs = this.#judge(judged);
    const left = owed.filter((one) => !isNamed(one, judged, seqs));
    if (left.some((one) => ours.has(one.collection) && one.until + GRACE_DAYS <= today)) {
      throw new IntegrityError(
        "A change of a collection is missing in the log of heads: others may be shown another history.",
        {
          code: "head-missing",
          hint: "Nothing here is lost. Tell the people who run the server, and compare with your other devices.",
        },
      );
    }
    await this.#store.batch((batch) => {
      batch.put(ROW, encodeKept({ day: today, seen, owed: left, waiting: found.filter((one) => !ours.has(one.collection)) }));
      keepScanned(batch, scanned);
    });
    return scanned.state;
  }

  /** Return the seq of each head, by its hash, after comparing all with the histories on this device. */
  #judge(judged: readonly Named[]): ByteMap<number> {
    const seqs = new ByteMap<number>();
    const hashes = new ByteMap<ByteSet>();
    for (const { collection } of judged) {
      if (hashes.has(collection)) continue;
      const own = new ByteSet();
      const prefix = hashName(collection, "");
      for (const [name, commit] of this.#store.under(prefix)) {
        const head = ledger.headHash(commit);
        own.add(head);
        seqs.set(head, Number(name.slice(prefix.length)));
      }
      hashes.set(collection, own);
    }
    const wanted = judged.map((one) => [one.tag, hashes.get(one.collection) ?? new ByteSet()] as const);
    ledger.checkHeads(new ByteMap(wanted), judged.map((one) => [one.tag, one.head] as const));
    return seqs;
  }

  /** Return what the last look kept of the collections that are there now. */
  #kept(today: number, current: ByteSet): Kept {
    const row = this.#store.get(ROW);
    if (row === null) return { day: today - LOOK_BACK_DAYS, seen: new ByteMap(), owed: [], waiting: [] };
    const kept = decodeKept(row);
    return {
      day: kept.day,
      seen: new ByteMap([...kept.seen].filter(([collection]) => current.has(collection))),
      owed: kept.owed.filter((one) => current.has(one.collection)),
      waiting: kept.waiting.filter((one) => current.has(one.collection)),
    };
  }
}

/** Return where each tag of these collections stands, from `first` to `last` (days since 1970 UTC). */
function tagsOf(seen: ByteMap<Seen>, first: number, last: number): ByteMap<Pick<Named, "collection" | "day">> {
  const tags = new ByteMap<Pick<Named, "collection" | "day">>();
  for (const collection of seen.keys()) {
    for (let day = first; day <= last; day++) tags.set(ledger.headsTag(collection, day), { collection, day });
  }
  return tags;
}

/** Return whether the log names a head that has the change. */
function isNamed(owed: Owed, judged: readonly Named[], seqs: ByteMap<number>): boolean {
  return judged.some(
    (one) =>
      equal(one.collection, owed.collection) &&
      one.day >= owed.since - SKEW_DAYS &&
      one.day <= owed.until + SKEW_DAYS &&
      (seqs.get(one.head) ?? -1) > owed.before,
  );
}

function encodeKept({ day, seen, owed, waiting }: Kept): Uint8Array {
  return encode([
    day,
    [...seen].sort(([one], [other]) => (hex(one) < hex(other) ? -1 : 1)).map(([id, one]) => [id, one.seq, one.day]),
    owed.map((one) => [one.collection, one.before, one.since, one.until]),
    waiting.map((one) => [one.collection, one.day, one.tag, one.head]),
  ]);
}

function decodeKept(row: Uint8Array): Kept {
  const [day, seen, owed, waiting] = shape.fields(decode(row), 4, "What was seen of the log of heads");
  const listOf = (value: unknown, count: number): (readonly unknown[])[] =>
    shape.items(value, "A list", { most: MAX_KEPT }).map((one) => shape.fields(one, count, "An entry"));
  const id = (value: unknown): Uint8Array => shape.raw(value, "An id", { length: 32 });
  const number = (value: unknown, least = 0): number => shape.number(value, "A number", { least });
  return {
    day: number(day),
    seen: new ByteMap(listOf(seen, 3).map(([one, seq, at]) => [id(one), { seq: number(seq, -1), day: number(at) }] as const)),
    owed: listOf(owed, 4).map(([one, before, since, until]) => ({
      collection: id(one),
      before: number(before, -1),
      since: number(since),
      until: number(until),
    })),
    waiting: listOf(waiting, 4).map(([one, at, tag, head]) => ({
      collection: id(one),
      day: number(at),
      tag: id(tag),
      head: id(head),
    })),
  };
}
