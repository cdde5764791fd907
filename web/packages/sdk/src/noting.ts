/** Writing down heads in the index, with what else is kept there (spec/index.md steps 4 and 5). I/O: server and store. */

import { equal, hex } from "@mindhaven/crypto";

import { encodeBody, type JsonObject } from "./canonical.ts";
import { HEADS, type Listing } from "./listing.ts";
import { besideHeads } from "./settled.ts";
import type { LocalStore } from "./store.ts";
import type { Vault } from "./vault.ts";

/** Do what `Listing.noteHeads` promises. */
export async function noteHeads(
  listing: Listing,
  vault: Vault,
  store: LocalStore,
  collections: readonly Uint8Array[],
  anew: readonly Uint8Array[],
): Promise<void> {
  const noted = listing.noted();
  const listed = new Set(listing.collections().map((one) => hex(one.id)));
  const heads: Record<string, [number, string]> = Object.fromEntries([...noted].filter(([name]) => listed.has(name)));
  for (const collection of collections) {
    const state = vault.state(collection);
    if (state === null || (listing.id !== null && equal(collection, listing.id))) continue;
    const name = hex(collection);
    const later = state.seq >= (noted.get(name)?.[0] ?? 0) || anew.includes(collection);
    if (later) heads[name] = [state.seq, hex(state.head)];
  }
  const [known] = listing.entries(HEADS);
  if (Object.keys(heads).length === 0) return;
  if (known !== undefined && equal(asBytes(known.body["heads"]), asBytes(heads))) return;
  const { body, said } = besideHeads(listing, store);
  await listing.put(HEADS, { ...known?.body, heads, ...body }, known);
  said();
}

function asBytes(heads: unknown): Uint8Array {
  return encodeBody({ heads: heads as JsonObject });
}
