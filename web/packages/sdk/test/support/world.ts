/** Devices of people before one real server, each with a wire of its own that a test can make lie. */

import { SealKey, SlotSecret, collection as collections, decode, encode, randomBytes, slots } from "@mindhaven/crypto";
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

/** The address that the server says is its own: the tests reach it elsewhere, as through a proxy that it trusts. */
const ORIGIN = "https://mindhaven.test";

/** Return an address of one's own: a server lets no single one sign up as often as these tests do. */
function someAddress(): string {
  return `10.${[...randomBytes(3)].map(String).join(".")}`;
}

/** Stands between a device and the server, and changes what it is told to change. */
export class Wire {
  change: Change | null = null;
  /** Called before the server is asked; throwing here is a lost connection. */
  before: ((method: string, path: string) => void | Promise<void>) | null = null;
  readonly asked: string[] = [];
  /** Where the server answers; after a restore at another place, under its old name. */
  at: string = inject("server");
  readonly #from = someAddress();

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (!url.startsWith(`${ORIGIN}/`)) throw new TypeError(`another server was asked: ${url}`);
    const path = url.slice(ORIGIN.length);
    const method = init.method ?? "GET";
    this.asked.push(`${method} ${path}`);
    await this.before?.(method, path);
    const headers = new Headers(init.headers);
    headers.set("x-forwarded-for", this.#from);
    const response = await fetch(this.at + path, { ...init, headers });
    if (this.change === null) return response;
    const body = new Uint8Array(await response.arrayBuffer());
    const sent = new Uint8Array(await new Response(init.body ?? null).arrayBuffer());
    const { status } = response;
    const changed = await this.change({ method, path, sent, status, headers: response.headers, body });
    if (changed instanceof Response) return changed;
    const media = response.headers.get("content-type") ?? "";
    return new Response(withBody(changed ?? body, status), { status, headers: { "content-type": media } });
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
export async function device(rows = new MemoryRows(), key = SealKey.fresh(), at: string = inject("server")): Promise<Device> {
  const wire = new Wire();
  wire.at = at;
  const store = await LocalStore.open(rows, key);
  const platform = { origin: ORIGIN, fetch: wire.fetch, now: () => Date.now() };
  return { client: await Mindhaven.open(store, platform), wire, rows, key };
}

/** A person who has signed up by a passkey, with a spare key, on one device. */
export interface Person extends Device {
  readonly passkey: SlotSecret;
  readonly spare: SlotSecret;
}

/** Return a new person, signed up. */
export async function person(at?: string): Promise<Person> {
  const made = await device(undefined, undefined, at);
  const [passkey, spare] = [SlotSecret.fresh(), freshSpareKey()];
  await made.client.signUp({ with: "passkey", secret: passkey }, spare, "phone");
  return { ...made, passkey, spare };
}

/** Return another device of somebody, signed in by their spare key. */
export async function another(of: Pick<Person, "wire" | "spare">): Promise<Device> {
  const made = await device(undefined, undefined, of.wire.at);
  await made.client.recover(of.spare, slots.SlotKind.RECOVERY_KEY, "laptop");
  return made;
}

/** Two people who know each other by Ana's link. */
export interface Friends {
  readonly ana: Person;
  readonly ben: Person;
  readonly benUid: Uint8Array;
}

/** Return two people, one of whom answered the other's link. */
export async function befriended(at?: string): Promise<Friends> {
  const [ana, ben] = [await person(at), await person(at)];
  await ben.client.sharing.accept(await ana.client.sharing.invite(), "Ben", "Ana");
  const [contact] = await ana.client.sharing.answers();
  if (contact === undefined) throw new Error("nobody answered");
  return { ana, ben, benUid: contact.uid };
}

/** Let a contact read all moods. */
export async function granted(by: Person, to: Uint8Array): Promise<void> {
  await by.client.sharing.grant("mood", to, { since: 0, until: 0, text: "Ben may read my moods.", language: "en" });
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

/** Return the change that alters each page of a collection that brings commits (`empty`: one that brings none, too). */
export function onPage(id: Uint8Array, alter: (page: Page) => Page, { empty = false } = {}): Change {
  return ({ method, path, status, body }) => {
    if (method !== "GET" || status !== 200 || !path.startsWith(`/v1/collections/${inAddress(id)}/commits`)) return null;
    const page = decode(body) as Page;
    return page[2].length === 0 && !empty ? null : encode(alter(page));
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

/** One collection as the server lists it. */
export interface ListedByServer {
  readonly id: string;
  readonly seq: number;
  readonly head: string;
  readonly owner: string;
}

/** Return the change that alters the server's list of collections. */
export function onList(alter: (list: ListedByServer[]) => ListedByServer[]): Change {
  return onJson<{ collections: ListedByServer[] }>("GET", "/v1/collections", (value) => ({
    ...value,
    collections: alter(value.collections),
  }));
}

/** Return the change by which a server shows a collection as it was when its newest commit was `seq`. */
export async function cut(by: Device, id: Uint8Array, seq: number): Promise<Change> {
  const path = `/v1/collections/${inAddress(id)}/commits`;
  const whole = decode(await by.client.vault.transport.cbor("GET", `${path}?since=-1`)) as Page;
  const head = by.client.vault.commitHash(id, seq);
  if (head === null) throw new Error("this device has not seen that commit");
  return each(
    onList((list) => list.map((one) => (one.id === base64(id) ? { ...one, seq, head: base64(head) } : one))),
    ({ method, path: asked }) => {
      if (method !== "GET" || !asked.startsWith(path)) return null;
      const since = Number(asked.split("since=")[1]);
      return encode([seq, head, whole[2].slice(since + 1, seq + 1)]);
    },
  );
}

/** A commit that somebody signed beside the program, as a page would bring it. */
export interface Forged {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly head: string;
  readonly entry: PageEntry;
}

/** Return a commit with one's own true keys that no program of ours would make; it follows the head unless said. */
export async function forged(
  by: Device,
  id: Uint8Array,
  { prev, seq: at, changes }: { prev?: Uint8Array; seq?: number; changes: readonly collections.Change[] },
): Promise<Forged> {
  const state = by.client.vault.state(id);
  const me = by.client.access.needMe();
  if (state === null) throw new Error("this device has not seen that collection");
  const identity = me.bundle.newest();
  const seq = at ?? state.seq + 1;
  const commit = new collections.Commit({
    collection: id,
    seq,
    prev: prev ?? state.head,
    author: me.uid,
    keyId: identity.generation,
    day: Math.floor(Date.now() / 86_400_000),
    changes,
  });
  const signed = await commit.sign(identity);
  const hash = signed.hash(collections.TYPE);
  return { seq, hash, head: base64(hash), entry: [[signed.body, [...signed.signatures]], []] };
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
