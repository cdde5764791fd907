import { recovery, SealKey } from "@mindhaven/crypto";
import { freshSpareKey, LocalStore, Mindhaven, type Entry } from "@mindhaven/sdk";
import { IndexedRows, lockWith, unlockWith, type LockWay } from "@mindhaven/sdk/browser";

const platform = {
  origin: location.origin, // pages and server share one address
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  now: () => Date.now(),
};

/** Open the notes that this browser keeps, sealed; works offline. Null: it keeps none yet. */
export async function open(passphrase: string): Promise<Mindhaven | null> {
  const rows = await IndexedRows.open("my-notes");
  const lock = (await rows.plain("lock")) as LockWay | undefined;
  if (lock === undefined) return null;
  const key = await unlockWith({ with: "passphrase", words: passphrase }, [lock]);
  return Mindhaven.open(await LocalStore.open(rows, key), platform);
}

/** Make an account, and a sealed store in this browser; return the spare key, which the person writes down. */
export async function begin(passphrase: string): Promise<{ mine: Mindhaven; spareKey: string[] }> {
  const rows = await IndexedRows.open("my-notes");
  const key = SealKey.fresh();
  const mine = await Mindhaven.open(await LocalStore.open(rows, key), platform);
  const spare = freshSpareKey();
  await mine.signUp({ with: "passphrase", words: passphrase, word: null }, spare, "My browser");
  await rows.putPlain("lock", await lockWith({ with: "passphrase", words: passphrase }, key));
  return { mine, spareKey: recovery.rows(spare) };
}

/** Keep a note on this device, then send it, sealed. Offline it waits here. */
export async function write(mine: Mindhaven, text: string): Promise<void> {
  mine.entries.add({ kind: "org.example/note", version: 1, createdAt: Date.now(), zone: "UTC", body: { text } });
  await mine.store.saved();
  const synced = await mine.sync();
  if (synced.logFault !== null) throw synced.logFault; // the server shows others another history
}

/** Return what was written, oldest first. */
export function read(mine: Mindhaven): string[] {
  return mine.entries.all({ kind: "org.example/note" }).map(textOf);
}

function textOf({ record, error }: Entry): string {
  const text = record?.body["text"];
  return typeof text === "string" ? text : `This note does not open (${error ?? "no text"}).`;
}
