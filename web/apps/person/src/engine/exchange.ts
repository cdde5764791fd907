/** Everything as a file, and files of other apps, as a page asks for it; each part is loaded when it is first asked for. */

import type { Mindhaven } from "@mindhaven/sdk";

import type { Bringing } from "./bringing.ts";
import type { Given, Wanted } from "./giving.ts";
import type { BatchShown, Looked, Progress, Telling } from "./imports.ts";

export class Exchange {
  readonly #open: () => Mindhaven;
  /** The file that is being brought in, until this is locked. */
  #bringing: Bringing | null = null;

  /** `open` returns the client; throws (locked) if nothing is unlocked. */
  constructor(open: () => Mindhaven) {
    this.#open = open;
  }

  /** Return one's own entries as a file that other programs open; nothing is sent anywhere. */
  async give(wanted: Wanted): Promise<Given> {
    return (await import("./giving.ts")).give(this.#open(), wanted);
  }

  async #bring(): Promise<Bringing> {
    const { Bringing } = await import("./bringing.ts");
    this.#bringing ??= new Bringing(this.#open());
    return this.#bringing;
  }

  /** Return what a file of another app holds; nothing is written. */
  async lookInto(file: File, told: Telling): Promise<Looked> {
    return (await this.#bring()).look(file, told);
  }

  /** Bring some more of that file in. */
  async bringMore(): Promise<Progress> {
    return (await this.#bring()).more();
  }

  /** Return what was brought in on this device, the newest first. */
  async brought(): Promise<BatchShown[]> {
    return (await this.#bring()).batches();
  }

  /** Take back what was brought in under this number; return how many entries went. */
  async takeBack(number: number): Promise<number> {
    return (await this.#bring()).takeBack(number);
  }

  /** Let go of what was read of a file. */
  letGo(): void {
    this.#bringing = null;
  }
}
