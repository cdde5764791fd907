/** Attachments: sent part by part, resumed, read back; and a server that gives other bytes. docs/attacks/browser.md. */

import { FileKey, attachment, concat, randomBytes, type envelope } from "@mindhaven/crypto";
import { expect, test, vi } from "vitest";

import type { AttachmentRef } from "../../crypto/src/protocol/attachment.ts";
import { encodeBody } from "../src/canonical.ts";
import { attack, errorOf, type Play } from "./support/play.ts";
import {
  another,
  befriended,
  collection,
  device,
  each,
  entry,
  granted,
  inAddress,
  mood,
  notes,
  person,
  type Change,
  type Device,
  type Person,
} from "./support/world.ts";

/** A sealed piece of a file: 64 KiB and a tag of 16 bytes; 64 of them are one part (spec/attachment.md). */
const PIECE = 64 * 1024;
const SEALED_PIECE = PIECE + 16;
const PART = 64 * PIECE;

/** Bytes of which each piece is its own. */
function content(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += PIECE) bytes.fill(1 + ((at / PIECE) % 250), at, at + PIECE);
  return bytes;
}

const SMALL = content(3 * PIECE + 7);
const LARGE = content(PART + 2 * PIECE);

function file(bytes: Uint8Array<ArrayBuffer>, name = "scan.txt", lastModified = 1_700_000_000_000): File {
  return new File([bytes], name, { type: "text/plain", lastModified });
}

async function attached(by: Device, note: string, bytes: Uint8Array<ArrayBuffer>): Promise<AttachmentRef> {
  const reference = await (await by.client.files()).attach("mood", file(bytes, `${note}.txt`));
  by.client.entries.add(mood(note), "mood", [reference]);
  expect((await by.client.sync()).held).toEqual([]);
  return reference;
}

async function read(by: Device, note: string): Promise<Uint8Array> {
  const whole = await (await by.client.files()).read(entry(by, note));
  return new Uint8Array(await whole.arrayBuffer());
}

/** Compare whole files: the runner's own comparison takes seconds for some megabytes. */
function isSame(one: Uint8Array, other: Uint8Array): void {
  expect(one.length).toBe(other.length);
  expect(Buffer.compare(one, other)).toBe(0);
}

/** The parts that were sent since the last call. */
function sent(by: Device): string[] {
  return by.wire.asked.splice(0).filter((one) => one.startsWith("PUT ") && one.includes("/blobs/"));
}

test("a file is read back as it was, on this device and on another, and by a contact", async () => {
  const { ana, ben, benUid } = await befriended();
  await attached(ana, "small", SMALL);
  await attached(ana, "large", LARGE);
  await attached(ana, "empty", content(0));
  await granted(ana, benUid);
  await ben.client.sync();
  for (const one of [ana, await another(ana), ben]) {
    await one.client.sync();
    isSame(await read(one, "small"), SMALL);
    isSame(await read(one, "large"), LARGE);
    isSame(await read(one, "empty"), content(0));
    const [said] = entry(one, "large").files;
    expect([said?.name, said?.mediaType, said?.size, said?.blobs.length]).toEqual(["large.txt", "text/plain", LARGE.length, 2]);
    expect((await (await one.client.files()).read(entry(one, "large"))).type).toBe("application/octet-stream");
  }
});

test("what is read comes part by part", async () => {
  const ana = await person();
  await attached(ana, "large", LARGE);
  ana.wire.asked.splice(0);
  const stream = (await ana.client.files()).stream(entry(ana, "large"));
  const first = await stream.next();
  expect(first.value?.length).toBe(PART - PIECE); // a part's last piece opens once it is known whether another follows
  expect(ana.wire.asked.filter((one) => one.includes("/blobs/"))).toHaveLength(1);
  await stream.return();
});

test("an edit keeps the file, another month and a lost race too; once no entry has it, it is gone", async () => {
  const ana = await person();
  const reference = await attached(ana, "with", SMALL);
  const laptop = await another(ana);
  await laptop.client.sync();
  const { createdAt } = mood("");
  ana.client.entries.revise(entry(ana, "with"), { ...mood("edited"), createdAt });
  await ana.client.sync();
  isSame(await read(ana, "edited"), SMALL);
  laptop.client.entries.revise(entry(laptop, "with"), { ...mood("raced"), createdAt });
  await laptop.client.sync();
  expect(entry(laptop, "raced").conflictOf).toEqual(entry(ana, "edited").item);
  isSame(await read(laptop, "raced"), SMALL);
  ana.client.entries.revise(entry(ana, "edited"), { ...mood("earlier"), createdAt: Date.UTC(2026, 1, 3) });
  await ana.client.sync();
  isSame(await read(ana, "earlier"), SMALL);
  await ana.client.sync();
  for (const note of ["earlier", "raced"]) {
    ana.client.entries.revise(entry(ana, note), { ...mood(`${note}, bare`), createdAt: entry(ana, note).record?.createdAt ?? 0 }, []);
  }
  await ana.client.sync();
  expect(notes(ana)).toEqual(["earlier, bare", "raced, bare"]);
  expect(ana.client.entries.all().flatMap((one) => one.files)).toEqual([]);
  await expect(fetched(ana, reference.blobs[0])).rejects.toMatchObject({ reason: "blob-unknown" });
});

