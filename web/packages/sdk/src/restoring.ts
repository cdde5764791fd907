/**
 * A sync with a server that says that it was restored: what is brought back to it, and what it still lacks.
 *
 * Guarantees: nothing of another history is taken over; what it lacks, and where there are two histories, is told.
 * Does not: hide what such a server shows wrong otherwise: that is named as at any other time. I/O: server and store.
 */

import { ConflictError, IntegrityError, MindhavenError, equal, hex } from "@mindhaven/crypto";

import { mendAccount } from "./bringing.ts";
import { Choices } from "./choices.ts";
import type { Mindhaven } from "./client.ts";
import { RollbackError } from "./errors.ts";
import { Offering, type Offered } from "./offering.ts";
import type { CollectionShown, ListingShown } from "./wire.ts";

/** What a pull says of a history that is not the one on this device. */
const SPLIT: ReadonlySet<string> = new Set(["rollback", "fork", "chain-fork", "chain-order"]);
const STAY = "Your entries here stay.";

/**
 * What a sync did about a server that was restored.
 *
 * `behind`: collections of which it still lacks a part, until another device brings it. `split`: those with two
 * histories: see `Mindhaven.histories`. `lost`: in how many its content is missing of records that its history names.
 */
export interface Restored extends Offered {
  readonly behind: readonly Uint8Array[];
  readonly split: readonly Uint8Array[];
  readonly lost: number;
}

/** One sync while a restored server takes back what it lost. */
export class Restoring {
  readonly #client: Mindhaven;
  readonly #behind = new Map<string, Uint8Array>();
  readonly #split = new Map<string, Uint8Array>();
  #offered: Offered = { commits: 0, records: 0 };

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Bring back what the server lost, account chains first: what they signed is judged by them. */
  async begin(shown: ListingShown): Promise<void> {
    await mendAccount(this.#client);
    this.#offered = await new Offering(this.#client).offer(shown);
    // A no that a restore lost stands again as soon as a device that knows it comes; what fails is told where they are shown.
    await new Choices(this.#client).giveBack().catch((error: unknown) => {
      if (!(error instanceof MindhavenError)) throw error;
    });
  }

  /** Compare the server's list with one's own: what is not shown, or with an older head, is behind. */
  check(shown: readonly CollectionShown[]): void {
    const there = new Map(shown.map((one) => [hex(one.id), one]));
    for (const id of this.#client.listing.missing(shown)) this.#behind.set(hex(id), id);
    for (const [name, [seq]] of this.#client.listing.noted()) {
      const one = there.get(name);
      if (one !== undefined && one.seq < seq) this.#behind.set(name, one.id);
    }
  }

  /** Tell whether an error says that the server has another or a shorter history of a collection; it is noted then. */
  takes(error: unknown, one: CollectionShown): boolean {
    if (!isOfHistory(error)) return false;
    const mine = this.#client.vault.commitHash(one.id, one.seq);
    const noted = mine !== null && equal(mine, one.head) ? this.#behind : this.#split;
    noted.set(hex(one.id), one.id);
    return true;
  }

  /** Return why what would go to such a collection is held, null for an error of another kind. */
  holds(error: unknown): MindhavenError | null {
    if (!isOfHistory(error)) return null;
    return new ConflictError("The restored server has another history there.", { code: "split", hint: STAY });
  }

  /** Return what it means if this error came of one's own list, or the error itself. */
  ofIndex(error: unknown): unknown {
    if (!isOfHistory(error)) return error;
    return new RollbackError("The server was restored and has another history of your list.", {
      code: "index-split",
      hint: `${STAY} See what it lacks, and decide how to go on.`,
      cause: error,
    });
  }

  /** Tell whether a collection is as it was before the restore, or went on from there. */
  get whole(): boolean {
    return this.#behind.size === 0 && this.#split.size === 0;
  }

  result(): Restored {
    const split = [...this.#split.values()];
    const behind = [...this.#behind].filter(([name]) => !this.#split.has(name)).map(([, id]) => id);
    const all = this.#client.listing.collections();
    const lost = all.filter((one) => this.#client.vault.withheld(one.id) > 0).length;
    return { ...this.#offered, behind, split, lost };
  }
}

/** Tell whether an error says that a history is not the one on this device. */
export function isOfHistory(error: unknown): error is IntegrityError {
  return error instanceof IntegrityError && SPLIT.has(error.reason);
}
