/** Reminders of a device before a real server: what it is told, when it is told anew, and when they have ended. */

import { expect, test } from "vitest";

import { utcMinutes } from "../src/reminders.ts";
import { device, person, type Device } from "./support/world.ts";

const ADDRESS = "https://fcm.googleapis.com/fcm/send/no-such-device";
const GET = "GET /v1/reminder";
const PUT = "PUT /v1/reminder";

/** Times at which nothing is sent while this test runs. */
const TIMES = [11, 13].map((hours) => new Date(Date.now() + hours * 3_600_000).toTimeString().slice(0, "hh:mm".length)).sort();

/** Return somebody who said yes to reminders. */
async function allowing(): Promise<Device> {
  const ana = await person();
  const its = await ana.client.choices();
  const asked = await its.asked();
  await its.choose({ purpose: "reminders", act: "give", language: "en", asked, askedAt: Date.now() });
  return ana;
}

/** Begin a sitting anew: as when the app is closed and opened. */
async function opened({ rows, key }: Device): Promise<Device> {
  return device(rows, key);
}

function asked({ wire }: Device, what: string): number {
  return wire.asked.filter((one) => one === what).length;
}

test.each([
  [["08:00"], 0, [480]],
  [["08:00", "20:30"], -60, [420, 1170]],
  [["08:00"], 300, [780]],
  [["00:30"], -60, [1410]], // the evening before, in UTC
  [["23:30"], 60, [30]],
  [["05:45"], -345, [0]],
  [["20:00", "08:00", "08:00"], 0, [480, 1200]],
])("%j with UTC %i minutes ahead", (times, offset, minutes) => {
  expect(utcMinutes(times, offset)).toEqual(minutes);
});

test.each(["", "8:00", "24:00", "08:60", "noon"])("%j is no time", (time) => {
  expect(() => utcMinutes([time], 0)).toThrow(TypeError);
});

test("a device turns them on and off, and nothing is asked where there are none", async () => {
  const ana = await allowing();
  await ana.client.sync();
  expect(asked(ana, GET)).toBe(0);
  const its = await ana.client.reminders();
  expect(await its.key()).toMatch(/^B[\w-]{86}$/); // a point of 65 bytes that begins with 4
  expect(its.chosen()).toBeNull();
  await its.put({ endpoint: ADDRESS, times: TIMES });
  expect(its.chosen()).toMatchObject({ endpoint: ADDRESS, times: TIMES, ended: false });
  const minutes = utcMinutes(TIMES, new Date().getTimezoneOffset());
  expect(await its.all()).toEqual([
    { here: true, service: "fcm.googleapis.com", minutes, left: 3, since: expect.any(Number) as number },
  ]);
  expect((await ana.client.seen()).reminders).toHaveLength(1);
  await its.end();
  expect(its.chosen()).toBeNull();
  expect(await its.all()).toEqual([]);
});

test("another browser's service is refused, and nothing is kept", async () => {
  const ana = await allowing();
  const its = await ana.client.reminders();
  await expect(its.put({ endpoint: "https://push.evil.test/x", times: TIMES })).rejects.toMatchObject({ reason: "push-service" });
  expect(its.chosen()).toBeNull();
});

test("when the app is opened the server is told anew what it lacks, once", async () => {
  const ana = await allowing();
  await (await ana.client.reminders()).put({ endpoint: ADDRESS, times: TIMES });
  const well = await opened(ana);
  await well.client.sync();
  await well.client.sync();
  expect([asked(well, GET), asked(well, PUT)]).toEqual([1, 0]);

  // As after a journey: what was told before are other minutes than these times are now.
  await ana.client.vault.transport.call("PUT", "/v1/reminder", { endpoint: ADDRESS, minutes: [1] });
  const moved = await opened(ana);
  await moved.client.sync();
  expect(asked(moved, PUT)).toBe(1);
  const [there] = await (await moved.client.reminders()).all();
  expect(there?.minutes).toEqual(utcMinutes(TIMES, new Date().getTimezoneOffset()));

  const fewer = await opened(ana);
  fewer.wire.change = ({ path, method, body }) => {
    if (`${method} ${path}` !== GET) return null;
    const text = new TextDecoder().decode(body);
    expect(text).toContain('"left":3');
    return new TextEncoder().encode(text.replace('"left":3', '"left":2'));
  };
  await fewer.client.sync();
  expect(asked(fewer, PUT)).toBe(1);
});

test("what the server ended is not turned on by itself, and a sync goes on without it", async () => {
  const ana = await allowing();
  await (await ana.client.reminders()).put({ endpoint: ADDRESS, times: TIMES });
  await ana.client.vault.transport.call("DELETE", "/v1/reminder"); // as when the push service knows the device no more
  const later = await opened(ana);
  await later.client.sync();
  expect(asked(later, PUT)).toBe(0);
  expect((await later.client.reminders()).chosen()).toMatchObject({ times: TIMES, ended: true });
  await later.client.store.saved();
  const after = await opened(ana);
  await after.client.sync();
  expect(asked(after, GET)).toBe(0);
});

test("a server without reminders, or none at all, is no fault of a sync", async () => {
  const ana = await allowing();
  await (await ana.client.reminders()).put({ endpoint: ADDRESS, times: TIMES });
  const cut = await opened(ana);
  cut.wire.before = (method, path) => {
    if (`${method} ${path}` === GET) throw new TypeError("the line is cut");
  };
  await cut.client.sync();
  expect((await cut.client.reminders()).chosen()?.ended).toBe(false);
  const off = await opened(ana);
  off.wire.change = ({ path }) =>
    path.startsWith("/v1/reminder")
      ? new Response('{"type":"urn:mindhaven:problem:reminders-off","code":"reminders-off","detail":"x"}', { status: 404 })
      : null;
  await off.client.sync();
  expect(await (await off.client.reminders()).key()).toBeNull();
  expect((await off.client.reminders()).chosen()?.ended).toBe(true);
});
