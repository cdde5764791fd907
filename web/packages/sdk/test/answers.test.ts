/** Answers of the wrong shape, without an end, or from another address than was asked. docs/attacks/browser.md. */

import { encode } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { attack } from "./support/play.ts";
import { another, collection, inAddress, mood, notes, onJson, person, wrote, type Change } from "./support/world.ts";

const MIB = 1024 * 1024;

attack("an answer without an end", async (play) => {
  const ana = await person();
  await wrote(ana, "first");
  let given = 0;
  const endless: Change = ({ path }) => {
    if (path !== "/v1/collections") return null;
    given = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(to) {
        given += 1;
        if (given > 80) to.close(); // so that the part without the check ends
        else to.enqueue(new Uint8Array(MIB));
      },
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
  ana.wire.change = endless;
  await play.lie(() => ana.client.sync());
  expect(given).toBeLessThan(70);
  expect(notes(ana)).toEqual(["first"]);
  await play.off(() => expect(ana.client.sync()).rejects.toMatchObject({ reason: "answer-shape" }));
  expect(given).toBeGreaterThan(80);
  ana.wire.change = null;
  await play.honest(() => ana.client.sync());
});

attack("an address that is another's", async (play) => {
  const ana = await person();
  await wrote(ana, "first");
  const asked: string[] = [];
  const elsewhere: Change = ({ path, body, status, headers }) => {
    asked.push(path);
    const said = new Headers(headers);
    said.set("mindhaven-origin", "https://other.example");
    return new Response(status === 204 ? null : new Uint8Array(body), { status, headers: said });
  };
  ana.client.entries.add(mood("second"));
  ana.wire.change = elsewhere;
  const error = await play.lie(() => ana.client.sync());
  expect(error.message).toContain(ana.client.vault.transport.origin);
  expect(asked).toHaveLength(1);
  expect(notes(ana)).toEqual(["first", "second"]);
  await play.off(() => ana.client.sync());
  expect(asked.length).toBeGreaterThan(2);
  ana.wire.change = null;
  await play.honest(() => ana.client.sync());
});

const SHAPES: [string, unknown][] = [
  ["nothing", null],
  ["a list in the place of an object", []],
  ["a number in the place of a list", { collections: 5, offer_until: null }],
  ["an entry that is no object", { collections: ["x"], offer_until: null }],
  ["an id that is too short", { collections: [{ id: "AAAA", seq: 1, head: "", owner: "", role: 1, since: 0, until: 0 }] }],
  ["half a number", { collections: [{ id: Buffer.alloc(32).toString("base64"), seq: 0.5 }], offer_until: null }],
];

test.for(SHAPES)("a list of collections that is %s is named", async ([, value]) => {
  const ana = await person();
  await wrote(ana, "first");
  ana.wire.change = onJson("GET", "/v1/collections", () => value);
  await expect(ana.client.sync()).rejects.toMatchObject({ reason: "answer-shape" });
  expect(notes(ana)).toEqual(["first"]);
  ana.wire.change = null;
  await ana.client.sync();
});

test("an answer that is not JSON is named", async () => {
  const ana = await person();
  ana.wire.change = ({ path }) => (path === "/v1/collections" ? new Uint8Array([0xff, 0xfe]) : null);
  await expect(ana.client.sync()).rejects.toMatchObject({ reason: "answer-shape" });
});

test.for<[string, string, Uint8Array]>([
  ["of another type", "shape", encode(5)],
  ["with another number of fields", "shape", encode([1, 2])],
  ["with a head of another length", "shape", encode([0, new Uint8Array(31), []])],
  ["that holds no commits", "shape", encode([3, new Uint8Array(32), [5]])],
  ["that is no encoding", "encoding-malformed", new Uint8Array([0xff])],
])("a page %s is named, and what waits goes later", async ([, named, page]) => {
  const ana = await person();
  await wrote(ana, "first");
  const id = collection(ana);
  const laptop = await another(ana);
  laptop.wire.change = ({ path }) => (path.startsWith(`/v1/collections/${inAddress(id)}/commits`) ? page : null);
  await expect(laptop.client.sync()).rejects.toMatchObject({ reason: named });
  expect(notes(laptop)).toEqual([]);
  laptop.wire.change = null;
  laptop.client.entries.add(mood("second"));
  await laptop.client.sync();
  expect(notes(laptop)).toEqual(["first", "second"]);
});
