/**
 * The list of importers, and the choice of one by content. Twin of `mindhaven.sdk.imports.detect`, without those that the
 * browser does not have: a `.daylio` backup and Apple Health, which the command line reads.
 *
 * Guarantees: exactly one importer or an error; the name of the file decides nothing. No I/O.
 */

import { InvalidInputError } from "@mindhaven/crypto";

import { bearableCsv } from "./bearable.ts";
import { daylioCsv } from "./daylio.ts";
import type { Importer } from "./imported.ts";
import { HEAD_BYTES, firstLine } from "./lines.ts";
import { csvMap } from "./mapping.ts";
import { beginning, printable, stripped } from "./texts.ts";

export const IMPORTERS: readonly Importer[] = [daylioCsv, bearableCsv, csvMap];
/** What the browser does not read. */
const ELSEWHERE = "Backups of Daylio and files of Apple Health are read by the command line: mindhaven import FILE.";
/** Characters of a first line that a refusal shows. */
const SHOWN = 200;

/** Return the importer called `name`; throws `InvalidInputError` (`import-unknown`) listing those there are. */
export function importerNamed(name: string): Importer {
  const found = IMPORTERS.find((importer) => importer.name === name);
  if (found !== undefined) return found;
  const hint = `There are: ${IMPORTERS.map((importer) => importer.name).join(", ")}.`;
  throw new InvalidInputError("There is no such importer.", { code: "import-unknown", hint });
}

/** Return the importer whose format `file` has; throws `InvalidInputError` (`import-header`). */
export function detect(file: Uint8Array): Importer {
  const first = firstLine(file.subarray(0, HEAD_BYTES));
  const found = IMPORTERS.find((importer) => importer.detects(first));
  if (found !== undefined) return found;
  const shown = printable(stripped(beginning(first, SHOWN))) || "(empty)";
  const titles = IMPORTERS.filter((importer) => importer !== csvMap).map((importer) => importer.title);
  throw new InvalidInputError(`This file is of no kind that Mindhaven knows. Its first line is: ${shown}.`, {
    code: "import-header",
    hint: `Known: ${titles.join(", ")}. Any other table can be read with a column map. ${ELSEWHERE}`,
  });
}
