/** Only this package may import a primitive library: what the lint rule says of a planted import, here and elsewhere. */

import { fileURLToPath } from "node:url";

import { ESLint, Linter } from "eslint";
import { expect, test } from "vitest";

const WEB = fileURLToPath(new URL("../../..", import.meta.url));
const RULE = "@typescript-eslint/no-restricted-imports";

async function refused(file: string, library: string): Promise<boolean> {
  const config = (await new ESLint({ cwd: WEB }).calculateConfigForFile(file)) as Linter.Config;
  const rule = config.rules?.[RULE] ?? "off";
  const only = [{ plugins: config.plugins ?? {}, rules: { [RULE]: rule } }];
  return new Linter().verify(`import "${library}";`, only).some((message) => message.ruleId === RULE);
}

test.each(["@noble/hashes/sha2.js", "@noble/curves/ed25519.js", "@hpke/core", "hash-wasm", "mlkem"])(
  "%s",
  async (library) => {
    expect(await refused(`${WEB}/apps/person/src/page.ts`, library)).toBe(true);
    expect(await refused(`${WEB}/packages/sdk/src/sync.ts`, library)).toBe(true);
    expect(await refused(`${WEB}/packages/crypto/src/wrap.ts`, library)).toBe(false);
  },
);

test("other packages are nobody's business here", async () => {
  expect(await refused(`${WEB}/apps/person/src/page.ts`, "@mindhaven/crypto")).toBe(false);
});
