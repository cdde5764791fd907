/** The example of the README is run as it stands, and prints what the README says. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const HOME = fileURLToPath(new URL("..", import.meta.url));

test("the example of the README prints what stands below it", () => {
  const readme = readFileSync(`${HOME}README.md`, "utf-8");
  const [, example = "", printed = ""] = /```ts\n(.*?)```.*?```\n(.*?)```/s.exec(readme) ?? [];
  expect(example).toContain('from "@mindhaven/crypto"');
  // In the workspace, where its name leads to this package as it does for every other.
  const folder = mkdtempSync(`${HOME}test/example-`);
  try {
    writeFileSync(`${folder}/example.ts`, example);
    const command = ["--disable-warning=ExperimentalWarning", `${folder}/example.ts`];
    expect(execFileSync(process.execPath, command, { encoding: "utf-8" })).toBe(printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
