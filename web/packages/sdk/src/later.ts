/**
 * What a page does not wait for: loaded when the logs are first read, a file is first sent or read, receipts are.
 *
 * One module and not several: what two of them share would otherwise be cut out of what is loaded first, which grew it
 * by 700 bytes (measured).
 */

export { Files } from "./files.ts";
export { Looking } from "./looking.ts";
export { Receipts } from "./receipts.ts";
