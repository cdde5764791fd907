/**
 * An entry of docs/attacks/browser.md, played three times: all honest, with the lie, and with the lie and its check off.
 */

import { MindhavenError } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { ENTRIES, type Entry, type EntryName } from "./entries.ts";

declare global {
  var mindhavenOff: ((names: readonly string[]) => boolean) | undefined;
  var mindhavenChecks: Set<string> | undefined;
}

type Act = () => Promise<unknown>;

/** Run `act` without the named checks; a name that fits no statement of the code fails. */
export async function without<T>(names: readonly string[], act: () => Promise<T>): Promise<T> {
  const missing = names.filter((name) => globalThis.mindhavenChecks?.has(name) !== true);
  expect(missing, "no such check in the code").toEqual([]);
  const off = new Set(names);
  globalThis.mindhavenOff = (found) => found.some((name) => off.has(name));
  try {
    return await act();
  } finally {
    globalThis.mindhavenOff = undefined;
  }
}

/** Return the error that `act` ends with; fails if it does not. */
export async function errorOf(act: Act): Promise<MindhavenError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof MindhavenError) return error;
    throw error;
  }
  throw new Error("nothing was told");
}

/** One entry as it is played; what was left out fails the test at its end. */
export class Play {
  readonly #entry: Entry;
  readonly #done = new Set<string>();

  constructor(entry: Entry) {
    this.#entry = entry;
  }

  /** All are honest: what is asked works. */
  async honest(act: Act): Promise<void> {
    await act();
    this.#done.add("honest");
  }

  /** The lie is told; the error that names it must come. */
  async lie(act: Act): Promise<MindhavenError> {
    const error = await errorOf(act);
    this.named(error.reason);
    expect(error.message).toMatch(/\.$/);
    return error;
  }

  /** The lie was told in another way than by an error of the call. */
  named(reason: string | null): void {
    expect(reason).toBe(this.#entry.named);
    this.#done.add("lie");
  }

  /** The named checks are off; `act` must show that the lie does what the entry says. */
  async off<T>(act: () => Promise<T>): Promise<T> {
    const result = await without(this.#entry.off, act);
    this.#done.add("off");
    return result;
  }

  end(): void {
    expect([...this.#done].sort()).toEqual(["honest", "lie", "off"]);
  }
}

/** Define the test that plays an entry. */
export function attack(name: EntryName, scene: (play: Play) => Promise<void>, timeout?: number): void {
  test(name, { ...(timeout === undefined ? {} : { timeout }) }, async () => {
    const play = new Play(ENTRIES[name]);
    await scene(play);
    play.end();
  });
}
