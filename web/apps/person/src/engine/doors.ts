/** Ways in as a person changes them: asked of the account, and kept as ways to unlock this device. */

import { fromHex, hex } from "@mindhaven/crypto";
import { checkNew, type Mindhaven, type Opened } from "@mindhaven/sdk";
import { secretOf, type Key } from "@mindhaven/sdk/browser";

import { kindOf } from "./showing.ts";
import type { WaysShown } from "./shown.ts";

/** What changing ways in needs of the engine. */
export interface House {
  /** Return the client; throws (locked) if nothing is unlocked. */
  readonly open: () => Mindhaven;
  /** Open a way in of the account once more. */
  readonly openWay: (key: Key) => Promise<Opened>;
  /** Let this key unlock this device too. */
  readonly addLock: (key: Key) => Promise<void>;
}

export class Doors {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  async ways(): Promise<WaysShown> {
    const { ways, waiting, code } = await this.#house.open().entrance.all();
    return {
      kinds: ways.map((one) => kindOf(one.kind)),
      waiting: waiting.map(({ id, dueAt }) => ({ id: hex(id), dueAt })),
      code,
    };
  }

  /** Throw (passphrase-short, passphrase-easy) for new words that are easy to guess. */
  checkWords(words: string): void {
    checkNew(words);
  }

  /**
   * Add a passkey, or set new words, by the ways in that `opened` opens once more; this device opens by it at once.
   *
   * Returns when it counts for the account (seconds since 1970; null: now).
   */
  async addWay(fresh: Key, opened: readonly Key[]): Promise<number | null> {
    const client = this.#house.open();
    const ways: Opened[] = [];
    for (const key of opened) ways.push(await this.#house.openWay(key));
    const known = secretOf(fresh);
    const last = ways.at(-1);
    if (last === undefined || fresh.with === "spare") throw new TypeError("a way in that is not added so");
    const dueAt = await client.inTurn(() =>
      fresh.with === "passphrase" || known === null
        ? client.entrance.setPassphrase(ways, fresh.with === "passphrase" ? fresh.words : "")
        : client.entrance.addPasskey(last, known.secret),
    );
    await this.#house.addLock(fresh);
    return dueAt;
  }

  async stopChange(id: string): Promise<void> {
    await this.#house.open().entrance.stop(fromHex(id));
  }

  /** Make a secret for an authenticator app; `key` opens a way in once more. */
  async startCode(key: Key): Promise<string> {
    await this.#house.openWay(key);
    return this.#house.open().entrance.startCode();
  }

  async codeOn(code: string): Promise<void> {
    await this.#house.open().entrance.codeOn(code);
  }

  async codeOff(key: Key): Promise<void> {
    await this.#house.openWay(key);
    await this.#house.open().entrance.codeOff();
  }
}
