/** A real server of a test's own, backed up, ended and put back from its backup by the commands of an operator. */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { ROOT, start, type Running } from "./server.ts";
import type { Device } from "./world.ts";

const run = promisify(execFile);

/** What one test does before the backup, between it and the restore, and afterwards. */
export interface Scene {
  /** What is lost: done after the backup, at the server that is put back then. */
  readonly lose: () => Promise<void>;
  /** What is taken from the data while the server does not run. */
  readonly meanwhile?: (data: string) => void;
  readonly after: () => Promise<void>;
}

/** A server that is put back to an earlier day. */
export class Served {
  readonly #folder: string;
  readonly #devices: Device[] = [];
  #running: Running;

  private constructor(folder: string, running: Running) {
    this.#folder = folder;
    this.#running = running;
  }

  /** Start one in a folder of its own. */
  static async start(): Promise<Served> {
    const folder = await mkdtemp(join(tmpdir(), "mindhaven-restored-"));
    await writeFile(join(folder, "words"), "four herons and a kettle\n");
    return new Served(folder, await start(join(folder, "data")));
  }

  get url(): string {
    return this.#running.url;
  }

  /** Let a device reach it, also after the restore. */
  reached<T extends Device>(by: T): T {
    by.wire.at = this.url;
    this.#devices.push(by);
    return by;
  }

  /** Back it up, let the scenes lose what they lose, put it back from the backup, and serve that. */
  async restored(scenes: readonly Scene[]): Promise<void> {
    await this.#mindhaven("backup", "data");
    for (const one of scenes) await one.lose();
    await this.#running.stop();
    await this.#mindhaven("restore", "restored", "--keys", join(this.#folder, "data"));
    for (const one of scenes) one.meanwhile?.(join(this.#folder, "restored"));
    this.#running = await start(join(this.#folder, "restored"));
    for (const one of this.#devices) one.wire.at = this.url;
  }

  async end(): Promise<void> {
    await this.#running.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #mindhaven(command: string, data: string, ...more: readonly string[]): Promise<void> {
    const within = (name: string): string => join(this.#folder, name);
    const given = [command, within("backups"), "--data", within(data), "--passphrase-file", within("words")];
    await run(join(ROOT, ".venv/bin/mindhaven"), [...given, ...more], { cwd: ROOT });
  }
}
