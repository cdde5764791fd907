/** The README shows the example as it stands; tests/browser/test_example.py drives it. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const HOME = join(import.meta.dirname, "..");

test("the README's example is the one that is driven in a browser", async () => {
  const readme = await readFile(join(HOME, "README.md"), "utf8");
  const [, shown] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  expect(shown).toBe(await readFile(join(HOME, "example/notes.ts"), "utf8"));
});
