/** Where a restored server has another history than this device: what each lacks, and going on with both. Ids are hex. */

import { equal, fromHex, hex } from "@mindhaven/crypto";
import type { Mindhaven, Split } from "@mindhaven/sdk";

import type { Floor } from "./rooms.ts";
import { shownEntry, shownSynced } from "./showing.ts";
import type { EntryShown, SyncedShown } from "./shown.ts";

/**
 * One part with two histories. `part`: null is one's own list of parts and people; `owner`: who decides, null is oneself.
 *
 * `again`: what this person wrote and the server lacks, which is sent again; locked entries go along unseen. `others`: how
 * many entries of others it lacks, `shut`: how many of one's own that do not open here; both leave this device. `erased`:
 * how many that were removed are there again.
 */
export interface SplitShown {
  readonly id: string;
  readonly part: string | null;
  readonly owner: string | null;
  readonly can: Split["can"];
  readonly again: readonly EntryShown[];
  readonly others: number;
  readonly shut: number;
  readonly erased: number;
}

export class Histories {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Compare with the server; changes nothing. */
  async look(): Promise<SplitShown[]> {
    return (await (await this.#client.histories()).splits()).map((one) => this.#shown(one));
  }

  #shown({ collection, can, lost, mine, erased }: Split): SplitShown {
    const { access, entries, listing } = this.#client;
    const isList = listing.id !== null && equal(collection, listing.id);
    const me = access.needMe().uid;
    const owner = listing.ownerOf(collection);
    const own = owner === null || equal(owner, me);
    const items = new Set(mine.map((one) => hex(one.item)));
    const here = isList ? [] : entries.all().filter((one) => items.has(hex(one.item)));
    const written = lost.filter((one) => equal(one.state.author, me)).length;
    return {
      id: hex(collection),
      part: isList ? null : (listing.listed(collection)?.name ?? ""),
      owner: own ? null : (listing.contacts().find((one) => equal(one.uid, owner))?.name ?? ""),
      can,
      again: here.map(shownEntry).reverse(),
      others: isList ? 0 : lost.length - written,
      shut: isList ? 0 : written - mine.length,
      erased: isList ? 0 : erased,
    };
  }

  /** Go on from the server's history in these parts, which were shown, and send again what it lacks. */
  async goOn(parts: readonly string[]): Promise<SyncedShown> {
    const histories = await this.#client.histories();
    for (const one of parts) await histories.rejoin(fromHex(one));
    return shownSynced(await this.#client.sync());
  }
}

/** Return what compares and goes on. */
export function enter({ open }: Floor): Histories {
  return new Histories(open());
}
