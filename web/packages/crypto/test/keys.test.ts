/** What holds private keys gives none away: on WebCrypto's keys by its rules, elsewhere by where they lie. */

import { inspect } from "node:util";

import { afterEach, describe, expect, test } from "vitest";

import {
  account,
  equal,
  RootKey,
  Seed,
  SessionSigner,
  Signer,
  slots,
  SlotSecret,
  UnwrapKey,
  useNative,
  utf8,
  verify,
  verifyEd25519,
  wrap,
} from "../src/index.ts";

const FORMATS = ["raw", "pkcs8", "jwk", "raw-seed", "raw-private"];
const BODY = utf8("body");
const INFO = utf8("info");

afterEach(() => {
  useNative(true);
});

function must<Kind>(value: Kind | undefined): Kind {
  if (value === undefined) throw new Error("this engine was expected to keep the key");
  return value;
}

/** Everything that a walk over properties finds, hidden names included. */
function reachable(value: unknown, seen = new Set<unknown>()): Set<unknown> {
  if (typeof value !== "object" || value === null || seen.has(value)) return seen;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return seen;
  for (const key of Reflect.ownKeys(value)) reachable(Reflect.get(value, key), seen);
  return seen;
}

async function nativeKeys(): Promise<CryptoKey[]> {
  const signer = await Signer.fromSeeds(Seed.fresh(), Seed.fresh());
  const unwrapper = must((await UnwrapKey.fromSeed(Seed.fresh())).kept);
  const kept = must(signer.kept);
  const session = must((await SessionSigner.fresh()).kept);
  return [kept.ed25519.key, kept.mldsa65.key, session.key, unwrapper.mlkem, unwrapper.x25519];
}

describe("native", () => {
  test("no private key can be exported, in any format", async () => {
    const keys = await nativeKeys();
    expect(keys.map((key) => key.algorithm.name)).toEqual(["Ed25519", "ML-DSA-65", "Ed25519", "ML-KEM-768", "X25519"]);
    for (const key of keys) {
      expect([key.type, key.extractable]).toEqual(["private", false]);
      for (const format of FORMATS) {
        await expect(crypto.subtle.exportKey(format as "pkcs8", key)).rejects.toThrow();
      }
    }
  });

  test("nor wrapped by another key and unwrapped outside", async () => {
    const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["wrapKey"]);
    for (const key of await nativeKeys()) {
      const how = { name: "AES-GCM", iv: new Uint8Array(12) };
      await expect(crypto.subtle.wrapKey("pkcs8", key, wrapping, how)).rejects.toThrow();
    }
  });

  test("kept keys work after a copy such as a database makes", async () => {
    const signer = await Signer.fromSeeds(Seed.fresh(), Seed.fresh());
    const copy = structuredClone(must(signer.kept));
    const again = Signer.restore(copy.ed25519, copy.mldsa65);
    await verify("commit", signer.public, BODY, await again.sign("commit", BODY), { hybrid: true });

    const session = await SessionSigner.fresh();
    const restored = SessionSigner.restore(structuredClone(must(session.kept)));
    await verifyEd25519("login", session.public, BODY, await restored.sign("login", BODY));

    const unwrapper = await UnwrapKey.fromSeed(Seed.fresh());
    const wrapped = await wrap(unwrapper.public, BODY, INFO);
    expect(await UnwrapKey.restore(structuredClone(must(unwrapper.kept))).unwrap(wrapped, INFO)).toEqual(BODY);
  });

  test("a kept identity signs and unwraps, and has no seeds to seal a bundle with", async () => {
    const made = await account.Identity.fresh(3);
    expect(made.seeds).toHaveLength(3);
    const restored = account.Identity.restore(structuredClone(must(made.kept)));
    expect([restored.generation, restored.seeds]).toEqual([3, undefined]);
    expect(restored.public).toEqual(made.public);
    await verify("commit", made.public.signing, BODY, await restored.signer.sign("commit", BODY), { hybrid: true });
    expect(made.withoutSeeds().seeds).toBeUndefined();
    const bundle = new slots.Bundle(new Map([[3, made.withoutSeeds()]]), new Uint8Array(32));
    expect(() => bundle.encode()).toThrow("keeps no seeds");
  });
});