/** Send a large file whose second part meets a lost connection. */
async function brokenOff(by: Person, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  let parts = 0;
  by.wire.before = (method) => {
    if (method === "PUT" && ++parts === 2) throw new TypeError("the line is gone");
  };
  const files = await by.client.files();
  await expect(files.attach("mood", file(bytes))).rejects.toMatchObject({ reason: "offline" });
  by.wire.before = null;
  expect(sent(by)).toHaveLength(2);
}

test("a transfer that broke off goes on where it stopped, also after the page was closed", async () => {
  const ana = await person();
  await brokenOff(ana, LARGE);
  await ana.client.store.saved();
  const again = await device(ana.rows, ana.key);
  const told: [number, number][] = [];
  const reference = await (await again.client.files()).attach("mood", file(LARGE), (...done) => told.push(done));
  expect(sent(again)).toEqual([`PUT /v1/collections/${inAddress(collection(again))}/blobs/${inAddress(reference.blobs[1] ?? new Uint8Array())}`]);
  expect(told).toEqual([[1, 2], [2, 2]]);
  again.client.entries.add(mood("resumed"), "mood", [reference]);
  await again.client.sync();
  isSame(await read(again, "resumed"), LARGE);
  expect(again.client.store.under("upload/")).toEqual([]);
});

test.for([
  ["the part that arrived", 0],
  ["the part whose answer was lost", PART + 1],
] as const)("a file that changed in %s is sealed anew, under a key of its own", async ([, at]) => {
  const ana = await person();
  const puts = new Map<string, Uint8Array>();
  let parts = 0;
  ana.wire.change = ({ method, path, sent: body }) => {
    if (method !== "PUT") return null;
    puts.set(path, body);
    if (++parts === 2) throw new TypeError("the answer was lost"); // the server has taken it
    return null;
  };
  const files = await ana.client.files();
  await expect(files.attach("mood", file(LARGE))).rejects.toMatchObject({ reason: "offline" });
  expect(puts.size).toBe(2);
  const changed = LARGE.slice();
  changed.fill(9, at, at + 5);
  const reference = await files.attach("mood", file(changed)); // of the same name, size and time
  const before = [...puts.values()].slice(0, 2);
  const after = [...puts.values()].slice(2);
  expect(after).toHaveLength(2);
  // Two contents under one key and nonce: their XOR would be that of the texts. Of one piece most bytes are the same.
  for (const [number, one] of before.entries()) {
    const other = after[number] ?? new Uint8Array();
    const same = one.subarray(0, PIECE).filter((byte, place) => byte === other[place]).length;
    expect(same).toBeLessThan(PIECE / 64);
  }
  ana.client.entries.add(mood("changed"), "mood", [reference]);
  await ana.client.sync();
  isSame(await read(ana, "changed"), changed);
});

test("what can't be read or is too large is told before anything is sent", async () => {
  const ana = await person();
  const files = await ana.client.files();
  await ana.client.listing.ensure("mood");
  ana.wire.asked.splice(0);
  const huge = Object.defineProperty(file(SMALL), "size", { value: 4 * 1024 ** 3 + 1 });
  await expect(files.attach("mood", huge)).rejects.toMatchObject({ reason: "file-too-large" });
  const gone = Object.defineProperty(file(SMALL), "slice", {
    value: () => ({ arrayBuffer: () => Promise.reject(new DOMException("it changed", "NotReadableError")) }),
  });
  await expect(files.attach("mood", gone)).rejects.toMatchObject({ reason: "file-unreadable" });
  expect(ana.wire.asked).toEqual([]);
});

