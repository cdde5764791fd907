/** What only a browser has: rows in IndexedDB, ways to unlock them, calls between page and worker. */

export { IndexedRows } from "./indexeddb.ts";
export { type Key, type LockWay, lockWith, secretOf, unlockWith } from "./lock.ts";
export { type Call, EngineError, Line, type Said, serve, type Told } from "./rpc.ts";
