/** Logs as a server would sign them, whatever they say: a wire that serves them in the place of the true ones. */

import { Signed, base64 as encoded, concat, ledger } from "@mindhaven/crypto";

import { leaf, path, rootOf } from "../../../crypto/test/tlog/rfc6962.ts";
import { log, signed, type Signing } from "../../../crypto/test/tlog/signing.ts";
import type { Answer, Change, Device } from "./world.ts";

const PREFIX = /^\/log\/(audit|keys|heads)\/(.+)$/;
const TILE = /^tile\/(0|entries)\/000\.p\/(\d+)$/;

/** Three logs of fewer than 256 entries each. */
export class Logbook {
  readonly entries = new Map<string, Uint8Array[]>(ledger.LOGS.map((name) => [name, []]));
  /** What the device is given in the place of an entry of `keys`: not what was signed. */
  swapped: Uint8Array | null = null;
  readonly witnesses: Signing[] = [];
  /** When the witnesses saw what they cosign, seconds since 1970 UTC; null: now. */
  time: number | null = null;
  readonly #signers: Map<string, Signing>;

  constructor(key = 1) {
    this.#signers = new Map(ledger.LOGS.map((name, at) => [name, log(`mindhaven.test/log/${name}`, key + at)]));
  }

  /** Log every statement of these accounts as the device has them. */
  state(of: Device, ...uids: readonly Uint8Array[]): this {
    for (const uid of uids) {
      for (const one of of.client.people.statements(uid)) this.stated(uid, Signed.decode(one).hash("statement"));
    }
    return this;
  }

  stated(uid: Uint8Array, statement: Uint8Array): void {
    this.of(ledger.KEYS).push(ledger.keysEntry(uid, statement));
  }

  headed(collection: Uint8Array, day: number, head: Uint8Array): void {
    this.of(ledger.HEADS).push(ledger.headsEntry(collection, day, head));
  }

  of(name: string): Uint8Array[] {
    const found = this.entries.get(name);
    if (found === undefined) throw new Error(`no log ${name}`);
    return found;
  }

  #signer(name: string): Signing {
    const found = this.#signers.get(name);
    if (found === undefined) throw new Error(`no log ${name}`);
    return found;
  }

  /** Serve these logs; everything else as the server has it. */
  readonly change: Change = ({ method, path }: Answer) => {
    if (method !== "GET") return null;
    if (path === "/v1/ledger") {
      const logs = ledger.LOGS.map((name) => ({ name, vkey: String(this.#signer(name).vkey), path: `/log/${name}` }));
      return ok(new TextEncoder().encode(JSON.stringify({ logs, policy: "" })));
    }
    const [, name, rest] = PREFIX.exec(path) ?? [];
    if (name === undefined || rest === undefined) return null;
    if (rest === "checkpoint") return ok(this.checkpoint(name));
    const [, kind, width] = TILE.exec(rest) ?? [];
    if (kind === undefined) return new Response(null, { status: 404 });
    const given = this.#given(name).slice(0, Number(width));
    return ok(kind === "0" ? concat(...this.of(name).slice(0, Number(width)).map(leaf)) : concat(...given.map(prefixed)));
  };

  #given(name: string): readonly Uint8Array[] {
    const [first, ...rest] = this.of(name);
    return name === ledger.KEYS && this.swapped !== null && first !== undefined ? [this.swapped, ...rest] : this.of(name);
  }

  /** Return what this log signs now. */
  checkpoint(name: string): Uint8Array {
    const signer = this.#signer(name);
    const entries = this.of(name);
    const text = `${signer.vkey.name}\n${String(entries.length)}\n${encoded(rootOf(entries.map(leaf)))}\n`;
    const time = this.time ?? Math.floor(Date.now() / 1000);
    return signed(text, signer.line(text), ...this.witnesses.map((one) => one.line(text, time))).encode();
  }
}

/** One own event as the server gives it in JSON. */
export interface Given {
  seq: number;
  commitment: string;
  salt: string | null;
  body: string | null;
  position: number | null;
  proof: string[] | null;
}

/** A page of own events as the server gives it in JSON. */
export interface GivenPage {
  entries: Given[];
  total: number;
  checkpoint: string;
}

/** Return the change by which a page of own events stands in this logbook's log of them, each event logged once. */
export function audited(book: Logbook, alter: (page: GivenPage) => GivenPage = (page) => page): Change {
  return ({ path: asked, status, body }) => {
    if (!asked.startsWith("/v1/activity") || status !== 200) return null;
    const page = JSON.parse(new TextDecoder().decode(body)) as GivenPage;
    const log = book.of(ledger.AUDIT);
    const places = page.entries.map(({ commitment }) => {
      const found = log.findIndex((one) => encoded(one) === commitment);
      return found < 0 ? log.push(new Uint8Array(Buffer.from(commitment, "base64"))) - 1 : found;
    });
    const leaves = log.map(leaf);
    const entries = page.entries.map((one, at) => {
      const position = places[at] ?? 0;
      return { ...one, position, proof: path(position, leaves).map((hash) => encoded(hash)) };
    });
    const given = { ...page, entries, checkpoint: encoded(book.checkpoint(ledger.AUDIT)) };
    return new TextEncoder().encode(JSON.stringify(alter(given)));
  };
}

function ok(body: Uint8Array): Response {
  return new Response(new Uint8Array(body), { headers: { "content-type": "application/octet-stream" } });
}

function prefixed(entry: Uint8Array): Uint8Array {
  const length = new Uint8Array(2);
  new DataView(length.buffer).setUint16(0, entry.length);
  return concat(length, entry);
}

/** Return a policy (C2SP tlog-policy) that demands these witnesses, all of them. */
export function policyOf(...witnesses: readonly Signing[]): Uint8Array {
  const lines = witnesses.map((one, at) => `witness w${String(at)} ${String(one.vkey)}\n`);
  const names = witnesses.map((_, at) => `w${String(at)}`).join(" ");
  return new TextEncoder().encode(`${lines.join("")}group all all ${names}\nquorum all\n`);
}

