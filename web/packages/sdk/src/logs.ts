/**
 * Reading a server's logs: checkpoints that only grow, tiles and entries checked against them.
 *
 * Guarantees: a log's keys are the ones that this device saw first; every checkpoint extends the one before it; what
 * does not is a named error, and what was kept stays. Does not: say what an entry means (`vouching`, `heads`).
 * I/O: server and local store. Implements spec/ledger.md steps 1, 5, 11 and 12.
 */

import { IntegrityError, decode, encode, equal, ledger, shape, tlog } from "@mindhaven/crypto";

import { Reader } from "./read.ts";
import type { LocalStore, Writer } from "./store.ts";
import type { Transport } from "./transport.ts";
import { POLICY } from "./vouching.ts";

const KEYS = "ledger/keys";
/** A tree's edge has one root a level, and no log is larger than 2^53 entries. */
const MAX_ROOTS = 53;
const FORKED =
  "Keep this device as it is; both signed texts are proof. Tell the people you trust.";

/** Whether others vouch for a checkpoint: nobody is asked to, enough do, or too few. */
export type Quorum = "none" | "met" | "missing";

/** A log as this device last verified it; `vouchedAt` is when a quorum saw it (seconds since 1970 UTC; null: none). */
export interface LogState {
  readonly checkpoint: tlog.Checkpoint;
  readonly quorum: Quorum;
  readonly vouchedAt: number | null;
}

/** How far a log was read; `keepScanned` keeps it once what was read has been judged. */
export interface Scanned {
  readonly name: string;
  readonly state: LogState;
  readonly edge: tlog.Edge;
}

/** The logs of one server. */
export class Logs {
  readonly #store: LocalStore;
  readonly #transport: Transport;
  #keys: Map<string, tlog.VerifierKey> | null = null;

  constructor(store: LocalStore, transport: Transport) {
    this.#store = store;
    this.#transport = transport;
  }

  // -- whom to trust

  /** Return the logs' keys: those that this device saw first. Throws `IntegrityError` (log-missing, log-key-changed). */
  async keys(): Promise<ReadonlyMap<string, tlog.VerifierKey>> {
    if (this.#keys !== null) return this.#keys;
    const answer = new Reader(await this.#transport.call("GET", "/v1/ledger", undefined, { open: true }));
    const shown = answer.list("logs", (one) => {
      const log = new Reader(one);
      return [log.text("name"), tlog.VerifierKey.parse(log.text("vkey"))] as const;
    });
    const found = new Map(shown);
    if (found.size !== ledger.LOGS.length || !ledger.LOGS.every((name) => found.has(name))) {
      throw new IntegrityError("The server does not show its three logs.", { code: "log-missing" });
    }
    const seen = this.#seenKeys();
    const said = ledger.LOGS.map((name) => [name, String(found.get(name))]);
    if (seen === null) this.#store.put(KEYS, encode(said));
    else if (!equal(seen, encode(said))) {
      throw new IntegrityError("The server's logs have other keys than this device has seen.", {
        code: "log-key-changed",
        hint: "Ask the people who run the server why. Until then, compare safety words before you share.",
      });
    }
    this.#keys = found;
    return found;
  }

  #seenKeys(): Uint8Array | null {
    return this.#store.get(KEYS);
  }

  /** Return the policy that was set. */
  policy(): tlog.Policy {
    const text = this.#store.get(POLICY) ?? new Uint8Array(0);
    return text.length > 0 ? tlog.Policy.parse(text) : new tlog.Policy();
  }

  // -- checkpoints

  /** Fetch a log's checkpoint, verify it against the one kept, and keep it. Throws `IntegrityError`: step 11. */
  async newest(name: string): Promise<LogState> {
    return (await this.newestSigned(name)).state;
  }

  /** Do the same; return the signed note beside it, for whoever is shown it. */
  async newestSigned(name: string): Promise<{ state: LogState; note: tlog.Note }> {
    const data = await this.#transport.raw(`/log/${name}/checkpoint`);
    return { state: await this.accept(name, data), note: tlog.Note.parse(data) };
  }

  /** Verify a checkpoint against the one kept, and keep it. */
  async accept(name: string, data: Uint8Array): Promise<LogState> {
    const note = tlog.Note.parse(data);
    const key = (await this.keys()).get(name);
    if (key === undefined) throw new TypeError(`no such log: ${name}`);
    const checkpoint = await tlog.openCheckpoint(note, key);
    const before = this.#store.get(`log/${name}`);
    if (before !== null) await this.#extends(name, tlog.parseCheckpoint(tlog.Note.parse(before).text), checkpoint);
    const policy = this.policy();
    const times = await policy.cosigned(note);
    const met = policy.met(new Set(times.keys()));
    this.#store.put(`log/${name}`, data);
    return {
      checkpoint,
      quorum: policy.quorum === tlog.NONE ? "none" : met ? "met" : "missing",
      vouchedAt: policy.quorumTime(times) ?? null,
    };
  }

  async #extends(name: string, before: tlog.Checkpoint, after: tlog.Checkpoint): Promise<void> {
    if (after.size === before.size && !equal(after.root, before.root)) {
      throw new IntegrityError(
        "The server signed two different logs of one size: it shows people different things.",
        { code: "log-fork", hint: FORKED },
      );
    }
    const proof = tlog.consistency(Math.min(before.size, after.size), after.size);
    const hashes = after.size > before.size ? proof.hashes(await this.#tiles(name, after.size, proof.tiles)) : [];
    tlog.verifyConsistency(before, after, hashes);
  }

  /** Return the hashes that lead from the entry at `index` to a checkpoint's root; whether they do, the caller checks. */
  async inclusion(name: string, index: number, { size }: tlog.Checkpoint): Promise<Uint8Array[]> {
    const proof = tlog.inclusion(index, size);
    return proof.hashes(await this.#tiles(name, size, proof.tiles));
  }

  /** Fetch tiles as wide as a log of `size` has them; what they prove is checked by the proof. */
  async #tiles(name: string, size: number, wanted: readonly tlog.Tile[]): Promise<Map<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for (const tile of wanted) {
      const width = tlog.widthAt(tile, size);
      const data = await this.#transport.raw(`/log/${name}/${tlog.tilePath(tile, width)}`);
      if (data.length !== width * tlog.HASH_BYTES) {
        throw new IntegrityError("A tile of the log is missing or too short.", { code: "tile-missing" });
      }
      found.set(tlog.tilePath(tile), data);
    }
    return found;
  }

