/** The ways to unlock this device, as they rest beside its sealed rows. I/O: the browser's storage. */

import { equal, slots, type SealKey } from "@mindhaven/crypto";
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

/** Let `key` unlock this device; new words take the place of the old ones, passkeys stand side by side. */
export async function addLock(rows: Rested, key: Key, storeKey: SealKey): Promise<void> {
  const way = await lockWith(key, storeKey);
  const there = (await lockWays(rows)) ?? [];
  const stay = there.filter((one) => one.kind !== way.kind || one.kind === slots.SlotKind.PASSKEY);
  await rows.putPlain(LOCK, { ways: [...stay, way] } satisfies Lock);
}

/** Let this passkey unlock this device no more. */
export async function dropLock(rows: Rested, credential: Uint8Array): Promise<void> {
  const there = (await lockWays(rows)) ?? [];
  const stay = there.filter((one) => one.kind !== slots.SlotKind.PASSKEY || !equal(one.params, credential));
  await rows.putPlain(LOCK, { ways: stay } satisfies Lock);
}
