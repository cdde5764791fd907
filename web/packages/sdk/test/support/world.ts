/** Devices of people before one real server, each with a wire of its own that a test can make lie. */

import { SealKey, SlotSecret, decode, encode, slots } from "@mindhaven/crypto";
import { expect, inject } from "vitest";

import { LocalStore, MemoryRows, Mindhaven, type Entry, type Record, freshSpareKey } from "../../src/index.ts";

/** What went to the server and what came back. */
export interface Answer {
  readonly method: string;
  readonly path: string;
  readonly sent: Uint8Array;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Gives other bytes, another answer, or null: as it was. */
export type Change = (answer: Answer) => Uint8Array | Response | null | Promise<Uint8Array | Response | null>;

/** Stands between a device and the server, and changes what it is told to change. */
export class Wire {
  change: Change | null = null;
  /** Called before the server is asked; throwing here is a lost connection. */
  before: ((method: string, path: string) => void | Promise<void>) | null = null;
  readonly asked: string[] = [];

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const path = url.slice(inject("server").length);
    const method = init.method ?? "GET";
    this.asked.push(`${method} ${path}`);
    await this.before?.(method, path);
    const response = await fetch(url, init);
    if (this.change === null) return response;
    const body = new Uint8Array(await response.arrayBuffer());
    const sent = new Uint8Array(await new Response(init.body ?? null).arrayBuffer());
    const { status, headers } = response;
    const changed = await this.change({ method, path, sent, status, headers, body });
    if (changed instanceof Response) return changed;
    return new Response(withBody(changed ?? body, status), { status, headers: { "content-type": headers.get("content-type") ?? "" } });
  };
}

function withBody(body: Uint8Array, status: number): Uint8Array<ArrayBuffer> | null {
  return status === 204 ? null : new Uint8Array(body);
}

/** One device: its client, its wire, and where its rows rest. */
export interface Device {
  readonly client: Mindhaven;
  readonly wire: Wire;
  readonly rows: MemoryRows;
  readonly key: SealKey;
}

/** Return a device that has seen nothing yet, or the one whose rows are given, opened again. */
export async function device(rows = new MemoryRows(), key = SealKey.fresh()): Promise<Device> {
  const wire = new Wire();
  const store = await LocalStore.open(rows, key);
  const platform = { origin: inject("server"), fetch: wire.fetch, now: () => Date.now() };
  return { client: await Mindhaven.open(store, platform), wire, rows, key };
}

/** A person who has signed up by a passkey, with a spare key, on one device. */
export interface Person extends Device {
  readonly passkey: SlotSecret;
  readonly spare: SlotSecret;
}

/** Return a new person, signed up. */
export async function person(): Promise<Person> {
  const made = await device();
  const [passkey, spare] = [SlotSecret.fresh(), freshSpareKey()];
  await made.client.signUp({ with: "passkey", secret: passkey }, spare, "phone");
  return { ...made, passkey, spare };
}

/** Return another device of somebody, signed in by their spare key. */
export async function another(of: Person): Promise<Device> {
  const made = await device();
  await made.client.recover(of.spare, slots.SlotKind.RECOVERY_KEY, "laptop");
  return made;
}

let moments = 0;

/** Return a mood with a note; each is a second later than the last, so that lists have one order. */
export function mood(note: string): Record {
  const createdAt = Date.UTC(2026, 10, 3, 12) + 1000 * moments++;
  return { kind: "mindhaven/mood", version: 1, createdAt, zone: "UTC", body: { valence: 0, note } };
}

/** Return the notes that a device shows, the oldest first; what does not open stands as its reason. */
export function notes(of: Device): string[] {
  return of.client.entries.all().map((one) => (one.record === null ? `! ${one.error ?? ""}` : noteOf(one.record)));
}

function noteOf(record: Record): string {
  const note = record.body["note"];
  return typeof note === "string" ? note : "";
}

/** Return the entry with that note. */
export function entry(of: Device, note: string): Entry {
  const found = of.client.entries.all().find((one) => one.record?.body["note"] === note);
  if (found === undefined) throw new Error(`${note} is not here`);
  return found;
}

/** Write entries one after the other, each in a commit of its own. */
export async function wrote(by: Device, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    by.client.entries.add(mood(text));
    expect((await by.client.sync()).held).toEqual([]);
  }
}

/** Return the id of one's own collection of that name. */
export function collection(of: Device, name = "mood"): Uint8Array {
  const found = of.client.listing.named(name);
  if (found === null) throw new Error(`no collection ${name}`);
  return found.id;
}

/** Return an id as addresses write it. */
export function inAddress(id: Uint8Array): string {
  return Buffer.from(id).toString("base64url");
}

/** One commit of a page and what comes with it: `[[body, signatures], [[envelope, salt] or null, ...]]`. */
export type PageEntry = [[Uint8Array, Uint8Array[]], ([Uint8Array, Uint8Array] | null)[]];
export type Page = [number, Uint8Array, PageEntry[]];

/** Return the change that alters each page of a collection that brings commits. */
export function onPage(id: Uint8Array, alter: (page: Page) => Page): Change {
  return ({ method, path, status, body }) => {
    if (method !== "GET" || status !== 200 || !path.startsWith(`/v1/collections/${inAddress(id)}/commits`)) return null;
    const page = decode(body) as Page;
    return page[2].length === 0 ? null : encode(alter(page));
  };
}

/** Return the change that alters one JSON answer. */
export function onJson<T>(method: string, path: string, alter: (value: T) => T): Change {
  return (answer) => {
    if (answer.method !== method || answer.path !== path || answer.status >= 400) return null;
    const value = JSON.parse(new TextDecoder().decode(answer.body)) as T;
    return new TextEncoder().encode(JSON.stringify(alter(value)));
  };
}

/** Return the first change that takes an answer up. */
export function each(...changes: readonly Change[]): Change {
  return async (answer) => {
    for (const change of changes) {
      const changed = await change(answer);
      if (changed !== null) return changed;
    }
    return null;
  };
}

/** Return bytes as JSON answers write them. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** Return the bytes that a JSON answer writes. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
