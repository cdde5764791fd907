import { describe, expect, test } from "vitest";

import {
  CHUNK_BYTES,
  FileKey,
  openBox,
  openSealed,
  openStream,
  randomBytes,
  seal,
  sealBox,
  SEALED_CHUNK_BYTES,
  SealKey,
  sealStream,
  StreamOpener,
  utf8,
} from "../src/index.ts";

const CONTEXT = utf8("context");
const TEXT = utf8("three words here");

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

function chunksOf(size: number): Uint8Array[] {
  const whole = new Uint8Array(size).map((_, at) => (at * 7) % 251);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < size; at += CHUNK_BYTES) chunks.push(whole.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

function flipped(data: Uint8Array, at: number): Uint8Array {
  const changed = data.slice();
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

describe("one message", () => {
  test("opens under the same key, kind, salt and context only", async () => {
    const [key, salt] = [SealKey.fresh(), randomBytes(32)];
    const sealed = await seal(key, "bundle", salt, CONTEXT, TEXT);
    expect(await openSealed(key, "bundle", salt, CONTEXT, sealed)).toEqual(TEXT);
    const mismatch = { reason: "commitment-mismatch" };
    await expect(openSealed(SealKey.fresh(), "bundle", salt, CONTEXT, sealed)).rejects.toMatchObject(mismatch);
    await expect(openSealed(key, "item", salt, CONTEXT, sealed)).rejects.toMatchObject(mismatch);
    await expect(openSealed(key, "bundle", randomBytes(32), CONTEXT, sealed)).rejects.toMatchObject(mismatch);
    await expect(openSealed(key, "bundle", salt, TEXT, sealed)).rejects.toMatchObject(mismatch);
  });

  test("that was changed or cut is said to be so", async () => {
    const [key, salt] = [SealKey.fresh(), randomBytes(32)];
    const { commitment, ciphertext } = await seal(key, "bundle", salt, CONTEXT, TEXT);
    for (const changed of [flipped(ciphertext, 0), flipped(ciphertext, 20), ciphertext.slice(0, 15), new Uint8Array(0)]) {
      await expect(
        openSealed(key, "bundle", salt, CONTEXT, { commitment, ciphertext: changed }),
      ).rejects.toMatchObject({ reason: "seal-does-not-open" });
    }
  });

  test("takes a salt of 32 bytes, not one less and not one more", async () => {
    const key = SealKey.fresh();
    const sealed = await seal(key, "bundle", randomBytes(32), CONTEXT, TEXT);
    for (const salt of [randomBytes(31), randomBytes(33)]) {
      await expect(seal(key, "bundle", salt, CONTEXT, TEXT)).rejects.toMatchObject({ reason: "salt-length" });
      await expect(openSealed(key, "bundle", salt, CONTEXT, sealed)).rejects.toMatchObject({ reason: "salt-length" });
    }
  });

  test("in a box is new each time", async () => {
    const key = SealKey.fresh();
    const [one, other] = [await sealBox(key, "bundle", CONTEXT, TEXT), await sealBox(key, "bundle", CONTEXT, TEXT)];
    expect(one).not.toEqual(other);
    expect(await openBox(key, "bundle", CONTEXT, one)).toEqual(TEXT);
    await expect(openBox(key, "bundle", CONTEXT, utf8("\0"))).rejects.toMatchObject({ reason: "box-shape" });
  });
});

describe("a file", () => {
  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])("of %d bytes", async (size) => {
    const [key, chunks] = [FileKey.fresh(), chunksOf(size)];
    const sealed = await collect(sealStream(key, chunks));
    expect(sealed.length).toBe(Math.max(chunks.length, 1));
    expect(sealed.slice(0, -1).every((part) => part.length === SEALED_CHUNK_BYTES)).toBe(true);
    expect((await collect(openStream(key, sealed))).map(String)).toEqual((chunks.length ? chunks : [new Uint8Array(0)]).map(String));
  });

  test("that was changed, moved, cut or added to is refused", async () => {
    const key = FileKey.fresh();
    const sealed = await collect(sealStream(key, chunksOf(3 * CHUNK_BYTES)));
    const [a, b, c] = sealed as [Uint8Array, Uint8Array, Uint8Array];
    for (const parts of [[flipped(a, 9), b, c], [b, a, c], [a, b], [a, c], [a, b, c, c], [a, a, b, c], [b, c], []]) {
      await expect(collect(openStream(key, parts))).rejects.toMatchObject({ reason: "stream-changed" });
    }
    await expect(collect(openStream(FileKey.fresh(), sealed))).rejects.toMatchObject({ reason: "stream-changed" });
  });

  test("gives no part before it was checked", async () => {
    const key = FileKey.fresh();
    const [a, b] = (await collect(sealStream(key, chunksOf(2 * CHUNK_BYTES)))) as [Uint8Array, Uint8Array];
    const opener = new StreamOpener(key);
    expect(await opener.feed(flipped(a, 0))).toHaveLength(0);
    await expect(opener.feed(b)).rejects.toMatchObject({ reason: "stream-changed" });
  });

  test("is sealed in whole chunks", async () => {
    const short = [new Uint8Array(CHUNK_BYTES - 1), new Uint8Array(1)];
    await expect(collect(sealStream(FileKey.fresh(), short))).rejects.toMatchObject({ reason: "stream-chunk" });
  });
});
