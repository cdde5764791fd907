/**
 * New ways in that wait, as ways to unlock this device: beside the old ones until the account says what became of them.
 *
 * Guarantees: what was stopped, on whatever device, opens this one no more, and what it was to take the place of does;
 * once it counts it is the other way round. I/O: server, the browser's storage.
 */

import { Signed, equal, slots } from "@mindhaven/crypto";
import type { Mindhaven } from "@mindhaven/sdk";
import type { LockWay } from "@mindhaven/sdk/browser";

import type { House } from "./doors.ts";
import type { Floor } from "./rooms.ts";

/** Return the hash of the statement that counts from then on (seconds since 1970); null if none waits for that. */
export async function statementDue(client: Mindhaven, dueAt: number): Promise<Uint8Array | null> {
  const { waiting } = await client.entrance.all();
  return waiting.findLast((one) => one.dueAt === dueAt)?.statement ?? null;
}

export class Standing {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  /** Look what became of new ways in that waited; the server is asked only if there are some. */
  async settle(): Promise<void> {
    const ways = await this.#house.locks();
    if (ways.every((one) => one.waits === undefined)) return;
    const client = this.#house.open();
    const { waiting } = await client.entrance.all();
    const chain = client.people.statements(client.access.needMe().uid).map((one) => Signed.decode(one).hash("statement"));
    const has = (all: readonly Uint8Array[], hash: Uint8Array): boolean => all.some((one) => equal(one, hash));
    const stay = settled(ways, (hash) => {
      if (has(chain, hash)) return "counts";
      return has(waiting.map((one) => one.statement), hash) ? "waits" : "stopped";
    });
    // A device always keeps a way to unlock it.
    if (stay.length > 0) await this.#house.keepLocks(stay);
  }
}

/** Return the ways that stay, by what became of each statement. */
export function settled(ways: readonly LockWay[], became: (statement: Uint8Array) => "counts" | "waits" | "stopped"): LockWay[] {
  let stay = [...ways];
  for (const one of ways) {
    if (one.waits === undefined) continue;
    const now = became(one.waits);
    if (now === "stopped") stay = stay.filter((other) => other !== one);
    if (now !== "counts") continue;
    const { kind, params, box } = one;
    const others = stay.filter((other) => other !== one && (other.kind !== kind || kind === slots.SlotKind.PASSKEY));
    stay = [...others, { kind, params, box }];
  }
  return stay;
}

/** Return what looks after them. */
export function enter({ house }: Floor): Standing {
  return new Standing(house);
}
