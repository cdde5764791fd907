import { decode as otherDecode, encode as otherEncode } from "cborg";
import { beforeEach, describe, expect, test } from "vitest";

import { decode, encode, fromHex, hex, InvalidInputError, MAX_ENCODED_BYTES, type Value } from "../src/index.ts";
import { chance } from "./chance.ts";

const OTHER = { strict: true, allowIndefinite: false, allowUndefined: false, useMaps: true };
let random = chance(0);
const pick = (below: number): number => Math.floor(random() * below);
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => pick(256));

beforeEach(() => {
  random = chance(20_261_128);
});

function anyNumber(): Value {
  const size = 2n ** BigInt(pick(64)) - 1n - BigInt(pick(2));
  const whole = random() < 0.5 ? size : -size;
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

function anyValue(depth: number): Value {
  const makers: (() => Value)[] = [
    anyNumber,
    () => bytes(pick(300)),
    () => ["", "a", "Grüße 🌱", "x".repeat(pick(300))][pick(4)] ?? "",
    () => random() < 0.5,
    () => null,
    () => Array.from({ length: depth < 6 ? pick(5) : 0 }, () => anyValue(depth + 1)),
  ];
  return makers[pick(makers.length)]?.() ?? null;
}

function reason(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.reason;
    throw error;
  }
  return "accepted";
}

describe("against another codec", () => {
  test("both write the same bytes, and each reads what the other wrote", () => {
    for (let round = 0; round < 500; round++) {
      const value = anyValue(0);
      const encoded = encode(value);
      expect(hex(encoded)).toBe(hex(otherEncode(value)));
      expect(decode(encoded)).toEqual(value);
      expect(otherDecode(encoded, OTHER)).toEqual(value);
    }
  });

  test("a text may begin with U+FEFF, which that codec drops", () => {
    const encoded = fromHex("66efbbbf616263");
    expect(decode(encoded)).toBe("\ufeffabc");
    expect(encode("\ufeffabc")).toEqual(encoded);
    expect(otherDecode(encoded)).toBe("abc");
  });
});

test("whatever is read is written back as it was, byte by byte", () => {
  let read = 0;
  for (let round = 0; round < 3000; round++) {
    const changed = encode(anyValue(3));
    for (let n = pick(3); n >= 0; n--) changed[pick(changed.length)] = pick(256);
    let value: unknown;
    try {
      value = decode(changed);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError);
      continue;
    }
    read += 1;
    expect(encode(value as Value)).toEqual(changed);
  }
  expect(read).toBeGreaterThan(500);
});

describe("a head has one writing", () => {
  /** The head of `major` with `argument` in 0, 1, 2, 4 or 8 bytes behind it; undefined where it does not fit. */
  function head(major: number, argument: number, width: number): string | undefined {
    if (argument >= (width === 0 ? 24 : 256 ** width)) return undefined;
    const info = width === 0 ? argument : 24 + Math.log2(width);
    return ((major << 5) | info).toString(16).padStart(2, "0") + (width === 0 ? "" : argument.toString(16).padStart(2 * width, "0"));
  }

  test.each([0, 1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 2])("for %d", (argument) => {
    for (const major of [0, 1, 2, 3, 4]) {
      if (major > 1 && argument > 65_536) continue;
      const content = major === 4 ? "f6".repeat(argument) : "61".repeat(major > 1 ? argument : 0);
      const writings = [0, 1, 2, 4, 8].map((width) => head(major, argument, width)).filter((one) => one !== undefined);
      const said = writings.map((one) => reason(() => decode(fromHex(one + content))));
      expect(said).toEqual(["accepted", ...said.slice(1).map(() => "encoding-not-canonical")]);
      // Inside a list it is no other matter.
      const inside = writings.map((one) => reason(() => decode(fromHex(`8201${one}${content}`))));
      expect(inside).toEqual(said);
    }
  });

  test.each([
    ["a byte string in parts", "5f4101ff"],
    ["a list without its length", "9f01ff"],
    ["a text in parts", "7f6161ff"],
    ["a number as a bignum", "c24101"],
    ["something behind the value", "0100"],
  ])("%s is another", (_, encoded) => {
    expect(reason(() => decode(fromHex(encoded)))).toBe("encoding-not-canonical");
  });
});

describe("what has no encoding is refused", () => {
  test.each([
    ["half a surrogate pair", "\ud800"],
    ["a number above 2^53", 2 ** 53],
    ["not a number", Number.NaN],
    ["undefined", undefined],
    ["a hole in a list", Array.from({ length: 2 }).fill(undefined)],
    ["a date", new Date(0)],
  ])("%s", (_, value) => {
    expect(reason(() => encode(value as Value))).toBe("encoding-type");
  });

  test("a list in itself", () => {
    const list: unknown[] = [];
    list.push(list);
    expect(reason(() => encode(list as Value))).toBe("encoding-too-deep");
  });

  test("more than 64 MiB", () => {
    const half = new Uint8Array(MAX_ENCODED_BYTES / 2);
    expect(reason(() => encode([half, half]))).toBe("encoding-too-large");
    expect(reason(() => encode(new Uint8Array(MAX_ENCODED_BYTES - 4)))).toBe("encoding-too-large");
  });
});

describe("hostile bytes end soon", () => {
  test.each([
    ["a list that claims 2^63 entries", "9b7fffffffffffffff", "encoding-malformed"],
    ["a byte string that claims 2^63 bytes", "5b7fffffffffffffff", "encoding-malformed"],
    ["lists without end", "81".repeat(100_000), "encoding-malformed"],
    ["tags without end", "c1".repeat(100_000), "encoding-malformed"],
    ["a number of 300 kB", `c25a000493e0${"ff".repeat(300_000)}`, "encoding-number-range"],
    ["a map with half a pair", "bf01ff", "encoding-malformed"],
    ["an indefinite text in an indefinite text", "7f7f6161ffff", "encoding-malformed"],
    ["a text in an indefinite byte string", "5f6161ff", "encoding-malformed"],
    ["a break inside a list of two", "8201ff", "encoding-malformed"],
    ["a break inside a tag", "c1ff", "encoding-malformed"],
    // What is found first is said, as in Python.
    ["a list too deep, before a float", `82${"81".repeat(16)}80f93e00`, "encoding-too-deep"],
    ["a float, before a list too deep", `82f93e00${"81".repeat(16)}80`, "encoding-type"],
    ["an indefinite number", "1f", "encoding-malformed"],
  ])("%s", (_, written, expected) => {
    expect(reason(() => decode(fromHex(written)))).toBe(expected);
  });

  test("what is no byte string", () => {
    expect(reason(() => decode("80" as unknown as Uint8Array))).toBe("encoding-malformed");
  });
});
