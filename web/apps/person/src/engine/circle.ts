/** People, what is shared with them, who looked, and what the server has, as a page asks for it. Ids are hex. */

import { fromHex, hex, randomBytes } from "@mindhaven/crypto";
import type { Mindhaven } from "@mindhaven/sdk";

import { COPIES } from "../shares.ts";
import type { ActivityShown, AgreedShown, ChoiceAsked, ChoicesShown, RemindersAsked, RemindersShown, SeenShown } from "./logged.ts";
import type { ContactShown, Terms } from "./shown.ts";

const COPY_ID_BYTES = 6;

export class Circle {
  readonly #open: () => Mindhaven;

  /** `open` returns the client; throws (locked) if nothing is unlocked. */
  constructor(open: () => Mindhaven) {
    this.#open = open;
  }

  contacts(): ContactShown[] {
    const client = this.#open();
    return client.listing.contacts().map((one) => ({
      uid: hex(one.uid),
      name: one.name,
      checked: one.checked,
      keys: client.vouched(one.uid),
      reads: client.sharing.readableBy(one.uid),
      shares: client.sharing.sharedBy(one.uid),
    }));
  }

  async invite(): Promise<string> {
    const link = await this.#open().sharing.invite();
    await this.#open().store.saved();
    return link;
  }

  async accept(link: string, myName: string, theirName: string): Promise<void> {
    await this.#open().inTurn(() => this.#open().sharing.accept(link, myName, theirName));
    await this.#open().sync();
  }

  /** Look for answers to one's invitations; return the names of who answered. */
  async answers(): Promise<string[]> {
    const found = await this.#open().inTurn(() => this.#open().sharing.answers());
    await this.#open().store.saved();
    return found.map((one) => one.name);
  }

  async share(part: string, uid: string, since: number, terms: Terms): Promise<void> {
    const client = this.#open();
    await client.sync();
    await client.inTurn(() => client.sharing.grant(part, fromHex(uid), { since, ...terms }));
    await client.store.saved();
  }

  /** Share copies of single entries, files and all: in a part of their own, so that nothing else of theirs can be read or counted. */
  async shareCopies(items: readonly string[], uid: string, terms: Terms): Promise<void> {
    const client = this.#open();
    const part = `${COPIES}${hex(randomBytes(COPY_ID_BYTES))}`;
    try {
      for (const item of items) {
        const entry = client.entries.one(fromHex(item));
        if (entry.record === null) continue;
        const files = entry.files.length === 0 ? [] : await (await import("./copying.ts")).filesFor(client, entry, part);
        client.entries.add(entry.record, part, files);
      }
      await this.share(part, uid, 0, terms);
    } catch (error) {
      this.#dropCopies(part); // nobody was given them, and no list shows them: they must not stay
      await client.store.saved();
      throw error;
    }
  }

  #dropCopies(part: string): void {
    const { entries } = this.#open();
    for (const one of entries.all()) if (one.mine && one.collectionName === part) entries.erase(one);
  }

  /** Stop sharing a part with somebody; copies that were made for it go too. */
  async stopSharing(part: string, uid: string): Promise<void> {
    const client = this.#open();
    await client.inTurn(() => client.sharing.revoke(part, fromHex(uid)));
    if (part.startsWith(COPIES)) this.#dropCopies(part);
    await client.store.saved();
  }

  /** Report to a contact that parts of theirs are shown here; without a server, or if it does not answer, nothing is. */
  async reportOpened(uid: string, parts: readonly string[]): Promise<void> {
    await this.#open().sharing.reportOpened(fromHex(uid), parts).catch(() => undefined);
  }

  async safetyWords(uid: string): Promise<string> {
    return this.#open().sharing.words(fromHex(uid));
  }

  /** Return who touched this person's data, each entry verified here. */
  async activity(): Promise<ActivityShown> {
    return (await import("./trail.ts")).activity(this.#open());
  }

  /** Answer for a purpose, and return how each stands. */
  async permissions(asked: ChoiceAsked): Promise<ChoicesShown> {
    return (await import("./chosen.ts")).permissions(this.#open(), asked);
  }

  /** Return what was agreed to with each share. */
  async agreed(): Promise<AgreedShown[]> {
    return (await import("./trail.ts")).agreed(this.#open());
  }

  /** Return the receipt of one choice (its number) or of a consent to a share (its id), as a file for others. */
  async receiptOf(what: number | string): Promise<Uint8Array> {
    return (await import("./chosen.ts")).receiptOf(this.#open(), what);
  }

  /** Return whether the policy changed since this device told of it; `told`: it was told now. */
  async policyNews(told: boolean): Promise<boolean> {
    return (await import("./chosen.ts")).policyNews(this.#open(), told);
  }

  /** Keep the no of a browser that signals it; what fails is tried again at the next opening. */
  async keepSignal(language: string): Promise<void> {
    await import("./chosen.ts").then((its) => its.keepSignal(this.#open(), language)).catch(() => undefined);
  }

  /** Change the reminders of this device, or return how they stand. */
  async reminders(asked: RemindersAsked): Promise<RemindersShown> {
    return (await import("./trail.ts")).reminders(this.#open(), asked);
  }

  /** Return what the server has of this person. */
  async seen(): Promise<SeenShown> {
    return (await import("./trail.ts")).seen(this.#open());
  }
}
