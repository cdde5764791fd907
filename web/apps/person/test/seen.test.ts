/** What could be guessed from what a server has: each rule stands where its numbers carry it, and not one short of them. */

import { expect, test } from "vitest";

import { guesses, type Rule } from "../src/areas/seen/guesses.ts";
import type { MonthShown, SeenPartShown, SeenShown, WhoShown } from "../src/engine/logged.ts";

const DAY = 86_400;
const HOUR = 3600;
/** Noon of a day, UTC; the tests live in UTC. */
const NOW = Date.UTC(2026, 5, 30, 12) / 1000;
const ME: WhoShown = { kind: "self", name: null, id: "" };
const BEN: WhoShown = { kind: "contact", name: "Ben", id: "b1" };
const EVE: WhoShown = { kind: "unknown", name: null, id: "e1" };
const NOTHING: SeenShown = {
  uid: "00",
  handle: "",
  statements: 1,
  code: false,
  ways: [],
  passkeys: [],
  devices: [],
  parts: [],
  consents: [],
  invitations: 0,
  reminders: [],
  arrivals: [],
  events: [],
};

function hourOf(seconds: number): number {
  return new Date(seconds * 1000).getUTCHours();
}

function rules(seen: Partial<SeenShown>): Rule[] {
  return guesses({ ...NOTHING, ...seen }, NOW, hourOf).map(({ rule }) => rule);
}

function values(seen: Partial<SeenShown>, rule: Rule): Readonly<Record<string, string>> | undefined {
  return guesses({ ...NOTHING, ...seen }, NOW, hourOf).find((one) => one.rule === rule)?.values;
}

/** Return moments so many days ago, each at an hour. */
function at(hour: number, ...daysAgo: readonly number[]): number[] {
  return daysAgo.map((days) => NOW - days * DAY + (hour - 12) * HOUR);
}

const days = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, more) => from + more);

function part(more: Partial<SeenPartShown>): SeenPartShown {
  return { id: "01", name: "mood", isList: false, owner: ME, commits: 1, behind: 0, members: [], months: [], filePieces: 0, ...more };
}

function month(more: Partial<MonthShown>): MonthShown {
  return { month: 202_606, entries: 1, changes: 0, erased: 0, sizes: [], ...more };
}

test("of little nothing is guessed", () => {
  expect(rules({})).toEqual([]);
  expect(rules({ arrivals: at(20, ...days(1, 9)) })).toEqual([]);
  expect(rules({ parts: [part({}), part({ isList: true })], devices: [device()] })).toEqual([]);
});

test("how often and at which time of the day", () => {
  expect(rules({ arrivals: at(20, ...days(1, 10)) })).toEqual(["often", "evening"]);
  expect(values({ arrivals: at(20, ...days(1, 10), ...days(1, 10)) }, "often")).toEqual({ days: "10", of: "30" });
  expect(rules({ arrivals: at(8, ...days(1, 10)) })).toContain("morning");
  expect(rules({ arrivals: at(13, ...days(1, 10)) })).toContain("afternoon");
  expect(rules({ arrivals: [...at(8, ...days(1, 10)), ...at(20, ...days(1, 10))] })).toEqual(["often"]); // neither more than half
  expect(rules({ arrivals: at(20, ...days(40, 60)) })).not.toContain("often");
});

test("nights, once they are no coincidence", () => {
  const usual = at(13, ...days(1, 20));
  expect(rules({ arrivals: [...usual, ...at(3, 2, 4)] })).not.toContain("night");
  expect(values({ arrivals: [...usual, ...at(3, 2, 4), ...at(23, 6)] }, "night")).toEqual({ nights: "3" });
  expect(rules({ arrivals: [...usual, ...at(5, 2, 4, 6)] })).not.toContain("night");
});

test("more or less than in the fortnight before, and a long pause", () => {
  expect(values({ arrivals: [...at(13, ...days(0, 9)), ...at(13, ...days(14, 18))] }, "more")).toEqual({ after: "10", before: "5" });
  expect(values({ arrivals: [...at(13, ...days(0, 3)), ...at(13, ...days(14, 22))] }, "less")).toEqual({ after: "4", before: "9" });
  expect(rules({ arrivals: [...at(13, ...days(0, 8)), ...at(13, ...days(14, 18))] })).toEqual(["often", "afternoon"]);
  expect(values({ arrivals: [...at(13, ...days(0, 9)), ...at(13, 24)] }, "pause")).toEqual({ days: "14" });
  expect(rules({ arrivals: [...at(13, ...days(0, 9)), ...at(13, 23)] })).not.toContain("pause");
});

test("who reads and who shares", () => {
  const members = (...all: readonly WhoShown[]): SeenPartShown["members"] => all.map((who) => ({ who, since: 0, until: 0 }));
  const parts = [
    part({ id: "1", members: members(BEN, EVE) }),
    part({ id: "2", members: members(BEN) }),
    part({ id: "3", owner: BEN, members: members(BEN) }),
  ];
  expect(values({ parts }, "shares")).toEqual({ people: "2", parts: "2" });
  expect(values({ parts }, "reads")).toEqual({ people: "1" });
  expect(values({ parts }, "kinds")).toEqual({ count: "2" });
});

test("what entries tell by their months and sizes", () => {
  const began = { name: "accounts.account.created", count: 1, firstAt: Date.UTC(2026, 4, 20) / 1000, lastAt: 0 };
  const of = (...months: readonly MonthShown[]): Partial<SeenShown> => ({ parts: [part({ months })], events: [began] });
  expect(rules(of(month({ sizes: [[1024, 5]] }), month({ month: 202_605 }), month({ month: 0 })))).toEqual([]);
  expect(values(of(month({ sizes: [[1024, 5], [1152, 2], [4096, 1]] })), "long")).toEqual({ count: "3" });
  expect(rules(of(month({ month: 202_604 })))).toEqual(["earlier"]);
  expect(values(of(month({ erased: 2 }), month({ month: 202_605, erased: 1 })), "removed")).toEqual({ count: "3" });
});

test("devices, and tries to get in", () => {
  expect(values({ devices: [device(), device()] }, "devices")).toEqual({ count: "2" });
  expect(rules({ events: [{ name: "accounts.login.refused", count: 1, firstAt: 0, lastAt: 0 }] })).toEqual(["tried"]);
});

test("times at which a device is reminded", () => {
  const one = { here: true, service: "fcm.googleapis.com", minutes: [480], left: 3, since: 0 };
  expect(rules({ reminders: [one] })).toEqual(["reminded"]);
});

function device(): SeenShown["devices"][number] {
  return { name: "", firstSeenAt: 0, lastSeenAt: 0, here: true };
}
