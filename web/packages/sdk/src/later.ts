/**
 * What a page does not wait for: loaded by the first sync, or what asks for a part of it before.
 *
 * One module and not several: what two of them share would otherwise be cut out of what is loaded first, which grew it
 * by 700 bytes (measured).
 */

import { ActivityReader, type Activity } from "./activity.ts";
import { keepAccount } from "./bringing.ts";
import type { Mindhaven } from "./client.ts";
import { Choices } from "./choices.ts";
import { Receipts } from "./receipts.ts";
import { Reminders } from "./reminders.ts";
import { Restoring } from "./restoring.ts";
import type { After, Held } from "./syncing.ts";
import type { ListingShown } from "./wire.ts";

export { Agreements } from "./agreed.ts";
export { bringLost } from "./bringing.ts";
export { Choices } from "./choices.ts";
export { Files } from "./files.ts";
export { Grants } from "./granting.ts";
export { Locks } from "./locks.ts";
export { Looking } from "./looking.ts";
export { noteHeads } from "./noting.ts";
export { Parts } from "./parts.ts";
export { Pairing } from "./pairing.ts";
export { Receipts } from "./receipts.ts";
export { Reminders } from "./reminders.ts";
export { Rejoining } from "./rejoining.ts";
export { seen } from "./seen.ts";
export { Settled } from "./settled.ts";
export { setSpareKey } from "./spare.ts";
export { Unplaced } from "./unplaced.ts";

/** Bring back what a restored server lost, and return what tells of it for the rest of this sync. */
export async function restore(client: Mindhaven, shown: ListingShown): Promise<Restoring> {
  const restoring = new Restoring(client);
  await restoring.begin(shown);
  return restoring;
}

/** Keep what a server may lose, tell it what it lacks; return what is wrong with a receipt, and in words what is held. */
export async function afterSync(client: Mindhaven, held: readonly Held[]): Promise<After> {
  await keepAccount(client);
  await new Choices(client).policyBegun();
  await new Reminders(client).again();
  return { unkept: await new Receipts(client).checkIfDue(client.now()), held: held.map(heldText) };
}

function heldText({ count, error }: Held): string {
  if (count === 0) return `Something that is shared with you: ${error.message}`;
  return `${String(count)} ${count === 1 ? "entry stays" : "entries stay"} on this device. ${error.message}`;
}

/** Return who touched one's data: what is new is fetched and verified first. */
export async function activity(client: Mindhaven, asked?: { readonly since?: number }): Promise<Activity> {
  return new ActivityReader(client).read(asked);
}
