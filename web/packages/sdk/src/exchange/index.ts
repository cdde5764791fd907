/**
 * Records leave in open formats and come in from other apps, on the person's own machine; the twin of
 * `mindhaven.sdk.exports` and `mindhaven.sdk.imports`.
 *
 * Guarantees: pure functions, no network, no clock, no page; the same records give the same bytes as the command line.
 * A module of its own, since few visits need it: load it when it is asked for (`await import("@mindhaven/sdk/exchange")`).
 * Does not: store anything; read `.daylio` backups or Apple Health; seal an export (the command line does).
 */

export { type ArchiveOptions, archiveFiles, writeArchive } from "./archive.ts";
export { type FhirExport, writeFhir } from "./fhir.ts";
export { type Again, compareWith, digestOf, keyOf } from "./again.ts";
export { IMPORTERS, detect, importerNamed } from "./detecting.ts";
export {
  type Imported,
  type Importer,
  NeedsMoodNames,
  type Options,
  type Preview,
  type Problem,
  type Read,
  isImported,
} from "./imported.ts";
export { headOf } from "./mapping.ts";
export { type Exported, type Owner, exportedFrom } from "./model.ts";
export { writeHtml } from "./page.ts";
export { csvFiles, writeCsvZip } from "./tables.ts";
export { type Part, zipOf } from "./zip.ts";
