/** docs/attacks/browser.md says what the tests play: each entry a row, each row played. */

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { ENTRIES, NOTHING, type Entry } from "./support/entries.ts";

const PAGE = join(import.meta.dirname, "../../../../docs/attacks/browser.md");
const HEAD = "| entry | named | switched off | then | test |\n|---|---|---|---|---|\n";

/** Return the file of the test that plays each entry, by the entry's name. */
async function playedIn(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const file of await readdir(import.meta.dirname)) {
    if (!file.endsWith(".test.ts") || file === "docs.test.ts") continue;
    const text = await readFile(join(import.meta.dirname, file), "utf8");
    const loops = [...text.matchAll(/^for \(const \[name[^]*?^\}$/gm)].map(([loop]) => loop).filter((loop) => loop.includes("attack(name,"));
    for (const name of Object.keys(ENTRIES)) {
      const quoted = JSON.stringify(name);
      const calls = text.includes(`attack(${quoted},`) || text.includes(`attack(\n  ${quoted},`);
      if (calls || loops.some((loop) => loop.includes(`[${quoted},`))) found.set(name, file);
    }
  }
  return found;
}

function row(name: string, entry: Entry, file: string): string {
  const off = entry.off.map((check) => `\`${check}\``).join(", ");
  const named = entry.named === NOTHING ? NOTHING : `\`${entry.named}\``;
  return `| ${name} | ${named} | ${off} | ${entry.then} | \`${file}\` |`;
}

test("each entry has its row, and each row its test", async () => {
  const files = await playedIn();
  expect([...files.keys()].sort()).toEqual(Object.keys(ENTRIES).sort());
  const rows = Object.entries(ENTRIES).map(([name, entry]) => row(name, entry, files.get(name) ?? ""));
  const [, rest = ""] = (await readFile(PAGE, "utf8")).split(HEAD);
  expect(rest.split("\n\n")[0]?.trimEnd().split("\n")).toEqual(rows);
});

test("each entry names a check to switch off and what follows", () => {
  for (const { off, then, named } of Object.values(ENTRIES)) {
    expect(off.length).toBeGreaterThan(0);
    expect(then).not.toBe("");
    expect(named).toMatch(/^(-|[a-z0-9]+(-[a-z0-9]+)*)$/);
  }
});
