/**
 * The browser's client as the other party of a lock: opens what Python locked, locks, changes the words.
 *
 * Run by tests/interop/test_browser_locks.py, which holds what this says against the Python client.
 */

import { MindhavenError, SealKey, recovery } from "@mindhaven/crypto";
import { LocalStore, MemoryRows, Mindhaven } from "../../src/index.ts";

interface Asked {
  readonly origin: string;
  readonly handle: string;
  readonly words: string;
  readonly lock: string;
  readonly newLock: string;
  readonly spareKey: string;
}

const asked = JSON.parse(await new Response(process.stdin as unknown as ReadableStream).text()) as Asked;
const store = await LocalStore.open(new MemoryRows(), SealKey.fresh());
const client = await Mindhaven.open(store, { origin: asked.origin, fetch: (url, init) => fetch(url, init), now: () => Date.now() });
await client.logIn(asked.handle, asked.words, "browser");
await client.sync();

const locks = await client.locks();
const listed = client.entries.all().map((one) => one.record?.body["text"]);
const refused = await locks.open("words of nobody at all").catch((error: unknown) => error);
const bySpare = await (await locks.openBySpareKey(recovery.parse(asked.spareKey))).entries();
const lock = await locks.open(asked.lock);
const [first] = await lock.entries();
if (first === undefined || first.record === null) throw new Error("nothing opened");
const files = await client.files();
const file = Buffer.from(await (await files.read(first, 0)).arrayBuffer()).toString("utf-8");

await lock.revise(first, { ...first.record, body: { ...first.record.body, text: "changed in the browser" } });
const own = { kind: "mindhaven/journal", version: 1, createdAt: Date.now(), zone: "UTC", body: { text: "locked from the beginning" } };
await lock.add(own);
const ordinary = client.entries.all().find((one) => one.record?.body["text"] === "to lock in the browser");
if (ordinary === undefined) throw new Error("nothing to lock");
await lock.lock(ordinary);
await lock.change(asked.newLock);
const { held } = await client.sync();
process.stdout.write(
  JSON.stringify({
    listed,
    refused: refused instanceof MindhavenError ? refused.reason : null,
    bySpare: bySpare.map((one) => one.record?.body["text"]),
    file,
    held,
    left: client.entries.all().map((one) => one.record?.body["text"]),
    renewed: await lock.renew(),
  }),
);