test("a file goes with a record of its own collection only", async () => {
  const ana = await person();
  const reference = await attached(ana, "with", SMALL);
  const diary = { ...mood("diary"), kind: "mindhaven/journal" };
  expect(() => ana.client.entries.add(diary, "journal", [reference])).toThrow(expect.objectContaining({ reason: "attachment-elsewhere" }));
  await ana.client.listing.ensure("journal");
  expect(() => ana.client.entries.add(diary, "journal", [reference])).toThrow(expect.objectContaining({ reason: "attachment-elsewhere" }));
  const laptop = await another(ana);
  await laptop.client.sync();
  laptop.client.entries.add(mood("again"), "mood", entry(laptop, "with").files); // an entry there has it
  expect((await laptop.client.sync()).held).toEqual([]);
  isSame(await read(laptop, "again"), SMALL);
  expect(ana.client.store.queued()).toEqual([]);
});

test("an entry whose file the server no longer has is held, and no other", async () => {
  const ana = await person();
  await attached(ana, "first", SMALL);
  const lost = randomBytes(32); // never sent: as if the server had let go of what no entry named
  ana.client.store.put(`attached/${Buffer.from(lost).toString("hex")}`, collection(ana));
  const reference = { name: "x", mediaType: "text/plain", size: 5, key: FileKey.fresh(), blobs: [lost] };
  ana.client.entries.add(mood("before"));
  ana.client.entries.add(mood("lost"), "mood", [reference]);
  ana.client.entries.add(mood("after"));
  const { held, sent: count } = await ana.client.sync();
  expect([held.length, count]).toEqual([1, 2]);
  expect(ana.client.entries.all().map((one) => [one.record?.body["note"], one.held])).toEqual([
    ["first", null],
    ["before", null],
    ["lost", "blob-missing"],
    ["after", null],
  ]);
});

const MALFORMED = [
  ["no list", "x"],
  ["no file", [5]],
  ["half a size", [{ name: "a", type: "b", size: 0.5, key: "", blobs: [] }]],
  ["a size below nothing", [{ name: "a", type: "b", size: -1, key: "", blobs: [] }]],
  ["a key that is too short", [{ name: "a", type: "b", size: 1, key: "AAAA", blobs: [] }]],
  ["a part that is no text", [{ name: "a", type: "b", size: 1, key: Buffer.alloc(32).toString("base64"), blobs: [1] }]],
] as const;

test.for(MALFORMED)("a file noted as %s is its author's fault, and the rest is read", async ([, files]) => {
  const ana = await person();
  await attached(ana, "whole", SMALL);
  const record = mood("odd");
  const odd: envelope.Content = { ...record, body: encodeBody({ ...record.body, $: { files } }) };
  await ana.client.vault.write(collection(ana), [{ item: ana.client.vault.freshItem(), month: 202611, content: odd, revision: 1 }]);
  const laptop = await another(ana);
  await laptop.client.sync();
  expect(notes(laptop).sort()).toEqual(["! notes-shape", "whole"]);
});

// -- a server that gives other bytes

function gives(of: Device, blob: Uint8Array | undefined, change: (bytes: Uint8Array) => Uint8Array): Change {
  const address = `/v1/collections/${inAddress(collection(of))}/blobs/${inAddress(blob ?? new Uint8Array())}`;
  return ({ method, path, body }) => (method === "GET" && path === address ? change(body) : null);
}

async function fetched(by: Device, blob: Uint8Array | undefined): Promise<Uint8Array> {
  const address = `/v1/collections/${inAddress(collection(by))}/blobs/${inAddress(blob ?? new Uint8Array())}`;
  return by.client.vault.transport.blob("GET", address);
}

function pieces(blob: Uint8Array): Uint8Array[] {
  const count = Math.ceil(blob.length / SEALED_PIECE);
  return Array.from({ length: count }, (_, at) => blob.slice(at * SEALED_PIECE, (at + 1) * SEALED_PIECE));
}

/** Pieces of the largest file that is played here, and some. */
const MOST_PIECES = 140;

/** Stands in for the opening of a piece at its place: it opens at whatever place it was sealed for. */
async function anywhere<T>(act: () => Promise<T>): Promise<T> {
  const { subtle } = globalThis.crypto;
  const true_ = subtle.decrypt.bind(subtle);
  let next = 0; // most pieces follow the one before
  const spy = vi.spyOn(subtle, "decrypt").mockImplementation(async (how, key, data) => {
    for (let tried = 0; tried < MOST_PIECES; tried++) {
      const place = (next + tried) % MOST_PIECES;
      for (const last of [0, 1]) {
        const iv = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, place, last);
        try {
          const opened = await true_({ ...(how as AesGcmParams), iv }, key, data);
          next = place + 1;
          return opened;
        } catch {
          continue;
        }
      }
    }
    throw new Error("it opens nowhere");
  });
  try {
    return await act();
  } finally {
    spy.mockRestore();
  }
}

