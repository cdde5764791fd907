/**
 * The browser's exports and imports as the other party: does what each line of its input asks, and says what came of it.
 *
 * Run by tests/interop/test_browser_exchange.py, which holds the answers against the Python library.
 */

import { createInterface } from "node:readline";

import { MindhavenError, fromBase64, fromHex, fromUtf8, hex } from "@mindhaven/crypto";
import { decimalNumber, fixed, general, plainNumber, rounded } from "@mindhaven/kinds/numerals";

import { decodeBody, encodeBody } from "../../src/canonical.ts";
import {
  NeedsMoodNames,
  archiveFiles,
  compareWith,
  csvFiles,
  detect,
  digestOf,
  importerNamed,
  isImported,
  writeCsvZip,
  writeFhir,
  writeHtml,
  type Exported,
  type Options,
  type Read,
} from "../../src/exchange/index.ts";
import { folded, isBlank, quoted } from "../../src/exchange/texts.ts";

/** An item as the test writes it: its body as the canonical JSON in base64, other bytes in hexadecimal. */
interface Item {
  readonly kind: string;
  readonly version: number;
  readonly createdAt: number;
  readonly zone: string;
  readonly body: string;
  readonly item: string;
  readonly revision: number;
  readonly collectionName: string;
  readonly author: string;
  readonly conflictOf: string | null;
  readonly authorName: string;
  readonly owner: { readonly uid: string; readonly name: string } | null;
}

interface ExportAsked {
  readonly items: readonly Item[];
  readonly madeAt: number;
  readonly title: string;
  readonly includeJournal: boolean;
}

function itemOf({ kind, version, createdAt, zone, ...given }: Item): Exported {
  return {
    record: { kind, version, createdAt, zone, body: decodeBody(fromBase64(given.body)) },
    item: fromHex(given.item),
    revision: given.revision,
    collectionName: given.collectionName,
    author: fromHex(given.author),
    conflictOf: given.conflictOf === null ? null : fromHex(given.conflictOf),
    authorName: given.authorName,
    owner: given.owner === null ? null : { uid: fromHex(given.owner.uid), name: given.owner.name },
  };
}

function shown(data: Uint8Array): string {
  return Buffer.from(data).toString("base64");
}

function exported({ items: given, madeAt, title, includeJournal }: ExportAsked): unknown {
  const items = given.map(itemOf);
  const { data, records, journalLeftOut } = writeFhir(items, madeAt, includeJournal);
  const options = { madeAt, title, includeJournal };
  return {
    fhir: shown(data),
    told: { records, "journal-left-out": journalLeftOut },
    html: shown(writeHtml(items, madeAt, title)),
    csv: csvFiles(items).map((part) => [part.name, shown(part.data)]),
    zip: shown(writeCsvZip(items)),
    archive: archiveFiles(items, options).map((part) => [part.name, shown(part.data)]),
  };
}

interface ImportAsked {
  readonly file: string;
  /** None: the importer is chosen by what is in the file. */
  readonly importer: string | null;
  readonly options: Options;
  /** A zone under which the file was read before: what reading it again comes to. */
  readonly before: string | null;
}

function rowShown(row: Read): unknown {
  if (!isImported(row)) return row;
  const { kind, version, createdAt, zone, body } = row.record;
  const noted = hex(digestOf(row.record));
  return { kind, version, createdAt, zone, body: fromUtf8(encodeBody(body)), key: row.key, noted };
}

function imported({ file, importer: name, options, before }: ImportAsked): unknown {
  const data = fromBase64(file);
  const importer = name === null ? detect(data) : importerNamed(name);
  const { byKind, first, ...preview } = importer.preview(data, options);
  const told = { ...preview, byKind: Object.fromEntries(byKind), first: first.map((row) => row.key) };
  const rows = [...importer.read(data, options)];
  let again = null;
  if (before !== null) {
    const kept = [...importer.read(data, { ...options, zone: before })].filter(isImported).map((row) => row.record);
    const edited = kept.map((one, place) => (place % 3 === 0 ? { ...one, body: { ...one.body, note: "edited" } } : one));
    const found = compareWith(importer, data, options, edited);
    again = { ...found, corrections: [...found.corrections].map(([place, { createdAt, zone }]) => [place, createdAt, zone]) };
  }
  return { preview: told, rows: rows.map(rowShown), again };
}

function refusedOr(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof MindhavenError)) throw error;
    const names = error instanceof NeedsMoodNames ? error.names : null;
    return { refused: error.reason, message: error.message, names };
  }
}

function numbersShown(numbers: readonly number[]): unknown {
  return numbers.map((one) => [plainNumber(one), decimalNumber(one), fixed(one, 1), decimalNumber(rounded(one, 2)), general(one)]);
}

function textsShown(texts: readonly string[]): unknown {
  return texts.map((one) => [folded(one), isBlank(one), quoted(one)]);
}

interface Asked {
  readonly exports?: ExportAsked;
  readonly imports?: ImportAsked;
  readonly numbers?: readonly number[];
  readonly texts?: readonly string[];
}

for await (const line of createInterface({ input: process.stdin })) {
  const { exports, imports, numbers, texts } = JSON.parse(line) as Asked;
  const answer = refusedOr(() => {
    if (exports !== undefined) return exported(exports);
    if (imports !== undefined) return imported(imports);
    return numbers === undefined ? textsShown(texts ?? []) : numbersShown(numbers);
  });
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
