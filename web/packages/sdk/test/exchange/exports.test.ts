/**
 * Exports of the browser, by what is known without running them. That their bytes are the command line's is held by
 * tests/interop/test_browser_exchange.py.
 */

import { utf8 } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import type { JsonObject } from "../../src/canonical.ts";
import type { Entry } from "../../src/entries.ts";
import {
  archiveFiles,
  csvFiles,
  exportedFrom,
  writeFhir,
  writeHtml,
  zipOf,
  type Exported,
} from "../../src/exchange/index.ts";
import { columnsOf, defused, headers } from "../../src/exchange/tables.ts";
import { crc32 } from "../../src/exchange/zip.ts";
import { LATEST_MS, kindNamed } from "@mindhaven/kinds/fields";

const T = Date.UTC(2026, 0, 1);
const AUTHOR = new Uint8Array(32).fill(0xa1);

function one(kind: string, body: JsonObject, more: Partial<Exported & { version: number; createdAt: number }> = {}): Exported {
  const { version = 1, createdAt = T, ...given } = more;
  return {
    record: { kind, version, createdAt, zone: "Europe/Berlin", body },
    item: new Uint8Array(16).fill(1),
    revision: 1,
    collectionName: "Daily",
    author: AUTHOR,
    conflictOf: null,
    authorName: "",
    owner: null,
    ...given,
  };
}

function text(data: Uint8Array | undefined): string {
  return new TextDecoder().decode(data);
}

test("the CRC-32 is the one that everybody has", () => {
  expect(crc32(utf8("123456789"))).toBe(0xcbf43926); // the check value of CRC-32/ISO-HDLC
  expect(crc32(new Uint8Array())).toBe(0);
});

test("a zip says where its parts are, and that it holds them as they are", () => {
  const zip = zipOf([{ name: "a.txt", data: utf8("hello") }, { name: "ß", data: new Uint8Array() }]);
  const view = new DataView(zip.buffer);
  expect(text(zip.subarray(0, 2))).toBe("PK");
  expect(view.getUint32(14, true)).toBe(crc32(utf8("hello")));
  expect(text(zip.subarray(30, 40))).toBe("a.txthello");
  const end = zip.length - 22;
  expect([view.getUint32(end, true), view.getUint16(end + 10, true)]).toEqual([0x06054b50, 2]);
  const central = view.getUint32(end + 16, true);
  expect(view.getUint32(central, true)).toBe(0x02014b50);
  expect(central + view.getUint32(end + 12, true)).toBe(end);
});

test.each([
  ["=1+1", "'=1+1"],
  ["+49 30", "'+49 30"],
  ["-milk", "'-milk"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\tx", "'\tx"],
  ["\rx", "'\rx"],
  ["'=x", "''=x"],
  ["a=1", "a=1"],
  ["", ""],
])("the cell %j does not run as a formula", (given, cell) => {
  expect(defused(given)).toBe(cell);
  const [mood] = csvFiles([one("mindhaven/mood", { valence: -1, note: given })]);
  const quoted = /[\r",\n]/u.test(cell) ? `"${cell}"` : cell;
  expect(text(mood?.data)).toContain(`,-1,,,,,,,${quoted},`);
});

test("no two columns have one name", () => {
  const paths = [["version"], ["body.version"], ["body", "version"], ["Version"], ["mood"]];
  expect(headers(paths).slice(-5)).toEqual([
    "body.version",
    "body.body.version",
    "body.body.body.version",
    "body.body.body.body.Version",
    "mood",
  ]);
  const checkup = kindNamed("mindhaven/checkup");
  expect(headers(columnsOf(checkup?.fields ?? []))).toContain("body.version");
});

test("a journal goes into a bundle only when asked for, of whatever version and shape", () => {
  const journals = [
    one("mindhaven/journal", { text: "It rained." }),
    one("mindhaven/journal", { text: "It rained.", weather: "rain" }, { version: 2 }),
    one("mindhaven/journal", { text: ["It rained."] }),
  ];
  const without = writeFhir(journals, T);
  expect([without.records, without.journalLeftOut]).toEqual([0, 3]);
  expect(text(without.data)).not.toContain("rained");
  const bundle = JSON.parse(text(writeFhir(journals, T, true).data)) as { entry: { resource: { resourceType: string } }[] };
  expect(bundle.entry.map(({ resource }) => resource.resourceType)).toEqual(["Patient", "DocumentReference", "Basic", "Basic"]);
});

test("a page reaches for nothing, and nothing that a person wrote is markup", () => {
  const evil = "<script>alert(1)</script><img src=x onerror=1>\"'&";
  const items = [one("mindhaven/mood", { valence: 0, note: evil, labels: [evil] }), one("org.example/x", { [evil]: evil })];
  const page = text(writeHtml(items, T, evil));
  expect(page).not.toMatch(/<script|<img|https?:\/\/|\bsrc="/u);
  expect(page).toContain("default-src 'none'");
});

test("what does not fit its kind stops no export and is kept whole", () => {
  const misshapen = one("mindhaven/checkup", { instrument: 5 }, { createdAt: 2 ** 52 });
  const files = archiveFiles([misshapen, one("mindhaven/plan", { signs: "none" })], { madeAt: T });
  expect(files.map((file) => file.name)).toEqual(["records.html", "tables.zip", "fhir.json", "README.txt"]);
  expect(text(files[0]?.data)).toContain("{&quot;instrument&quot;:5}");
  expect(text(files[2]?.data)).toContain(`"valueInstant":"${new Date(LATEST_MS).toISOString().slice(0, 19)}Z"`);
});

test("entries of this device say who wrote them where another did", () => {
  const { record, item } = one("mindhaven/mood", { valence: 0 });
  const entry: Entry = {
    record,
    item,
    revision: 1,
    collection: null,
    collectionName: "mood",
    author: AUTHOR,
    mine: true,
    waits: false,
    error: null,
    held: null,
    conflictOf: null,
    files: [],
  };
  const other = { ...entry, author: new Uint8Array(32).fill(0xb2) };
  const third = { ...entry, author: new Uint8Array(32).fill(0xc3) };
  const unsent = { ...entry, author: null };
  const names = new Map([["b2".repeat(32), "Dr B"]]);
  const made = exportedFrom([entry, other, third, unsent, { ...entry, record: null }], AUTHOR, names);
  expect(made.map((exported) => exported.authorName)).toEqual(["", "Dr B", "(no contact) c3c3c3c3", ""]);
  const ana = { uid: other.author, name: "Ana" };
  expect(exportedFrom([other, entry], AUTHOR, names, ana).map((exported) => exported.authorName)).toEqual(["", "(no contact) a1a1a1a1"]);
});
