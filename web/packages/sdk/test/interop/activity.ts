/**
 * The browser's client as a second reader of one account: what it tells of who touched the person's data.
 *
 * Run by tests/interop/test_browser_activity.py, which holds what this says against the Python client.
 */

import { SealKey } from "@mindhaven/crypto";
import { LocalStore, MemoryRows, Mindhaven } from "../../src/index.ts";

interface Asked {
  readonly origin: string;
  readonly handle: string;
  readonly words: string;
}

const asked = JSON.parse(await new Response(process.stdin as unknown as ReadableStream).text()) as Asked;
const store = await LocalStore.open(new MemoryRows(), SealKey.fresh());
const client = await Mindhaven.open(store, { origin: asked.origin, fetch: (url, init) => fetch(url, init), now: () => Date.now() });
await client.logIn(asked.handle, asked.words, "browser");
await client.sync();
const { acts, log, warnings } = await client.activity();
const told = acts.map(({ seq, at, position, told: meaning, ...standing }) => ({
  seq,
  at,
  position,
  name: meaning?.what,
  version: meaning?.version,
  values: Object.values(meaning?.values ?? {}).map((one) => (one instanceof Uint8Array ? { hex: Buffer.from(one).toString("hex") } : one)),
  who: meaning?.who.kind,
  part: meaning?.part?.name,
  standing,
}));
process.stdout.write(JSON.stringify({ told, size: log?.size, warnings }));
