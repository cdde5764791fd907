/**
 * What this person has decided of what others ask: on every device of theirs, and known to nobody else (spec/index.md step 5).
 *
 * Guarantees: it leaves this device only within the note of heads, when that is written anyway, and in a field that is as
 * long with nothing in it: neither a request nor a length tells that something was decided.
 */

import { decode, encode, fromHex, hex, shape } from "@mindhaven/crypto";

import type { JsonObject } from "./canonical.ts";
import type { Mindhaven } from "./client.ts";
import { HEADS, type Listing } from "./listing.ts";
import type { LocalStore } from "./store.ts";

/** What is asked is a handful of question sheets, and a newer note of one takes the place of the older: the oldest go. */
const PLACES = 32;
/** The beginning of an item's id; two that are alike do not happen. */
const ID_BYTES = 8;
const EMPTY = "0".repeat(2 * ID_BYTES);
const FIELD = "settled";
const ROW = "settled";

/** What stood in the index when this device last looked, and what was decided here since (the beginnings of ids, hex). */
interface Kept {
  readonly known: readonly string[];
  readonly fresh: readonly string[];
}

function keptIn(store: LocalStore): Kept {
  const row = store.get(ROW);
  const [known, fresh] = row === null ? [[], []] : shape.fields(decode(row), 2, "What was settled");
  const read = (list: unknown): string[] =>
    shape.items(list, "What was settled", { most: 2 * PLACES }).map((one) => hex(shape.raw(one, "An id", { length: ID_BYTES })));
  return { known: read(known), fresh: read(fresh) };
}

function keep(store: LocalStore, { known, fresh }: Kept): void {
  store.put(ROW, encode([known.map(fromHex), fresh.slice(-PLACES).map(fromHex)]));
}

/** Return what one note of heads says; of a note that says something else nothing counts. */
function readNote(body: JsonObject): string[] {
  const text = body[FIELD];
  if (typeof text !== "string" || !/^[0-9a-f]+$/.test(text) || text.length !== PLACES * EMPTY.length) return [];
  return (text.match(/.{16}/g) ?? []).filter((one) => one !== EMPTY);
}

/** Return all that was decided, the oldest first. What the index lost goes first: where all places are taken, it goes. */
function whole(listing: Listing, store: LocalStore): string[] {
  const { known, fresh } = keptIn(store);
  const noted = listing.entries(HEADS).flatMap(({ body }) => readNote(body));
  return [...new Set([...known.filter((one) => !noted.includes(one)), ...noted, ...fresh])];
}

/** What is decided of what others ask, on one device. */
export class Settled {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Return the beginnings (hex) of the ids of what was decided, here or on another device; this device keeps them, too. */
  all(): string[] {
    const { listing, store } = this.#client;
    const all = whole(listing, store);
    const { known, fresh } = keptIn(store);
    const seen = all.filter((one) => !fresh.includes(one)).slice(-PLACES);
    if (seen.join() !== known.join()) keep(store, { known: seen, fresh });
    return all;
  }

  /** Keep that this was decided; it goes to other devices with what is written next. It rests when this is done. */
  async settle(item: Uint8Array): Promise<void> {
    const { store } = this.#client;
    const { known, fresh } = keptIn(store);
    const one = hex(item.subarray(0, ID_BYTES));
    keep(store, { known, fresh: [...fresh.filter((other) => other !== one), one] });
    await store.saved();
  }
}

/** Return what a note of heads says beside them, and what keeps that it was said. */
export function besideHeads(listing: Listing, store: LocalStore): { readonly body: JsonObject; readonly said: () => void } {
  const all = whole(listing, store).slice(-PLACES);
  const text = all.join("").padEnd(PLACES * EMPTY.length, "0");
  return {
    body: { [FIELD]: text },
    said: () => {
      keep(store, { known: all, fresh: keptIn(store).fresh.filter((one) => !all.includes(one)) });
    },
  };
}
