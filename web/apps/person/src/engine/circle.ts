/** People and what is shared with them, as a page asks for it. Ids are hex. */

import { fromHex, hex } from "@mindhaven/crypto";
import type { Mindhaven } from "@mindhaven/sdk";

import type { ContactShown } from "./shown.ts";

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

  async share(part: string, uid: string, sinceMonth: number, untilDay: number, text: string): Promise<void> {
    const client = this.#open();
    await client.sync();
    await client.inTurn(() => client.sharing.grant(part, fromHex(uid), { since: sinceMonth, until: untilDay, text, language: "en" }));
    await client.store.saved();
  }

  async stopSharing(part: string, uid: string): Promise<void> {
    const client = this.#open();
    await client.inTurn(() => client.sharing.revoke(part, fromHex(uid)));
    await client.store.saved();
  }

  async safetyWords(uid: string): Promise<string> {
    return this.#open().sharing.words(fromHex(uid));
  }
}
