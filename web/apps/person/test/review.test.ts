/** What a check-up of one's privacy asks about, worked out by hand. */

import { expect, test } from "vitest";

import type { ContactShown, DeviceShown, ShareShown } from "../src/engine/shown.ts";
import { LOOK_STAYS, findings, type Facts } from "../src/areas/review/rules.ts";

/** 9 March 2026, noon UTC: day 20,521 since 1970. */
const NOW = Date.UTC(2026, 2, 9, 12);
const TODAY = 20_521;
const DAY = 86_400;

const CALM: Facts = {
  now: NOW,
  finished: true,
  ways: { kinds: ["passkey", "spare"], waiting: [], code: false },
  devices: [],
  contacts: [],
  comforts: { exitTo: "https://weather.example/", look: "lists" },
  lockAfterMinutes: 2,
  spareTriedOn: "2026-01-01",
  notNow: [],
};

function asked(more: Partial<Facts>): string[] {
  return findings({ ...CALM, ...more }).map((one) => one.what);
}

function device(daysAgo: number, here = false): DeviceShown {
  return { session: String(daysAgo), name: "phone", firstSeenAt: 0, lastSeenAt: NOW / 1000 - daysAgo * DAY, here };
}

function reasons(...reads: readonly ShareShown[]): unknown[] {
  const ben: ContactShown = { uid: "b1", name: "Ben", checked: "", keys: "logged", reads, shares: [] };
  return findings({ ...CALM, contacts: [ben] }).map((one) => (one.what === "share" ? [one.name, one.share.part, one.reasons] : one));
}

test("today is the day that the test takes it for", () => {
  expect(Math.floor(NOW / 86_400_000)).toBe(TODAY);
});

test("where all is as wished nothing is asked", () => {
  expect(findings(CALM)).toEqual([]);
});

test("without an account that alone is asked of the ways in", () => {
  expect(asked({ finished: false, ways: null, spareTriedOn: undefined })).toEqual(["noAccount"]);
});

test("one way in, no spare key, and a change that waits are told", () => {
  const waiting = [{ id: "1", dueAt: 5 }];
  expect(asked({ ways: { kinds: ["passphrase"], waiting: [], code: false } })).toEqual(["oneWay"]);
  expect(asked({ ways: { kinds: ["passphrase", "passkey"], waiting: [], code: false } })).toEqual(["noSpare"]);
  expect(asked({ ways: { kinds: ["passkey", "spare"], waiting, code: false } })).toEqual(["change"]);
  expect(asked({ ways: null })).toEqual([]); // the server could not be asked
});

test("the spare key is tried again after half a year", () => {
  expect(asked({ spareTriedOn: undefined })).toEqual(["trySpare"]);
  expect(asked({ spareTriedOn: "2025-09-11" })).toEqual([]); // 179 days and a half
  expect(asked({ spareTriedOn: "2025-09-10" })).toEqual(["trySpare"]); // 180 and a half
  expect(asked({ spareTriedOn: "no day" })).toEqual(["trySpare"]);
});

test("a device that was not there for more than sixty days is asked about, this one never", () => {
  expect(asked({ devices: [device(59), device(60), device(61), device(90, true)] })).toEqual(["device"]);
  expect(asked({ devices: null })).toEqual([]);
});

test("a share is asked about if it is broad or ends within a week", () => {
  const share = (part: string, since: number, until: number): ShareShown => ({ part, since, until });
  expect(reasons(share("mood", 202601, TODAY + 8))).toEqual([]);
  expect(reasons(share("mood", 202601, TODAY + 7))).toEqual([["Ben", "mood", ["ends"]]]);
  expect(reasons(share("mood", 202601, TODAY))).toEqual([["Ben", "mood", ["ends"]]]);
  expect(reasons(share("mood", 0, TODAY - 1))).toEqual([]); // it has ended
  expect(reasons(share("mood", 0, TODAY + 30))).toEqual([["Ben", "mood", ["beginning"]]]);
  expect(reasons(share("journal", 0, 0))).toEqual([["Ben", "journal", ["noEnd", "beginning", "close"]]]);
  expect(reasons(share("plan", 0, TODAY + 30))).toEqual([["Ben", "plan", ["close"]]]); // a plan has no months
  expect(reasons(share("copies/1", 0, TODAY + 30))).toEqual([]);
  expect(reasons(share("history", 0, TODAY + 2), share("sleep", 202602, 0))).toEqual([
    ["Ben", "history", ["ends", "close"]],
    ["Ben", "sleep", ["noEnd"]],
  ]);
});

test("Exit, the look and the lock come last; a look that was left as it is is not asked about again", () => {
  const comforts = { exitTo: "about:blank", look: "notes" } as const;
  expect(asked({ comforts, lockAfterMinutes: 0, spareTriedOn: undefined })).toEqual(["trySpare", "exit", "look", "lock"]);
  expect(asked({ comforts, notNow: [LOOK_STAYS] })).toEqual(["exit"]);
});
