/** What the page asks of the locker, typed; and what went wrong, in the words of this area. */

import { EngineError } from "@mindhaven/sdk/browser";

import { api, attempt } from "../../app.ts";
import type { Locker } from "../../engine/locker.ts";
import { say } from "./words.ts";

/** Ask for one of the locker's acts. */
export async function locker<Name extends keyof Locker>(
  name: Name,
  ...args: Parameters<Locker[Name]>
): Promise<Awaited<ReturnType<Locker[Name]>>> {
  return (await api().act("locker", name, args)) as Awaited<ReturnType<Locker[Name]>>;
}

const TOLD = new Map([
  ["lock-closed", say.wrong],
  ["lock-needed", say.closedMeanwhile],
  ["lock-recovery-unknown", say.wrong],
]);

/** Do something; what goes wrong is said as this area says it. Returns whether it went well. */
export async function tried(act: () => Promise<void>): Promise<boolean> {
  return attempt(async () => {
    try {
      await act();
    } catch (error) {
      const told = error instanceof EngineError ? TOLD.get(error.reason) : undefined;
      throw told === undefined ? error : new EngineError({ message: told, reason: "told", family: "Told", hint: undefined });
    }
  });
}
