/** Policies (C2SP tlog-policy): which log, which witnesses, and how many of them must have cosigned. No I/O. */

import { IntegrityError } from "../errors.ts";
import { type Checkpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { cosignedAt } from "./cosignature.ts";
import type { Note, VerifierKey } from "./note.ts";
import { parsePolicy } from "./policy_lines.ts";

/** The quorum that is nobody's. */
export const NONE = "none";

/** One witness: how the policy calls it, its key, and where it takes checkpoints ("" if that is not said). */
export interface Witness {
  readonly name: string;
  readonly key: VerifierKey;
  readonly url: string;
}

/** At least `needs` of `members` (names of witnesses or earlier groups). */
export interface Group {
  readonly needs: number;
  readonly members: readonly string[];
}

/** A log that the policy names, and where it lies ("" if that is not said). */
export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url: string;
}

/** What a policy's lines say. */
export interface PolicyFields {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: ReadonlyMap<string, Witness>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly quorum: string;
}

/** When each known witness cosigned (seconds since 1970 UTC), by its name in the policy. */
export type Times = ReadonlyMap<string, number>;

/** A checkpoint with when each known witness cosigned it. */
export interface Cosigned {
  readonly checkpoint: Checkpoint;
  readonly times: Times;
}

/** Logs, witnesses, groups, and the name (of a witness or a group) that is the quorum; `none`: nobody's. */
export class Policy implements PolicyFields {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: ReadonlyMap<string, Witness>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly quorum: string;

  constructor(fields: Partial<PolicyFields> = {}) {
    this.logs = fields.logs ?? [];
    this.witnesses = fields.witnesses ?? new Map<string, Witness>();
    this.groups = fields.groups ?? new Map<string, Group>();
    this.quorum = fields.quorum ?? NONE;
  }

  /** Read a policy file; raise `InvalidInputError` (policy), naming the line. */
  static parse(data: Uint8Array): Policy {
    return new Policy(parsePolicy(data));
  }

  /** Return which witnesses cosigned, and when; raise `IntegrityError` (note-signature). */
  async cosigned(note: Note): Promise<Times> {
    const times = new Map<string, number>();
    for (const [name, witness] of this.witnesses) {
      const time = await cosignedAt(note, witness.key);
      if (time !== undefined) times.set(name, time);
    }
    return times;
  }

  /** Return whether those witnesses are a quorum. */
  met(names: ReadonlySet<string>): boolean {
    return this.quorum === NONE || this.#met(this.quorum, names);
  }

  #met(name: string, names: ReadonlySet<string>): boolean {
    const group = this.groups.get(name);
    if (group === undefined) return names.has(name);
    return group.members.filter((one) => this.#met(one, names)).length >= group.needs;
  }

  /**
   * Return the checkpoint that `log` (or the log of that origin in the policy) signed and a quorum cosigned.
   *
   * Raises what `openCheckpoint` raises, and `IntegrityError` (quorum).
   */
  async open(note: Note, log?: VerifierKey): Promise<Cosigned> {
    const checkpoint = await openCheckpoint(note, log ?? this.#logOf(note));
    const times = await this.cosigned(note);
    if (!this.met(new Set(times.keys()))) {
      throw new IntegrityError("Too few witnesses vouch for this state of the log.", {
        hint: "Nothing needs to be wrong: a witness may be away. Do not trust a new key before they are back.",
        code: "quorum",
      });
    }
    return { checkpoint, times };
  }

  #logOf(note: Note): VerifierKey {
    const { origin } = parseCheckpoint(note.text);
    const found = this.logs.find(({ key }) => key.name === origin);
    if (found === undefined) {
      throw new IntegrityError("This checkpoint is of a log that the policy does not name.", {
        code: "checkpoint-origin",
      });
    }
    return found.key;
  }

  /** Return the latest time such that the witnesses which cosigned then or later are a quorum; undefined without. */
  quorumTime(times: Times): number | undefined {
    if (this.quorum === NONE) return undefined;
    const since = (time: number): ReadonlySet<string> =>
      new Set([...times].filter(([, one]) => one >= time).map(([name]) => name));
    return [...times.values()].sort((one, other) => other - one).find((time) => this.met(since(time)));
  }
}
