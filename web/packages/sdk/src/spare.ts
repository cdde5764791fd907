/** A new spare key in the place of the old one. I/O: server, through `access`. */

import { InvalidInputError, slots, type SlotSecret } from "@mindhaven/crypto";

import type { Opened } from "./access.ts";
import type { Mindhaven } from "./client.ts";
import { namelessSlot } from "./ways.ts";

/**
 * Put `key` in the place of the spare key, or add it where there is none.
 *
 * `opened` are the ways in opened for it. Returns when it counts (seconds since 1970): null is now, with two ways opened;
 * with one it waits, and the old one works until then. A lock (`Locks`) learns it when it is opened next.
 */
export async function setSpareKey(client: Mindhaven, opened: readonly Opened[], key: SlotSecret): Promise<number | null> {
  const root = opened.at(-1)?.root;
  if (root === undefined) throw new InvalidInputError("Open one of your ways in first.", { code: "slot-now-needed" });
  const { ways } = await client.entrance.all();
  const slot = namelessSlot(key, slots.SlotKind.RECOVERY_KEY);
  const old = ways.find((one) => one.kind === slots.SlotKind.RECOVERY_KEY);
  if (old === undefined) return client.access.change(root, { fresh: "nothing", add: [slot] });
  return client.access.change(root, { fresh: "root", replace: { id: old.id, slot } });
}