  // -- whole logs

  /**
   * Read a log's entries from where this device stands (`anew`: from the first) and verify them all.
   *
   * `take` is called with tag and rest of each; it must keep nothing before this returns without an error. The place is
   * kept by `keepScanned`, once what was read has been judged: until then it is read again.
   */
  async scan(
    name: string,
    take: (tag: Uint8Array, rest: Uint8Array) => void,
    { anew = false } = {},
  ): Promise<Scanned> {
    const state = await this.newest(name);
    const { size, root } = state.checkpoint;
    const edge = anew ? new tlog.Edge() : this.#place(name);
    if (edge.size > size) throw new IntegrityError("A log is smaller than it was.", { code: "log-shrunk" });
    while (edge.size < size) {
      const number = Math.floor(edge.size / tlog.WIDTH);
      const skip = edge.size % tlog.WIDTH;
      const width = Math.min(tlog.WIDTH, size - number * tlog.WIDTH);
      const data = await this.#transport.raw(`/log/${name}/${tlog.bundlePath(number, width)}`);
      for (const entry of tlog.readBundle(data, { width }).slice(skip)) {
        take(...ledger.split(entry));
        edge.add(tlog.leafHash(entry));
      }
    }
    if (!equal(edge.root(), root)) {
      throw new IntegrityError("The entries of the log are not those that it signed.", { code: "log-rewritten" });
    }
    return { name, state, edge };
  }

  #place(name: string): tlog.Edge {
    const row = this.#store.get(`scan/${name}`);
    if (row === null) return new tlog.Edge();
    const [size, roots] = shape.fields(decode(row), 2, "A place in a log");
    const hashes = shape.items(roots, "The roots of an edge", { most: MAX_ROOTS });
    return new tlog.Edge(
      shape.number(size, "A log's size"),
      hashes.map((one) => shape.raw(one, "A root", { length: tlog.HASH_BYTES })),
    );
  }
}

/** Keep how far a log was read and judged. */
export function keepScanned(out: Writer, { name, edge }: Scanned): void {
  out.put(`scan/${name}`, encode([edge.size, [...edge.roots]]));
}