describe.each([
  ["native", true],
  ["fallback", false],
])("%s", (_, native) => {
  test("what holds keys shows none of them", async () => {
    useNative(native);
    const seeds = [Seed.fresh(), Seed.fresh(), Seed.fresh()] as const;
    const identity = await account.Identity.fromSeeds(1, ...seeds);
    const secret = SlotSecret.fresh();
    const holders = [
      ...seeds,
      secret,
      RootKey.fresh(),
      identity,
      identity.signer,
      identity.unwrapper,
      await SessionSigner.fromSeed(seeds[1]),
      await slots.SlotKeys.of(secret, slots.SlotKind.PASSPHRASE),
    ];
    for (const holder of holders) {
      const found = [...reachable(holder)];
      expect(found.filter((one) => one instanceof Uint8Array && one.length === 32 && seeds.some((seed) => equal(seed.bytes, one)))).toEqual([]);
      expect(found.filter((one) => one instanceof CryptoKey && one.extractable)).toEqual([]);
    }
  });

  test("wraps and signatures of one way are taken by the other", async () => {
    useNative(native);
    const [one, other] = [Seed.fresh(), Seed.fresh()];
    const signer = await Signer.fromSeeds(one, other);
    const signatures = await signer.sign("statement", BODY);
    const unwrapper = await UnwrapKey.fromSeed(one);
    const wrapped = await wrap(unwrapper.public, BODY, INFO);
    expect(signer.kept === undefined).toBe(!native);
    expect(unwrapper.kept === undefined).toBe(!native);

    useNative(!native);
    const twin = await UnwrapKey.fromSeed(one);
    expect(twin.public).toEqual(unwrapper.public);
    expect((await Signer.fromSeeds(one, other)).public).toEqual(signer.public);
    await verify("statement", signer.public, BODY, signatures, { hybrid: true });
    expect(await twin.unwrap(wrapped, INFO)).toEqual(BODY);
  });

  test("a wrap opens only whole, with its key and its context", async () => {
    useNative(native);
    const key = await UnwrapKey.fromSeed(Seed.fresh());
    const wrapped = await wrap(key.public, BODY, INFO);
    const flipped = wrapped.enc.slice();
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    const refused = { reason: "wrap-does-not-open" };
    await expect(key.unwrap(wrapped, utf8("other"))).rejects.toMatchObject(refused);
    await expect(key.unwrap({ ...wrapped, enc: flipped }, INFO)).rejects.toMatchObject(refused);
    await expect(key.unwrap({ ...wrapped, ciphertext: BODY }, INFO)).rejects.toMatchObject(refused);
    await expect((await UnwrapKey.fromSeed(Seed.fresh())).unwrap(wrapped, INFO)).rejects.toMatchObject(refused);
    expect(await key.unwrap(wrapped, INFO)).toEqual(BODY);
  });

  test("what is no public key is said to be none", async () => {
    useNative(native);
    await expect(wrap(new Uint8Array(1215), BODY, INFO)).rejects.toMatchObject({ reason: "key-length" });
    // Coefficients of an ML-KEM key lie below 3329; all ones do not.
    await expect(wrap(new Uint8Array(1216).fill(255), BODY, INFO)).rejects.toMatchObject({ reason: "key-malformed" });
    const keys = { ed25519: new Uint8Array(32).fill(255), mldsa65: new Uint8Array(1952) };
    const invalid = { reason: "signature-invalid" };
    await expect(verifyEd25519("login", keys.ed25519, BODY, new Uint8Array(64))).rejects.toMatchObject(invalid);
    await expect(verifyEd25519("login", new Uint8Array(31), BODY, new Uint8Array(64))).rejects.toMatchObject(invalid);
  });
});

test("every text form of a secret says its type and nothing else", () => {
  const secret = new RootKey(new Uint8Array(32).fill(7));
  // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- what a careless log line does
  for (const text of [String(secret), `${secret}`, JSON.stringify({ secret }), inspect(secret), inspect({ secret })]) {
    expect(text).toContain("<RootKey, hidden>");
    expect(text).not.toMatch(/07|7, ?7/);
  }
  expect(Object.keys(secret)).toEqual([]);
  expect(structuredClone(secret)).toEqual({});
  expect(() => new RootKey(new Uint8Array(31))).toThrow("A RootKey is exactly 32 bytes.");
  expect(RootKey.fresh().bytes).not.toEqual(RootKey.fresh().bytes);
});
