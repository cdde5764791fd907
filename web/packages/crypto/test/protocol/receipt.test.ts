import { expect, test } from "vitest";

import { event, receipt } from "../../src/index.ts";
import { reasonOf } from "../tlog/signing.ts";

const SUBJECT = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const SALT = new Uint8Array(32).fill(9);

test("what an event does not say is no difference; what it says is", async () => {
  const body = event.body({
    name: "accounts.statement.added",
    version: 1,
    subject: SUBJECT,
    seq: 3,
    prev: OTHER,
    at: 7200,
    fields: [SUBJECT],
  });
  const given = new receipt.Receipt({
    what: "keys",
    subject: SUBJECT,
    seq: 3,
    at: 7201,
    commitment: event.commitment(SALT, body),
    position: null,
  });
  const check = (about: receipt.About): unknown => given.check(about, SALT, body).seq;
  expect(check({})).toBe(3);
  expect(check({ digest: SUBJECT })).toBe(3);
  expect(check({ digest: SUBJECT, person: OTHER, collection: OTHER })).toBe(3);
  expect(await reasonOf(() => check({ digest: OTHER }))).toBe("receipt-differs");
});
