import { describe, expect, test } from "vitest";

import { attachment, concat, equal, FileKey, randomBytes } from "../../src/index.ts";
import { chance } from "../chance.ts";
import { reasonOf } from "../tlog/signing.ts";

const random = chance(64);

async function all(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

/** `data` in pieces of any size, some of them empty. */
function pieces(data: Uint8Array, most: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < data.length; ) {
    const size = Math.floor(random() * most);
    found.push(data.subarray(at, at + size));
    at += size;
  }
  return found;
}

/** A file of `size` bytes that are not all alike; `getRandomValues` gives 64 KiB at most. */
function fileOf(size: number): Uint8Array {
  const block = randomBytes(65_536);
  const file = new Uint8Array(size);
  for (let at = 0; at < size; at++) file[at] = (block[at % 65_536] ?? 0) ^ (at >> 16);
  return file;
}

describe("a file", () => {
  test.each([0, 1, 4096, 65_535, 65_536, 65_537, 200_000, 4_194_304, 4_300_000])(
    "of %d bytes is the same, however it was read",
    async (size) => {
      const [file, key] = [fileOf(size), FileKey.fresh()];
      const blobs = await all(attachment.sealFile(key, pieces(file, 150_000), size));
      const whole = await all(attachment.sealFile(key, [file], size));
      expect(blobs.map(attachment.blobHash)).toEqual(whole.map(attachment.blobHash));
      expect(blobs.every((blob) => blob.length <= attachment.BLOB_BYTES)).toBe(true);
      const reference = { name: "n", mediaType: "t", size, key, blobs: blobs.map(attachment.blobHash) };
      expect(equal(concat(...(await all(attachment.openFile(reference, blobs)))), file)).toBe(true);
    },
  );

  test.each([-1, 1])("that has %d byte more than was said is refused", async (more) => {
    const file = fileOf(70_000);
    expect(await reasonOf(() => all(attachment.sealFile(FileKey.fresh(), [file], file.length - more)))).toBe(
      "attachment-size",
    );
  });

  test("opened with another key gives nothing", async () => {
    const [file, key] = [fileOf(5000), FileKey.fresh()];
    const blobs = await all(attachment.sealFile(key, [file], file.length));
    const reference = { name: "n", mediaType: "t", size: 5000, key: FileKey.fresh(), blobs: blobs.map(attachment.blobHash) };
    expect(await reasonOf(() => all(attachment.openFile(reference, blobs)))).toBe("stream-changed");
    expect(await reasonOf(() => all(attachment.openFile({ ...reference, key }, [...blobs, ...blobs])))).toBe(
      "blob-mismatch",
    );
    expect(await reasonOf(() => all(attachment.openFile({ ...reference, key }, [])))).toBe("blob-mismatch");
  });
});
