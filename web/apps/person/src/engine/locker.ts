/** What is locked under words of its own, while it is open. Its key is here only; closing lets go of it. */

import { InvalidInputError, NotFoundError, base64, fromBase64, fromHex, hex, lock as locking, recovery } from "@mindhaven/crypto";
import type { Entry, Mindhaven, OpenedLock, Unplaced, UnplacedFile } from "@mindhaven/sdk";

import { JOURNAL } from "../kinds.ts";
import type { Desk } from "./desk.ts";
import type { Floor } from "./rooms.ts";
import { recordOf, shownEntry } from "./showing.ts";
import type { EntryShown, NewEntry } from "./shown.ts";

/** Lists of files that wait under a lock stand among the drafts under this and the lock's name. */
const FILES = "locked-files/";
/** Where an entry of the journal goes. */
const JOURNAL_PART = "journal";

export class Locker {
  readonly #client: Mindhaven;
  readonly #desk: Desk;
  #lock: OpenedLock | null = null;

  constructor(client: Mindhaven, desk: Desk) {
    this.#client = client;
    this.#desk = desk;
  }

  /** Tell whether there is a lock. */
  async exists(): Promise<boolean> {
    return (await this.#client.locks()).exists();
  }

  /** Make a lock and leave it open; the server is asked for the ways in, and whether another device made one. */
  async make(words: string): Promise<void> {
    if (this.#client.me === null) {
      throw new InvalidInputError("A lock needs the sealed copy on the server.", { code: "no-account" });
    }
    await this.#client.sync();
    this.#lock = await (await this.#client.locks()).create(words);
    await this.#client.store.saved();
  }

  /** Open it by its words, or by the rows of the spare key; throws (lock-closed). */
  async open(key: { readonly words: string } | { readonly rows: string }): Promise<void> {
    const locks = await this.#client.locks();
    this.#lock = "words" in key ? await locks.open(key.words) : await locks.openBySpareKey(recovery.parse(key.rows));
  }

  /** Let the spare key of today open it too, if it was made before; needs the server. */
  async renew(): Promise<void> {
    if (await this.#opened().renew()) await this.#client.store.saved();
  }

  #opened(): OpenedLock {
    if (this.#lock === null) throw new InvalidInputError("Open the lock first.", { code: "lock-needed" });
    return this.#lock;
  }

  async #one(item: string): Promise<Entry> {
    const found = (await this.#opened().entries()).find((one) => hex(one.item) === item);
    if (found === undefined) throw new NotFoundError("There is no such entry here.", { code: "entry-unknown" });
    return found;
  }

  /** Return what is locked, opened, the newest first. */
  async entries(): Promise<EntryShown[]> {
    return (await this.#opened().entries()).map(shownEntry).reverse();
  }

  /** Lock an entry; what was being written of it goes, since a draft is not locked. Files that wait for it are locked too. */
  async put(item: string): Promise<void> {
    const waiting = await this.#waiting();
    await this.#opened().lock(this.#client.entries.one(fromHex(item)));
    await this.#desk.keepDraft(item, "");
    await (await this.#client.unplaced()).move(item, waiting, item);
    await this.#client.store.saved();
  }

  /** Make it an ordinary entry again; what was being written of it goes along. */
  async take(item: string): Promise<void> {
    const begun = await this.draft(item);
    const waiting = await this.#waiting();
    this.#opened().unlock(await this.#one(item));
    await this.#desk.keepDraft(item, begun);
    await this.keepDraft(item, "");
    await waiting.move(item, await this.#client.unplaced(), item);
    await this.#client.store.saved();
  }

  /** Write an entry that is locked from the beginning, or change one; files stay with it, and `attached` join it. */
  async write(entry: NewEntry, item: string | null, attached: readonly string[] = []): Promise<void> {
    const lock = this.#opened();
    const waiting = await this.#waiting();
    const files = await waiting.references(attached);
    if (item === null) await lock.add(recordOf(entry), files);
    else {
      const before = await this.#one(item);
      await lock.revise(before, recordOf(entry), [...before.files, ...files]);
    }
    await this.keepDraft(item, "");
    await waiting.drop(attached);
    await this.#client.store.saved();
  }

  async erase(item: string): Promise<void> {
    this.#client.entries.erase(await this.#one(item));
    await this.keepDraft(item, "");
    await this.#client.store.saved();
  }

  async readFile(item: string, number: number): Promise<Blob> {
    return (await this.#client.files()).read(await this.#one(item), number);
  }

  /** Seal a file for what is being written and send it; what opens it rests under the lock alone. */
  async attach(file: File, item: string | null): Promise<UnplacedFile> {
    const waiting = await this.#waiting();
    const part = item === null ? JOURNAL_PART : (await this.#one(item)).collectionName;
    return waiting.attach(part, file, item ?? "");
  }

  /** Return the files that wait for what is being written, the oldest first. */
  async waiting(item: string | null): Promise<UnplacedFile[]> {
    return (await this.#waiting()).shown(item ?? "");
  }

  /** Return the bytes of a file that waits, once every part of it was verified. */
  async readWaiting(id: string): Promise<Blob> {
    return (await this.#waiting()).read(id);
  }

  /** Let go of a file that waits. */
  async putAway(id: string): Promise<void> {
    await (await this.#waiting()).drop([id]);
  }

  /** Return the files that wait under the lock: their list is a draft, which opens with it and not before. */
  async #waiting(): Promise<Unplaced> {
    const lock = this.#opened();
    const name = `${FILES}${lock.name}`;
    return this.#client.unplaced({
      get: async () => {
        const kept = this.#desk.drafts()[name];
        const list = kept === undefined ? null : await lock.unseal(kept);
        return list === null ? null : fromBase64(list);
      },
      put: async (list) => this.#desk.keepDraft(name, list === null ? "" : await lock.seal(base64(list))),
    });
  }

  /** Tell whether a restored server lacks a part of a file of a locked entry; the lock need not be open for that. */
  async lacks(): Promise<boolean> {
    if (!this.#client.vault.restored) return false;
    const locked = this.#client.entries.all({ kind: locking.LOCKED, locks: true }).filter((one) => one.mine);
    return (await (await this.#client.parts()).gaps(locked)).size > 0;
  }

  /** Return the names of the files in here of which a restored server lacks a part. */
  async lacking(): Promise<string[]> {
    const entries = await this.#opened().entries();
    if (!this.#client.vault.restored) return [];
    return (await (await this.#client.parts()).lacking(entries)).map((one) => one.file.name);
  }

  /** Give one of them back from a file that is the same; return its name. Throws (file-differs); nothing is sent then. */
  async giveBack(file: File): Promise<string> {
    const entries = await this.#opened().entries();
    const parts = await this.#client.parts();
    const [given] = await parts.giveBack(await parts.lacking(entries), file);
    return given?.file.name ?? file.name;
  }

  /** Keep what is being written, under the lock as well; "": nothing is. */
  async keepDraft(item: string | null, text: string): Promise<void> {
    await this.#desk.keepDraft(draftName(item), text === "" ? "" : await this.#opened().seal(text));
  }

  /** Return what was being written, "" for nothing. */
  async draft(item: string | null): Promise<string> {
    const kept = this.#desk.drafts()[draftName(item)];
    return kept === undefined ? "" : ((await this.#opened().unseal(kept)) ?? "");
  }

  /** Give it other words; needs the server. */
  async change(words: string): Promise<void> {
    await this.#opened().change(words);
    await this.#client.store.saved();
  }

  /** Unlock everything and end the lock; return how many entries were unlocked. */
  async remove(): Promise<number> {
    const begun: [string | null, string][] = [];
    for (const item of [null, ...(await this.entries()).map((one) => one.item)]) begun.push([item, await this.draft(item)]);
    const waiting = await this.#waiting();
    const items = (await this.entries()).map((one) => one.item);
    const count = await this.#opened().remove();
    const outside = await this.#client.unplaced();
    await waiting.move("", outside, JOURNAL);
    for (const item of items) await waiting.move(item, outside, item);
    for (const [item, text] of begun.filter((one) => one[1] !== "")) {
      await this.#desk.keepDraft(draftName(item), "");
      // What was begun here goes on in the journal, unless something was begun there.
      if (item !== null || this.#desk.drafts()[JOURNAL] === undefined) await this.#desk.keepDraft(item ?? JOURNAL, text);
    }
    this.#lock = null;
    await this.#client.store.saved();
    return count;
  }
}

/** Return what is locked, closed at first. */
export function enter({ open, desk }: Floor): Locker {
  return new Locker(open(), desk);
}

function draftName(item: string | null): string {
  return `locked/${item ?? ""}`;
}
