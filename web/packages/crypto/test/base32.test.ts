import { describe, expect, test } from "vitest";

import { utf8 } from "../src/index.ts";
import { base32, fromBase32 } from "../src/protocol/base32.ts";

// RFC 4648 section 10, in lower case and without its padding.
describe.each([
  ["", ""],
  ["f", "my"],
  ["fo", "mzxq"],
  ["foo", "mzxw6"],
  ["foob", "mzxw6yq"],
  ["fooba", "mzxw6ytb"],
  ["foobar", "mzxw6ytboi"],
])("'%s'", (plain, written) => {
  test("is written and read, in either case", () => {
    expect(base32(utf8(plain))).toBe(written);
    expect(fromBase32(written)).toEqual(utf8(plain));
    expect(fromBase32(written.toUpperCase())).toEqual(utf8(plain));
  });
});

test.each([
  ["bits left over", "mz"],
  ["a length of no bytes", "mzx"],
  ["one character", "m"],
  ["a digit that is none", "m1"],
  ["padding", "my======"],
  ["a blank", "mzx w6"],
  ["the sign of the kelvin, which is k in lower case", "\u212ay"],
])("%s is refused", (_, written) => {
  expect(fromBase32(written)).toBeUndefined();
});
