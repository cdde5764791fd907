import { expect } from "vitest";

import { attachment, concat, FileKey, hex, SEALED_CHUNK_BYTES } from "../../src/index.ts";
import { type Inputs, runVectors } from "./harness.ts";

/** The file of the vectors: its byte i is (i * 7 + i // 256) mod 256. */
function pattern(size: number): Uint8Array {
  const file = new Uint8Array(size);
  for (let i = 0; i < size; i++) file[i] = (i * 7 + Math.floor(i / 256)) % 256;
  return file;
}

async function all(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

async function sealed(x: Inputs, size: number): Promise<Uint8Array[]> {
  return all(attachment.sealFile(new FileKey(x.raw("key")), [pattern(size)], size));
}

async function doSeal(x: Inputs): Promise<unknown> {
  const size = x.number("size");
  const blobs = await sealed(x, size);
  return {
    padded: attachment.paddedSize(size),
    blobs: blobs.map(attachment.blobHash),
    lengths: blobs.map((blob) => blob.length),
  };
}

/** The chunks of a sealed file with one change, as the vector describes it. */
function changed(parts: readonly Uint8Array[], change: string, at: readonly number[]): Uint8Array[] {
  const [one = 0, other = 0] = at;
  const [first = new Uint8Array(0), second = new Uint8Array(0)] = [parts[one], parts[other]];
  if (change === "flip") return parts.with(one, first.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));
  if (change === "swap") return parts.with(one, second).with(other, first);
  if (change === "repeat") return parts.toSpliced(one, 0, first);
  if (change.startsWith("drop")) return at.length === 0 ? [] : parts.toSpliced(one, 1);
  return [...parts];
}

async function doOpen(x: Inputs): Promise<unknown> {
  const size = x.number("size");
  const whole = await sealed(x, size);
  expect(whole.map((blob) => hex(attachment.blobHash(blob)))).toEqual(x.value("sealed"));
  const stream = concat(...whole);
  const parts = Array.from({ length: Math.ceil(stream.length / SEALED_CHUNK_BYTES) }, (_, i) =>
    stream.slice(i * SEALED_CHUNK_BYTES, (i + 1) * SEALED_CHUNK_BYTES),
  );
  const [change, ...at] = x.value<readonly [string, ...number[]]>("change");
  const after = changed(parts, change, at);
  const blobs = after.length === 0 ? [] : [concat(...after)];
  const named = x.value<string | readonly string[]>("reference");
  const reference = {
    name: "f",
    mediaType: "t",
    size: change === "size" ? (at[0] ?? 0) : size,
    key: new FileKey(x.raw("key")),
    blobs: named === "renamed" ? blobs.map(attachment.blobHash) : x.raws("reference"),
  };
  const found = concat(...(await all(attachment.openFile(reference, blobs))));
  expect(found).toEqual(pattern(size));
  return { opened: true };
}

runVectors("attachment", { seal: doSeal, open: doOpen });
