/**
 * The browser's client as the other party: signs in where it is told to, gives back what it reads, and writes.
 *
 * Run by tests/interop/test_browser_files.py, which holds what this says against the Python client.
 */

import { SealKey } from "@mindhaven/crypto";
import { LocalStore, MemoryRows, Mindhaven } from "../../src/index.ts";

interface Asked {
  readonly origin: string;
  readonly handle: string;
  readonly words: string;
  /** What to attach, in base64. */
  readonly content: string;
}

const asked = JSON.parse(await new Response(process.stdin as unknown as ReadableStream).text()) as Asked;
const store = await LocalStore.open(new MemoryRows(), SealKey.fresh());
const client = await Mindhaven.open(store, { origin: asked.origin, fetch: (url, init) => fetch(url, init), now: () => Date.now() });
await client.logIn(asked.handle, asked.words, "browser");
await client.sync();

const files = await client.files();
const read = [];
for (const entry of client.entries.all()) {
  for (const [number, one] of entry.files.entries()) {
    const bytes = Buffer.from(await (await files.read(entry, number)).arrayBuffer());
    read.push({ name: one.name, type: one.mediaType, note: entry.record?.body["note"], content: bytes.toString("base64") });
  }
}

// An edit by one client keeps the file that the other attached.
for (const entry of client.entries.all()) {
  if (entry.record?.body["note"] !== "to edit") continue;
  client.entries.revise(entry, { ...entry.record, body: { ...entry.record.body, note: "edited in the browser" } });
}
const content = new File([new Uint8Array(Buffer.from(asked.content, "base64"))], "from the browser.bin");
const reference = await files.attach("mood", content);
const createdAt = Date.now();
const record = { kind: "mindhaven/mood", version: 1, createdAt, zone: "UTC", body: { valence: 0, note: "from the browser" } };
client.entries.add(record, "mood", [reference]);
const { held } = await client.sync();
process.stdout.write(JSON.stringify({ read, held }));
