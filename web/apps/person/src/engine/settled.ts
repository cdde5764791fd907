/** What this person has decided of what others ask, as a page asks for it. Ids are hex. */

import { fromHex } from "@mindhaven/crypto";
import type { Mindhaven } from "@mindhaven/sdk";

import type { Floor } from "./rooms.ts";

export class SettledAsks {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Return how the ids begin of what was decided, on this device or another. */
  async all(): Promise<string[]> {
    return (await this.#client.settled()).all();
  }

  /** Keep that these were decided; nothing is sent for it. */
  async settle(items: readonly string[]): Promise<void> {
    const settled = await this.#client.settled();
    for (const one of items) await settled.settle(fromHex(one));
  }
}

/** Return what was decided. */
export function enter({ open }: Floor): SettledAsks {
  return new SettledAsks(open());
}
