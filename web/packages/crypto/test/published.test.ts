/** What others published or forged: the X-Wing vector of its draft, and one ciphertext under two keys. */

import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { decode, derive, fromBase64, fromHex, hex, openSealed } from "../src/index.ts";
import { asKey, NATIVE_XWING, nativeKey } from "../src/xwing.ts";

interface Page {
  readonly values: Readonly<Record<string, string>>;
  readonly cases: readonly Readonly<Record<string, string>>[];
}

function caseOf(page: string, name: string): (key: string) => Uint8Array {
  const path = new URL(`../../../../vectors/${page}.json`, import.meta.url);
  const { values, cases } = JSON.parse(readFileSync(path, "utf-8")) as Page;
  const found = cases.find((one) => one["name"] === name) ?? {};
  return (key) => {
    const written = found[key] ?? "";
    return written.startsWith("=") ? fromBase64(values[written.slice(1)] ?? "") : fromHex(written);
  };
}

test("the shared secret of draft-connolly-cfrg-xwing-kem, appendix C, vector 1", async () => {
  const given = caseOf("account", "xwing-published-opens");
  expect(given("enc")).toHaveLength(1120);
  const key = await nativeKey(given("seed"));
  const shared = await NATIVE_XWING.decap({ recipientKey: asKey(key), enc: given("enc").slice() });
  expect(hex(new Uint8Array(shared))).toBe("d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384");
});

test("a ciphertext that opens under two keys is refused before it is opened", async () => {
  const given = caseOf("envelope", "two-keys");
  const [context, commitment, ciphertext] = decode(given("envelope")) as [Uint8Array, Uint8Array, Uint8Array];
  const [key, salt] = [given("key"), given("salt")];
  await expect(openSealed(key, "item", salt, context, { commitment, ciphertext })).rejects.toMatchObject({
    reason: "commitment-mismatch",
  });

  // Without the commitment it would open: AES-GCM alone is content with either key.
  const okm = derive(key, "item", { context, salt, length: 76 });
  const cipher = await crypto.subtle.importKey("raw", okm.slice(0, 32), "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: okm.slice(32, 44), additionalData: context.slice() };
  expect((await crypto.subtle.decrypt(how, cipher, ciphertext.slice())).byteLength).toBe(ciphertext.length - 16);
});
