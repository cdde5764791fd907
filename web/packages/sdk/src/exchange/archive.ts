/**
 * Everything in one zip: the readable page, the tables and the FHIR bundle. Twin of `mindhaven.sdk.exports.write_archive`.
 *
 * Does not: seal it, as `mindhaven export --format age` does for one who has a key; or keep the history, the keys and the
 * attachments, as `mindhaven export --format archive` does for moving to another server. Those are the command line's.
 * No I/O.
 */

import { utf8 } from "@mindhaven/crypto";

import { writeFhir } from "./fhir.ts";
import { inOrder, type Exported } from "./model.ts";
import { TITLE, writeHtml } from "./page.ts";
import { writeCsvZip } from "./tables.ts";
import tables from "./tables.json" with { type: "json" };
import { zipOf, type Part } from "./zip.ts";

/** What an archive is told: when it is made, whether journals are in the bundle too, the title of the page. */
export interface ArchiveOptions {
  readonly madeAt: number;
  /** The page and the tables always have them. */
  readonly includeJournal?: boolean;
  readonly title?: string;
}

/** Return one zip with the three forms of the same content. */
export function writeArchive(items: Iterable<Exported>, options: ArchiveOptions): Uint8Array {
  return zipOf(archiveFiles(items, options));
}

/** Return the files of that zip. */
export function archiveFiles(items: Iterable<Exported>, options: ArchiveOptions): Part[] {
  const { madeAt, includeJournal = true, title = TITLE } = options;
  const ordered = inOrder(items);
  return [
    { name: "records.html", data: writeHtml(ordered, madeAt, title) },
    { name: "tables.zip", data: writeCsvZip(ordered) },
    { name: "fhir.json", data: writeFhir(ordered, madeAt, includeJournal).data },
    { name: "README.txt", data: utf8(tables.archiveReadme) },
  ];
}
