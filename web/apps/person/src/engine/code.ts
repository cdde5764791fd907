/** A code from an authenticator app beside the words: turned on and off. I/O: server. */

import type { Key } from "@mindhaven/sdk/browser";

import type { House } from "./doors.ts";
import type { Floor } from "./rooms.ts";

export class CodeBeside {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  /** Make a secret for an authenticator app; `key` opens a way in once more. */
  async start(key: Key): Promise<string> {
    await this.#house.openWay(key);
    return this.#house.open().entrance.startCode();
  }

  async on(code: string): Promise<void> {
    await this.#house.open().entrance.codeOn(code);
  }

  async off(key: Key): Promise<void> {
    await this.#house.openWay(key);
    await this.#house.open().entrance.codeOff();
  }
}

/** Return what turns it on and off. */
export function enter({ house }: Floor): CodeBeside {
  return new CodeBeside(house);
}
