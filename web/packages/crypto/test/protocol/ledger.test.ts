import { describe, expect, test } from "vitest";

import { event, ledger } from "../../src/index.ts";
import { reasonOf } from "../tlog/signing.ts";

const SUBJECT = new Uint8Array(32).fill(7);
const SALT = new Uint8Array(32).fill(9);
const FIRST = { name: "x", version: 1, subject: SUBJECT, seq: 0, prev: event.NO_PREVIOUS, at: 3600, fields: [1] };

/** An event as a server opens it at `seq`: its body is under its commitment, whatever it says of its place. */
function opening(seq: number, fields: event.EventFields): ledger.Opening {
  const body = event.body(fields);
  return { seq, commitment: event.commitment(SALT, body), salt: SALT, body };
}

describe("a body whose commitment is right", () => {
  test("is followed where it says that it stands", () => {
    const [after, told] = new ledger.Place(SUBJECT).follow(opening(0, FIRST));
    expect(told).toEqual(FIRST);
    expect(after).toEqual(new ledger.Place(SUBJECT, 1, event.commitment(SALT, event.body(FIRST))));
  });

  test.each([
    ["another seq", { ...FIRST, seq: 1 }],
    ["another prev", { ...FIRST, prev: SUBJECT }],
  ])("with %s is a gap", async (_, fields) => {
    expect(await reasonOf(() => new ledger.Place(SUBJECT).follow(opening(0, fields)))).toBe("activity-gap");
  });
});

test("an erased event has its number all the same", async () => {
  const erased = { seq: 0, commitment: SALT, salt: null, body: null };
  // Without its body a salt opens nothing, and without its salt a body shows nothing.
  for (const one of [erased, { ...erased, salt: SALT }, { ...erased, body: SALT }]) {
    expect(new ledger.Place(SUBJECT).follow(one)).toEqual([new ledger.Place(SUBJECT, 1, SALT), undefined]);
  }
  for (const place of [new ledger.Place(SUBJECT, 1, SALT), new ledger.Place(SUBJECT, 2, SALT)]) {
    expect(await reasonOf(() => place.follow(erased))).toBe("activity-gap");
  }
});

test("a tag is of a collection and a day, eight bytes of it", () => {
  const days = [0, 1, 255, 256, 20_000, 2 ** 33].map((day) => ledger.headsTag(SUBJECT, day).join());
  expect(new Set(days).size).toBe(days.length);
});
