/** Files of entries: attached, waiting for their entry, and read again. I/O: the server. */

import { fromHex } from "@mindhaven/crypto";
import type { Entry, Mindhaven, UnplacedFile } from "@mindhaven/sdk";

type Reference = Entry["files"][number];

export class Drawer {
  readonly #open: () => Mindhaven;

  /** `open` returns the client; throws (locked) if nothing is unlocked. */
  constructor(open: () => Mindhaven) {
    this.#open = open;
  }

  /** Seal a file for an entry of that part, and send it; it waits under the name of what is being written. */
  async attach(part: string, file: File, about: string): Promise<UnplacedFile> {
    return (await this.#open().unplaced()).attach(part, file, about);
  }

  /** Return what waits under that name, the oldest first; also after a lock. */
  async waiting(about: string): Promise<UnplacedFile[]> {
    return (await this.#open().unplaced()).shown(about);
  }

  /** Return the bytes of a file that waits, once every part of it was verified. */
  async readWaiting(id: string): Promise<Blob> {
    return (await this.#open().unplaced()).read(id);
  }

  /** Let go of a file that waits. */
  async putAway(id: string): Promise<void> {
    await (await this.#open().unplaced()).drop([id]);
  }

  /** Let `use` write what waits under these ids into an entry; where it throws they go on waiting. */
  async taken<T>(ids: readonly string[], use: (files: readonly Reference[]) => T): Promise<T> {
    if (ids.length === 0) return use([]);
    const waiting = await this.#open().unplaced();
    const result = use(await waiting.references(ids));
    await waiting.drop(ids);
    return result;
  }

  /** Return an entry's file, once every part of it was verified. */
  async readFile(item: string, number: number): Promise<Blob> {
    const client = this.#open();
    return (await client.files()).read(client.entries.one(fromHex(item)), number);
  }
}
