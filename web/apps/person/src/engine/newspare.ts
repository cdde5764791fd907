/** Making a new spare key: its rows are shown and two given back before anything is changed. Nothing of it rests. */

import { InvalidInputError, SlotSecret, recovery } from "@mindhaven/crypto";
import type { Opened } from "@mindhaven/sdk";
import type { Key } from "@mindhaven/sdk/browser";

import type { House } from "./doors.ts";
import type { Floor } from "./rooms.ts";
import { normal } from "./showing.ts";

/** How many rows are asked back, of eight. */
const ROWS_ASKED = 2;

export class NewSpare {
  readonly #house: House;
  readonly #key = SlotSecret.fresh();
  #proven = false;

  constructor(house: House) {
    this.#house = house;
  }

  /** Return its eight rows. */
  rows(): Promise<string[]> {
    return Promise.resolve(recovery.rows(this.#key));
  }

  /** Take two rows back, as proof that the key is kept; throws (spare-row) for one that is not right. */
  async prove(given: Readonly<Record<number, string>>): Promise<void> {
    const rows = await this.rows();
    const wrong = Object.entries(given).find(([row, text]) => normal(text) !== rows[Number(row)]);
    if (wrong !== undefined || Object.keys(given).length < ROWS_ASKED) {
      throw new InvalidInputError(`Row ${String(Number(wrong?.[0] ?? 0) + 1)} is not the same as on your key.`, {
        code: "spare-row",
        hint: "Look at that row again.",
      });
    }
    this.#proven = true;
  }

  /** Let it count, by ways in that are opened once more; returns when (seconds since 1970; null: now). */
  async set(keys: readonly Key[], here: Key | null): Promise<number | null> {
    if (!this.#proven) throw new InvalidInputError("Keep the spare key first.", { code: "spare-needed" });
    try {
      await this.#house.unlockAgain(here === null ? keys : [here]);
      const opened: Opened[] = [];
      for (const key of keys) opened.push(await this.#house.openWay(key));
      const client = this.#house.open();
      const dueAt = await client.inTurn(() => client.setSpareKey(opened, this.#key));
      await this.#house.addLock({ with: "spare", rows: (await this.rows()).join("") }, dueAt);
      return dueAt;
    } finally {
      this.#house.letGo();
    }
  }
}

/** Return a key that nobody has yet. */
export function enter({ house }: Floor): NewSpare {
  return new NewSpare(house);
}
