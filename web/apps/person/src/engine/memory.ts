/** Rows that are kept nowhere: for a device that is shared. They end with the page. No I/O. */

import { MemoryRows, type Rows } from "@mindhaven/sdk";

/** What the engine needs of rows: sealed ones, and a few plain ones that are needed before anything is unlocked. */
export interface Rested extends Rows {
  plain(key: string): Promise<unknown>;
  putPlain(key: string, value: unknown): Promise<void>;
  close(): void;
}

export class PassingRows implements Rested {
  readonly #rows = new MemoryRows();
  readonly #plain = new Map<string, unknown>();

  load(): ReturnType<MemoryRows["load"]> {
    return this.#rows.load();
  }

  write(puts: ReadonlyMap<string, Uint8Array>, removes: readonly string[]): ReturnType<MemoryRows["write"]> {
    return this.#rows.write(puts, removes);
  }

  plain(key: string): Promise<unknown> {
    return Promise.resolve(this.#plain.get(key));
  }

  putPlain(key: string, value: unknown): Promise<void> {
    this.#plain.set(key, value);
    return Promise.resolve();
  }

  close(): void {
    this.#plain.clear();
  }
}
