/** Who fetched what, as the page lists it: by person and day, nothing left out, every event with a name in each language. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";

import type { ActShown, WhoShown } from "../src/engine/logged.ts";

const EVENTS = join(import.meta.dirname, "../../../../docs/reference/events.md");
/** Events that are about the host and no person, as tests/unit/sdk/test_activity_words.py lists them. */
const OF_THE_HOST = new Set([
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
const BEN: WhoShown = { kind: "contact", name: "Ben", id: "b1" };
const EVE: WhoShown = { kind: "unknown", name: null, id: "e1" };
const ME: WhoShown = { kind: "self", name: "phone", id: "" };
const MOOD = { name: "mood", isList: false };
const NOON = Date.UTC(2026, 2, 3, 12) / 1000;
const DAY = 86_400;

/** The modules under test ask the browser for its language when they are loaded. */
beforeAll(() => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  return () => {
    vi.unstubAllGlobals();
  };
});

let seq = 0;

function pulled(who: WhoShown, at: number, more: Partial<ActShown> = {}): ActShown {
  seq += 1;
  const what = "vault.collection.pulled";
  return { seq, at, what, isKnown: true, who, whom: null, part: MOOD, fetched: { file: false, count: 2 }, opened: false, missing: null, ...more };
}

test("what a reader's app reports is told beside what was fetched, and is no fetching itself", async () => {
  const { lookers } = await import("../src/areas/access/groups.ts");
  const report = { what: "vault.collection.opened", fetched: null, opened: true };
  const looks = (...acts: ActShown[]) => lookers(acts)[0]?.looks.map(({ times, fileParts, opened }) => [times, fileParts, opened]);
  expect(looks(pulled(BEN, NOON))).toEqual([[1, 0, false]]);
  expect(looks(pulled(BEN, NOON), pulled(BEN, NOON, report))).toEqual([[1, 0, true]]);
  expect(looks(pulled(BEN, NOON, report), pulled(BEN, NOON))).toEqual([[1, 0, true]]);
  expect(looks(pulled(BEN, NOON, report))).toEqual([[0, 0, true]]);
  expect(looks(pulled(ME, NOON, report))).toBeUndefined();
});

test("looks are told by person, day and part, and one's own are left out", async () => {
  const { lookers } = await import("../src/areas/access/groups.ts");
  const file = { what: "vault.blob.fetched", fetched: { file: true, count: 1 } };
  const found = lookers([
    pulled(BEN, NOON),
    pulled(ME, NOON),
    pulled(BEN, NOON + 3600),
    pulled(BEN, NOON + 3600, file),
    pulled(BEN, NOON, { part: { name: "checkups", isList: false } }),
    pulled(EVE, NOON + DAY),
    pulled(BEN, NOON + 2 * DAY),
    pulled(BEN, NOON, { fetched: null, what: "vault.collection.pushed" }),
  ]);
  expect(found.map(({ who, looks }) => [who.id, looks.map((one) => [one.day, one.part?.name, one.times, one.fileParts])])).toEqual([
    ["b1", [["2026-03-05", "mood", 1, 0], ["2026-03-03", "mood", 2, 1], ["2026-03-03", "checkups", 1, 0]]],
    ["e1", [["2026-03-04", "mood", 1, 0]]],
  ]);
});

test("a day is verified only if all of it is, and the worst is named", async () => {
  const { lookers } = await import("../src/areas/access/groups.ts");
  const missing = (...all: readonly ActShown["missing"][]): unknown =>
    lookers(all.map((one) => pulled(BEN, NOON, { missing: one })))[0]?.looks[0]?.missing;
  expect(missing(null, null)).toBeNull();
  expect(missing(null, "waiting")).toBe("waiting");
  expect(missing("late", "waiting", null)).toBe("late");
  expect(missing("waiting", "unvouched")).toBe("unvouched");
  expect(missing("unvouched", "late")).toBe("late");
});

test("what one hour has several times over is told once, the newest first", async () => {
  const { folded } = await import("../src/areas/access/groups.ts");
  const erased = { what: null, at: null, part: null, fetched: null, missing: "erased" } as const;
  const acts = [pulled(BEN, NOON), pulled(BEN, NOON), pulled(BEN, NOON + 3600), pulled(BEN, NOON, erased), pulled(BEN, NOON, erased), pulled(EVE, NOON)];
  expect(folded(acts).map(({ act, times }) => [act.who.id, act.at, times])).toEqual([
    ["e1", NOON, 1],
    ["b1", null, 1],
    ["b1", null, 1],
    ["b1", NOON + 3600, 1],
    ["b1", NOON, 2],
  ]);
});

test("each event that a server logs about a person has a name in each language", async () => {
  const { label } = await import("../src/areas/access/labels.ts");
  const { language } = await import("../src/words/language.ts");
  const rows = [...(await readFile(EVENTS, "utf8")).matchAll(/^\| `([a-z.-]+)` \|/gm)].map(([, name]) => name ?? "");
  const wanted = rows.filter((name) => !OF_THE_HOST.has(name));
  expect(wanted.length).toBeGreaterThan(30);
  const texts = (["en", "de", "es"] as const).map((one) => {
    language.value = one;
    return wanted.map((name) => label[name] ?? `no name for ${name}`);
  });
  for (const all of texts) {
    expect(all.filter((one) => one.startsWith("no name"))).toEqual([]);
    expect(new Set(all).size).toBe(wanted.length); // no two are told alike
  }
  expect(new Set(texts.flat()).size).toBe(3 * wanted.length);
});
