import { describe, expect, test } from "vitest";

import {
  base64,
  compare,
  concat,
  equal,
  fromBase64,
  fromHex,
  fromUtf8,
  hex,
  MAX_CONTENT_BYTES,
  pad,
  padme,
  shape,
  u32be,
  unpad,
  utf8,
} from "../src/index.ts";

const of = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);

describe("bytes", () => {
  test("are joined, compared and written", () => {
    expect(concat(of(1), of(), of(2, 3))).toEqual(of(1, 2, 3));
    expect([equal(of(1, 2), of(1, 2)), equal(of(1, 2), of(1, 3)), equal(of(1), of(1, 0))]).toEqual([true, false, false]);
    expect([of(2), of(), of(1, 0), of(1), of(0, 255)].sort(compare)).toEqual([of(), of(0, 255), of(1), of(1, 0), of(2)]);
    expect(u32be(0xdeadbeef)).toEqual(of(0xde, 0xad, 0xbe, 0xef));
    expect([hex(of(0, 10, 255)), fromHex("000AfF")]).toEqual(["000aff", of(0, 10, 255)]);
  });

  test.each(["0", "0g", " 00", "0x00"])("'%s' is no hexadecimal", (text) => {
    expect(() => fromHex(text)).toThrow("hexadecimal");
  });

  // RFC 4648 section 10.
  test.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foobar", "Zm9vYmFy"],
  ])("'%s' in base64 is '%s'", (text, written) => {
    expect(base64(utf8(text))).toBe(written);
    expect(fromUtf8(fromBase64(written))).toBe(text);
  });

  test.each(["Zg", "Zh==", "Z g==", "Zm9v\n", "Zm9-"])("'%s' is not the one writing of anything", (text) => {
    expect(() => fromBase64(text)).toThrow("base64");
  });

  test("a megabyte goes through base64", () => {
    const data = new Uint8Array(1 << 20).map((_, at) => at * 31);
    expect(equal(fromBase64(base64(data)), data)).toBe(true);
  });

  test("text keeps its first U+FEFF and has no half characters", () => {
    expect(fromUtf8(of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
    expect(() => utf8("\udc00")).toThrow("half a character");
    expect(() => fromUtf8(of(0xff))).toThrow("no UTF-8");
  });
});

describe("padding", () => {
  // Computed by `mindhaven.crypto.padding.padme`.
  test.each([
    [0, 0],
    [1, 1],
    [9, 10],
    [1000, 1024],
    [1025, 1088],
    [100_000, 100_352],
    [2 ** 32 + 1, 4_362_076_160],
    [2 ** 49 - 1, 2 ** 49],
  ])("%d bytes take %d", (length, padded) => {
    expect(padme(length)).toBe(padded);
  });

  test("is taken off again, and only what it put on", () => {
    for (const length of [0, 1, 1019, 1020, 1021, 5000]) {
      const content = new Uint8Array(length).fill(9);
      const padded = pad(content);
      expect(unpad(padded)).toEqual(content);
      expect(() => unpad(Uint8Array.from([1, ...padded.slice(1)]))).toThrow("malformed");
      if (padded.length > 4 + length) {
        expect(() => unpad(Uint8Array.from([...padded.slice(0, -1), 1]))).toThrow("malformed");
      }
      expect(() => unpad(concat(padded, of(0)))).toThrow("malformed");
      expect(() => unpad(padded.slice(1))).toThrow("malformed");
    }
    expect(() => unpad(of(0, 0))).toThrow("malformed");
    expect(() => pad(new Uint8Array(MAX_CONTENT_BYTES + 1))).toThrow("too long");
  });
});

describe("shapes", () => {
  test("take what fits", () => {
    expect(shape.fields([1, 2], 2, "It")).toEqual([1, 2]);
    expect(shape.items([], "It", { most: 0 })).toEqual([]);
    expect(shape.raw(of(1), "It", { length: 1 })).toEqual(of(1));
    expect(shape.number(0, "It")).toBe(0);
    expect(shape.text("🌱🌱", "It", { most: 2 })).toBe("🌱🌱");
  });

  test.each([
    ["fields of another count", () => shape.fields([1], 2, "It")],
    ["fields of no list", () => shape.fields("ab", 2, "It")],
    ["too many items", () => shape.items([1], "It", { most: 0 })],
    ["a short byte string", () => shape.raw(of(), "It", { length: 1 })],
    ["a long byte string", () => shape.raw(of(1, 2), "It", { most: 1 })],
    ["a text for bytes", () => shape.raw("a", "It")],
    ["a boolean for a number", () => shape.number(true, "It")],
    ["a bigint for a number", () => shape.number(2n ** 60n, "It")],
    ["a number below", () => shape.number(0, "It", { least: 1 })],
    ["a number above", () => shape.number(2, "It", { most: 1 })],
    ["a long text", () => shape.text("🌱🌱🌱", "It", { most: 2 })],
    ["bytes for a text", () => shape.text(of(97), "It")],
  ])("refuse %s", (_, act) => {
    expect(act).toThrow("It ");
  });
});
