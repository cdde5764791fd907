/**
 * After a server's restore: bringing back what it lost, while it takes it. I/O: server and local store.
 *
 * Guarantees: only what this device verified is offered, byte for byte, and only after a head that stands in its own
 * history; nothing that the server shows is taken over here (`pulling` does that, by its own rules).
 * Does not: decide between two histories (`rejoining`). Implements spec/transfer.md steps 7, 9 and 10.
 */

import {
  MindhavenError,
  Signed,
  collection as collections,
  decode,
  encode,
  envelope as envelopes,
  equal,
  fromHex,
  hex,
  shape,
  type Value,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { OfflineError, SignedOutError } from "./errors.ts";
import { consentName, signedName } from "./facts.ts";
import { toText } from "./ids.ts";
import type { LocalItem } from "./rows.ts";
import type { ListingShown } from "./wire.ts";

/** Commits of one request: a fifth of what a server takes. */
const BATCH_COMMITS = 200;
/** Bytes of one request: half of what a server takes. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Records of which a server says at once that it lacks them; ours says a tenth. */
const MOST_GAPS = 10_000;
/** The row that says for which window which collections were looked at. */
const DONE = "offered";

/** What a server took back from this device. */
export interface Offered {
  readonly commits: number;
  readonly records: number;
}

/** One device's offers to a server that was restored. */
export class Offering {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /**
   * Bring back what the server lost of the collections that this device keeps; return what was taken.
   *
   * What the server refuses is left as it is: the pull that follows names it.
   */
  async offer(shown: ListingShown): Promise<Offered> {
    const { store, vault, access } = this.#client;
    const me = access.needMe().uid;
    const there = new Map(shown.collections.map((one) => [hex(one.id), one]));
    const looked = this.#looked(shown.offerSince);
    let [commits, records] = [0, 0];
    for (const name of store.under("state/").map(([row]) => row.slice("state/".length))) {
      const collection = fromHex(name);
      const [one, state] = [there.get(name), vault.state(collection)];
      if (state === null || (one === undefined && !equal(state.owner, me))) continue;
      try {
        const sent = await this.#commits(collection, one ?? null);
        if (sent > 0 || !looked.has(name)) records += await this.#giveBack(collection);
        commits += sent;
        looked.add(name);
      } catch (error) {
        if (!(error instanceof MindhavenError) || isGeneral(error)) throw error;
      }
    }
    store.put(DONE, encode([shown.offerSince, [...looked]]));
    return { commits, records };
  }

  #looked(since: number): Set<string> {
    const row = this.#client.store.get(DONE);
    const [window, looked] = row === null ? [0, []] : shape.fields(decode(row), 2, "What was offered");
    return new Set(window === since && Array.isArray(looked) ? looked.map(String) : []);
  }

  // -- commits

  /** Offer what follows the server's head, if that head is of this device's own history; return how many. */
  async #commits(collection: Uint8Array, one: { seq: number; head: Uint8Array } | null): Promise<number> {
    const { vault } = this.#client;
    const mine = vault.state(collection)?.seq ?? -1;
    const head = one === null ? null : vault.commitHash(collection, one.seq);
    if (one !== null && (one.seq >= mine || head === null || !equal(head, one.head))) return 0;
    let [since, sent] = [one?.seq ?? -1, 0];
    while (since < mine) {
      const batch = await this.#batch(collection, since);
      if (batch.length === 0) break; // it came before this device kept commits as they were signed
      await vault.transport.cbor("POST", `/v1/collections/${toText(collection)}/offers`, encode(batch));
      sent += batch.length;
      since += batch.length;
    }
    return sent;
  }

  async #batch(collection: Uint8Array, since: number): Promise<Value[]> {
    const batch: Value[] = [];
    let size = 0;
    for (let seq = since + 1; batch.length < BATCH_COMMITS; seq++) {
      const signed = signedAt(this.#client, collection, seq);
      if (signed === null) break;
      const commit = collections.Commit.decode(signed.body);
      const items: (Value[] | null)[] = [];
      for (const put of putsOf(commit)) {
        const sealed = await this.#again(collection, put, this.#client.store.item(collection, put.item));
        items.push(sealed === null ? null : [sealed.envelope, sealed.salt]);
        size += sealed?.envelope.length ?? 0;
      }
      size += signed.body.length;
      if (batch.length > 0 && size > BATCH_BYTES) break;
      batch.push([[signed.body, [...signed.signatures]], items, this.#consent(commit)]);
    }
    return batch;
  }

  /**
   * Return a live record sealed as `put` names it, null where this device can't make it again.
   *
   * The salt is used a second time, for the same bytes only: what comes out otherwise never leaves this function.
   */
  async #again(
    collection: Uint8Array,
    put: collections.Put,
    local: LocalItem | null,
  ): Promise<envelopes.SealedItem | null> {
    if (local === null || local.value === null || local.state.erased) return null;
    const value = decode(local.value);
    if (!Array.isArray(value) || local.state.revision !== put.revision) return null;
    const sealed = value.length === 2 ? keptSealed(value) : await this.#sealed(collection, local, local.value);
    if (sealed === null || !equal(envelopes.envelopeHash(sealed.envelope), put.envelopeHash)) return null;
    return equal(envelopes.saltHash(sealed.salt), put.saltHash) ? sealed : null;
  }

  async #sealed(collection: Uint8Array, local: LocalItem, content: Uint8Array): Promise<envelopes.SealedItem | null> {
    const { item, salt } = local;
    const { revision, epoch, author } = local.state;
    const key = this.#client.vault.epochKey(collection, epoch);
    if (salt === null || key === null) return null;
    const header = { collection, item, revision, epoch, author };
    try {
      return await envelopes.sealItem(key, header, envelopes.decodeContent(content), salt);
    } catch (error) {
      if (error instanceof MindhavenError) return null; // a row that says why it does not open
      throw error;
    }
  }

  #consent(commit: collections.Commit): Value {
    for (const change of commit.changes) {
      if (change.kind !== "members" || change.consent === null) continue;
      const kept = this.#client.store.get(consentName(change.consent));
      return kept === null ? null : (decode(kept) as Value);
    }
    return null;
  }

  // -- records

  /** Ask what the server lacks of live records, and give it what this device can seal again; return how many. */
  async #giveBack(collection: Uint8Array): Promise<number> {
    const { transport } = this.#client.vault;
    const address = `/v1/collections/${toText(collection)}`;
    let [after, given] = ["", 0];
    for (;;) {
      const raw = await transport.cbor("GET", `${address}/missing${after === "" ? "" : `?after=${after}`}`);
      const gaps = shape.items(decode(raw), "The gaps", { most: MOST_GAPS }).map((one) => {
        const [item, revision] = shape.fields(one, 4, "A gap");
        const id = shape.raw(item, "An item id", { length: envelopes.ITEM_ID_BYTES });
        return { item: id, revision: shape.number(revision, "A revision") };
      });
      const last = gaps.at(-1);
      if (last === undefined) return given;
      for (const batch of await this.#records(collection, gaps)) {
        const answer = await transport.cbor("POST", `${address}/given-back`, encode(batch));
        given += shape.number(shape.fields(decode(answer), 1, "An answer")[0], "A number of records");
      }
      if (hex(last.item) <= after) return given; // a server that goes in circles
      after = hex(last.item);
    }
  }

  async #records(
    collection: Uint8Array,
    gaps: readonly { readonly item: Uint8Array; readonly revision: number }[],
  ): Promise<Value[][]> {
    const batches: Value[][] = [];
    let size = Infinity;
    for (const { item, revision } of gaps) {
      const local = this.#client.store.item(collection, item);
      const put = local === null ? null : putAt(this.#client, collection, local);
      const sealed = put?.revision === revision ? await this.#again(collection, put, local) : null;
      if (sealed === null) continue;
      if (size > BATCH_BYTES) {
        batches.push([]);
        size = 0;
      }
      batches.at(-1)?.push([item, revision, sealed.envelope, sealed.salt]);
      size += sealed.envelope.length;
    }
    return batches;
  }
}

/** Return the commit at `seq` as it was signed, null where this device did not keep it. */
export function signedAt({ store }: Mindhaven, collection: Uint8Array, seq: number): Signed | null {
  const row = store.get(signedName(collection, seq));
  return row === null ? null : Signed.decode(row);
}

/** Return the change that put a record's newest revision, null where this device did not keep it. */
export function putAt(client: Mindhaven, collection: Uint8Array, local: LocalItem): collections.Put | null {
  const signed = signedAt(client, collection, local.seq);
  if (signed === null) return null;
  return putsOf(collections.Commit.decode(signed.body)).findLast((one) => equal(one.item, local.item)) ?? null;
}

function putsOf(commit: collections.Commit): readonly collections.Put[] {
  return commit.changes.filter((one) => one.kind === "put");
}

function keptSealed(value: readonly unknown[]): envelopes.SealedItem {
  const [envelope, salt] = value;
  return { envelope: shape.raw(envelope, "An envelope"), salt: shape.raw(salt, "A salt") };
}

function isGeneral(error: MindhavenError): boolean {
  return error instanceof OfflineError || error instanceof SignedOutError;
}
