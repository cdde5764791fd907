/** The ways to unlock this device, as they rest beside its sealed rows. I/O: the browser's storage. */

import { slots, type SealKey } from "@mindhaven/crypto";
import { lockWith, type Key, type LockWay } from "@mindhaven/sdk/browser";

import type { Rested } from "./memory.ts";

const LOCK = "lock";

interface Lock {
  readonly ways: readonly LockWay[];
}

/** Return the ways to unlock what is here, null if nothing is. */
export async function lockWays(rows: Rested): Promise<readonly LockWay[] | null> {
  return ((await rows.plain(LOCK)) as Lock | undefined)?.ways ?? null;
}

/**
 * Let `key` unlock this device; new words take the place of the old ones, passkeys stand side by side.
 *
 * `waits`: while it does not count for the account, what it takes the place of stays beside it.
 */
export async function addLock(rows: Rested, key: Key, storeKey: SealKey, waits: Uint8Array | null = null): Promise<void> {
  const way = await lockWith(key, storeKey);
  const there = (await lockWays(rows)) ?? [];
  if (waits !== null) return keepLocks(rows, [...there, { ...way, waits }]);
  await keepLocks(rows, [...there.filter((one) => one.kind !== way.kind || one.kind === slots.SlotKind.PASSKEY), way]);
}

/** Keep these as the ways to unlock what is here, and no others. */
export async function keepLocks(rows: Rested, ways: readonly LockWay[]): Promise<void> {
  await rows.putPlain(LOCK, { ways } satisfies Lock);
}
