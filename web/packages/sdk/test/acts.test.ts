/** What own events mean: the fields that the server declares, and nothing that it makes up breaks it. */

import { ByteMap } from "@mindhaven/crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { FIELDS, meaningOf } from "../src/acts.ts";
import { ROOT } from "./support/server.ts";

const ME = new Uint8Array(32).fill(1);

test("the meaning of events has the fields that the server declares", async () => {
  const text = await readFile(join(ROOT, "docs/reference/events.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([a-z.-]+)` \| (\d+) \|.*\| ([^|]*) \|$/gm)];
  const declared = new Map(rows.map(([, name, version, fields]) => [name, [version, fields?.trim().replaceAll(",", "")]]));
  expect(declared.size).toBeGreaterThan(40);
  for (const [name, fields] of Object.entries(FIELDS)) expect([name, declared.get(name)]).toEqual([name, ["1", fields]]);
  const ofHost = [...declared.keys()].filter((name) => name !== undefined && !(name in FIELDS));
  // Events that are about the host and no person, as tests/unit/sdk/test_activity_words.py lists them.
  expect(ofHost.sort()).toEqual([
    "accounts.invitation.made",
    "kernel.reader.skipped",
    "ledger.cover.added",
    "ledger.openings.erased",
    "register.policy.published",
    "upkeep.backup.made",
    "upkeep.release.served",
    "upkeep.restore.done",
    "vault.salt-key.destroyed",
    "vault.salt-key.turned",
    "vault.window.set",
  ]);
});

test("what a server makes up breaks nothing", () => {
  const known = { me: ME, contacts: new ByteMap<string>(), parts: new ByteMap<string>(), devices: new ByteMap<string>(), list: null };
  for (const name of [...Object.keys(FIELDS), "new.kind.of"]) {
    for (const fields of [[], Array<number>(7).fill(5), Array<null>(7).fill(null), Array<Uint8Array>(7).fill(new Uint8Array(3))]) {
      const told = meaningOf({ name, version: 1, fields }, known);
      expect(["self", "server", "unknown"]).toContain(told.who.kind);
    }
  }
  expect(meaningOf({ name: "vault.collection.pulled", version: 2, fields: [1] }, known)).toMatchObject({
    isKnown: false,
    values: {},
    who: { kind: "unknown", uid: null },
    look: null,
  });
});