async function played(play: Play, bytes: Uint8Array<ArrayBuffer>, lie: (of: Device, said: AttachmentRef) => Change | Promise<Change>): Promise<Uint8Array> {
  const ana = await person();
  const reference = await attached(ana, "with a file", bytes);
  await play.honest(async () => {
    isSame(await read(ana, "with a file"), bytes);
  });
  ana.wire.change = await lie(ana, reference);
  const error = await play.lie(() => read(ana, "with a file"));
  expect(error.hint).toContain("Keep nothing");
  return play.off(() => anywhere(() => read(ana, "with a file")));
}

attack("an attachment cut short", async (play) => {
  const given = await played(play, SMALL, (ana, { blobs: [blob] }) => gives(ana, blob, (bytes) => concat(...pieces(bytes).slice(0, 2))));
  isSame(given, SMALL.slice(0, 2 * PIECE));
});

attack("a part of an attachment left out", async (play) => {
  const given = await played(play, LARGE, (ana, { blobs: [, blob] }) => gives(ana, blob, () => new Uint8Array()));
  isSame(given, LARGE.slice(0, PART));
});

attack("an attachment put together otherwise", async (play) => {
  const spliced = (bytes: Uint8Array): Uint8Array => {
    const [first, second, ...rest] = pieces(bytes);
    return concat(second ?? new Uint8Array(), first ?? new Uint8Array(), ...rest);
  };
  const given = await played(play, SMALL, (ana, { blobs: [blob] }) => gives(ana, blob, spliced));
  isSame(given, concat(SMALL.slice(PIECE, 2 * PIECE), SMALL.slice(0, PIECE), SMALL.slice(2 * PIECE)));
});

attack("two parts of an attachment swapped", async (play) => {
  const given = await played(play, LARGE, async (ana, { blobs: [first, second] }) => {
    const [one, other] = [await fetched(ana, first), await fetched(ana, second)];
    return each(gives(ana, first, () => other), gives(ana, second, () => one));
  });
  isSame(given.slice(0, 2 * PIECE), LARGE.slice(PART));
});

test("a part of another file does not stand in this one", async () => {
  const ana = await person();
  const mine = await attached(ana, "mine", SMALL);
  const foreign = await attached(ana, "foreign", content(3 * PIECE + 5));
  const other = await fetched(ana, foreign.blobs[0]);
  ana.wire.change = gives(ana, mine.blobs[0], () => other);
  expect((await errorOf(() => read(ana, "mine"))).reason).toBe("blob-mismatch");
});

test("a part that the server does not give is named, and nothing is given as whole", async () => {
  const ana = await person();
  const reference = await attached(ana, "large", LARGE);
  const key = reference.key;
  await attached(ana, "small", SMALL);
  const [first, second] = reference.blobs;
  if (first === undefined || second === undefined) throw new Error("two parts");
  // An entry that names a part which the server never had: its author's, or a server's that lost it.
  const item = { ...entry(ana, "small"), files: [{ ...reference, key, blobs: [first, randomBytes(32)] }] };
  await expect((await ana.client.files()).read(item)).rejects.toMatchObject({ reason: "blob-unknown" });
  const short = { ...entry(ana, "small"), files: [{ ...reference, key, blobs: [first] }] };
  await expect((await ana.client.files()).read(short)).rejects.toMatchObject({ reason: "stream-changed" });
});

test("the largest file fits what a commit may name", () => {
  const parts = Math.ceil(attachment.paddedSize(attachment.MAX_FILE_BYTES) / (64 * SEALED_PIECE));
  expect(parts).toBeLessThanOrEqual(1100); // spec/commit.md
});

test("a file that was sent before its entry is written waits, over a lock, under what it is for", async () => {
  const ana = await person();
  const first = await (await ana.client.unplaced()).attach("mood", file(SMALL, "first.txt"), "draft");
  const second = await (await ana.client.unplaced()).attach("mood", file(content(5), "second.txt"), "draft");
  await (await ana.client.unplaced()).attach("mood", file(content(6), "other.txt"), "another draft");
  const again = await (await device(ana.rows, ana.key)).client.unplaced();
  expect(await again.shown("draft")).toEqual([first, second]);
  isSame(new Uint8Array(await (await again.read(first.id)).arrayBuffer()), SMALL);
  await again.drop([second.id]);
  expect(await again.shown("draft")).toEqual([first]);
  await expect(again.read(second.id)).rejects.toMatchObject({ reason: "entry-unknown" });
  expect((await again.references([first.id, second.id])).map((one) => one.name)).toEqual(["first.txt"]);
  // Two months later the server may let go of it soon: it is offered no more.
  const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 61 * 86_400_000);
  expect([await again.shown("draft"), await again.shown("another draft")]).toEqual([[], []]);
  later.mockRestore();
});
