/** A server that says that it was restored silences errors: only for a time that can be true. */

import { base64 } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { collection, person, wrote, type Device } from "./support/world.ts";

const DAY_SECONDS = 86_400;

/** Hide a collection, and say that what was lost is taken back until so many seconds from now. */
function hides(of: Device, left: number): void {
  const id = base64(collection(of));
  of.wire.change = ({ method, path, body }) => {
    if (method !== "GET" || path !== "/v1/collections") return null;
    const shown = JSON.parse(new TextDecoder().decode(body)) as { collections: { id: string }[] };
    const now = Math.floor(Date.now() / 1000);
    return new TextEncoder().encode(
      JSON.stringify({
        collections: shown.collections.filter((one) => one.id !== id),
        offer_since: now - DAY_SECONDS,
        offer_until: now + left,
      }),
    );
  };
}

test.each([
  ["over", -60],
  ["longer than any", 400 * DAY_SECONDS],
])("a time for offers that is %s excuses nothing", async (_name, left) => {
  const ana = await person();
  await wrote(ana, "first");
  hides(ana, left);
  await expect(ana.client.sync()).rejects.toMatchObject({ reason: "collection-withheld" });
});

test("within its time what is missing is told as behind", async () => {
  const ana = await person();
  await wrote(ana, "first");
  hides(ana, DAY_SECONDS);
  const { restored } = await ana.client.sync();
  expect(restored?.behind.map((one) => base64(one))).toEqual([base64(collection(ana))]);
});
