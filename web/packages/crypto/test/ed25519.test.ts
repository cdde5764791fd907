/** On keys and signatures that are made to divide libraries, ours say the same: WebCrypto's (OpenSSL here) is the measure. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { expect, test } from "vitest";

import { concat, fromHex, hex, IntegrityError, label, useNative, utf8, verifyEd25519 as verify } from "../src/index.ts";
import { verifyEd25519 } from "../src/ed25519.ts";
import { source } from "../src/subtle.ts";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const TORSION = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", true);

const bytesOf = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, "0")).toReversed();
const numberOf = (data: Uint8Array): bigint => BigInt(`0x${hex(data.toReversed())}`);

function verdict(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifyEd25519(key, message, signature);
  } catch {
    return false;
  }
}

async function native(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey("raw", source(key), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, source(signature), source(message));
  } catch {
    return false;
  }
}

/** A signature by a key that has a part of order eight: it holds by the rule for about one message in eight. */
function mixed(at: number): [Uint8Array, Uint8Array, Uint8Array] {
  const [a, r] = [12_345n, 67_890n + BigInt(at)];
  const key = Point.BASE.multiply(a).add(TORSION).toBytes();
  const message = utf8(`message ${at}`);
  const commitment = Point.BASE.multiply(r).toBytes();
  const k = numberOf(sha512(concat(commitment, key, message))) % ORDER;
  return [key, message, concat(commitment, bytesOf((r + k * a) % ORDER))];
}

test("keys with a part of small order", async () => {
  const cases = Array.from({ length: 48 }, (_, at) => mixed(at));
  const ours = cases.map((one) => verdict(...one));
  expect(new Set(ours)).toEqual(new Set([true, false]));
  expect(ours).toEqual(await Promise.all(cases.map((one) => native(...one))));
});

const IDENTITY = "01" + "00".repeat(31);
const NOTHING = "00".repeat(32);
/** The points of small order, and the other writings of three of them. */
const SMALL = [
  ...Array.from({ length: 7 }, (_, n) => TORSION.multiply(BigInt(n + 1)).toHex()),
  IDENTITY,
  "01" + "00".repeat(30) + "80",
  "ee" + "ff".repeat(30) + "7f",
  "ee" + "ff".repeat(31),
  "ed" + "ff".repeat(30) + "7f",
  "ed" + "ff".repeat(31),
  "ec" + "ff".repeat(31),
];

async function refused(key: string, signature: string): Promise<string[]> {
  const reasons: string[] = [];
  for (const native of [true, false]) {
    useNative(native);
    const error: unknown = await verify("any", fromHex(key), utf8("any"), fromHex(signature)).catch((e: unknown) => e);
    reasons.push(error instanceof IntegrityError ? error.reason : "accepted");
  }
  useNative(true);
  return reasons;
}

test.each(SMALL)("no engine takes a key or a commitment of small order: %s", async (point) => {
  const [key] = mixed(0);
  expect(await refused(point, IDENTITY + NOTHING)).toEqual(["signature-invalid", "signature-invalid"]);
  expect(await refused(hex(key), point + NOTHING)).toEqual(["signature-invalid", "signature-invalid"]);
});

test("nor a neutral key under a commitment of full order", async () => {
  const five = Point.BASE.multiply(5n).toHex() + hex(bytesOf(5n));
  expect(verdict(fromHex(IDENTITY), utf8("any"), fromHex(five))).toBe(true);
  expect(await refused(IDENTITY, five)).toEqual(["signature-invalid", "signature-invalid"]);
});

test("it is by our own rule that a key of small order is refused", () => {
  // What Chromium would take, and OpenSSL under Python: the neutral key signs anything.
  expect(verdict(fromHex(IDENTITY), utf8("any"), fromHex(IDENTITY + NOTHING))).toBe(true);
});

test("a commitment of the neutral point by an honest key", async () => {
  const [key, message] = [Point.BASE.multiply(7n).toBytes(), utf8("any")];
  const k = numberOf(sha512(concat(fromHex(IDENTITY), key, label("any"), message))) % ORDER;
  expect(await refused(hex(key), IDENTITY + hex(bytesOf((k * 7n) % ORDER)))).toEqual([
    "signature-invalid",
    "signature-invalid",
  ]);
});

test.each([
  ["s of the order itself", IDENTITY, IDENTITY + hex(bytesOf(ORDER))],
  ["no point at all", "02" + "00".repeat(31), IDENTITY + NOTHING],
])("%s", async (_, key, signature) => {
  const given = [fromHex(key), utf8("any"), fromHex(signature)] as const;
  expect([verdict(...given), await native(...given)]).toEqual([false, false]);
});

test("honest signatures, and none whose message, s or commitment was changed", async () => {
  for (let at = 0; at < 10; at++) {
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const [key, message] = [ed25519.getPublicKey(seed), utf8(`message ${at}`)];
    const signature = ed25519.sign(message, seed);
    const above = concat(signature.subarray(0, 32), bytesOf(numberOf(signature.subarray(32)) + ORDER));
    const given = [signature, above, concat(key, signature.subarray(32))];
    expect(given.map((one) => verdict(key, message, one))).toEqual([true, false, false]);
    expect(await Promise.all(given.map((one) => native(key, message, one)))).toEqual([true, false, false]);
    expect(verdict(key, utf8("another"), signature)).toBe(false);
  }
});
