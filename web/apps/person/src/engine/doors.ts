/** Ways in as a person changes them: asked of the account, and kept as ways to unlock this device. */

import { InvalidInputError, equal, fromHex, hex } from "@mindhaven/crypto";
import { checkNew, type Accepted, type Assertion, type Mindhaven, type Opened, type Started } from "@mindhaven/sdk";
import { secretOf, type Key, type LockWay } from "@mindhaven/sdk/browser";

import { firstPasskey, forgetFirst } from "./first.ts";
import { kindOf } from "./showing.ts";
import type { Introducing, MadePasskey, PasskeyShown, WaysShown } from "./shown.ts";

/** What changing ways in needs of the engine. */
export interface House {
  /** Return the client; throws (locked) if nothing is unlocked. */
  readonly open: () => Mindhaven;
  /** Open a way in of the account once more. */
  readonly openWay: (key: Key) => Promise<Opened>;
  /** Take up the store's key by one of these keys, until `letGo`; throws (unlock-here) if none of them opens this device. */
  readonly unlockAgain: (keys: readonly Key[]) => Promise<void>;
  readonly letGo: () => void;
  /** Let this key unlock this device too; `dueAt`: beside what it takes the place of, until it counts for the account. */
  readonly addLock: (key: Key, dueAt: number | null) => Promise<void>;
  /** Keep these as the ways to unlock this device, and no others. */
  readonly keepLocks: (ways: readonly LockWay[]) => Promise<void>;
  /** Return the ways to unlock this device. */
  readonly locks: () => Promise<readonly LockWay[]>;
}

export class Doors {
  readonly #house: House;
  /** The way in that was opened for a passkey that is being made; it holds the root, and is let go of soon. */
  #opened: Opened | null = null;
  /** The way in that a first run ended with, which was opened then. */
  firstSlot: Uint8Array | null = null;

  constructor(house: House) {
    this.#house = house;
  }

  async ways(): Promise<WaysShown> {
    const { ways, waiting, code } = await this.#house.open().entrance.all();
    return {
      kinds: ways.map((one) => kindOf(one.kind)),
      waiting: waiting.map(({ id, dueAt }) => ({ id: hex(id), dueAt })),
      code,
    };
  }

  /** Throw (passphrase-short, passphrase-easy) for new words that are easy to guess. */
  checkWords(words: string): void {
    checkNew(words);
  }

  /**
   * Set new words by the ways in that `opened` opens once more; this device opens by them at once.
   *
   * `here`: what opens this device, where nothing of `opened` does. Returns when they count for the account (seconds
   * since 1970; null: now).
   */
  async setWords(words: string, opened: readonly Key[], here: Key | null = null): Promise<number | null> {
    try {
      const ways = await this.#openAll(opened, here);
      const client = this.#house.open();
      const dueAt = await client.inTurn(() => client.entrance.setPassphrase(ways, words));
      // Opened by themselves alone, new words count at once; what waits then is a new root.
      const alone = opened.length === 1 && opened[0]?.with === "passphrase";
      await this.#house.addLock({ with: "passphrase", words }, alone ? null : dueAt);
      return dueAt;
    } finally {
      this.letGo();
    }
  }

  /** Open ways in of the account once more, and this device by one of them or by `here`, before anything is changed. */
  async #openAll(keys: readonly Key[], here: Key | null): Promise<Opened[]> {
    await this.#house.unlockAgain(here === null ? keys : [here]);
    const ways: Opened[] = [];
    for (const key of keys) ways.push(await this.#house.openWay(key));
    return ways;
  }

  /** Open ways in for a new passkey; return what it is to be made with, null if the server is not to know it. */
  async startPasskey(opened: readonly Key[], here: Key | null = null): Promise<Started | null> {
    this.#opened = (await this.#openAll(opened, here)).at(-1) ?? null;
    const { passkeys, store } = this.#house.open();
    const started = await passkeys.start();
    // The one that the server does not know yet is a way in as well: a second beside it would be of no use.
    const first = firstPasskey(store)?.credential;
    return started && { ...started, exclude: [...started.exclude, ...(first === undefined ? [] : [first])] };
  }

  /** Let go of what was opened: nothing is being changed any more. */
  letGo(): void {
    this.#opened = null;
    this.#house.letGo();
  }

  /**
   * Add the passkey that was made: one with a secret as a way in, one without as what is asked for beside the words.
   *
   * Returns when it counts for the account (seconds since 1970; null: now).
   */
  async addPasskey(made: MadePasskey): Promise<number | null> {
    const opened = this.#opened;
    if (opened === null) throw new InvalidInputError("Open one of your ways in first.", { code: "slot-now-needed" });
    try {
      return await this.#addOpened(made, opened);
    } finally {
      this.letGo();
    }
  }

  async #addOpened(made: MadePasskey, opened: Opened): Promise<number | null> {
    const client = this.#house.open();
    const { credential, prf, registration, name } = made;
    if (prf === null) {
      if (registration !== null) await client.passkeys.add(registration, { name, slot: null, secondFactor: true });
      return null;
    }
    const key: Key = { with: "passkey", credential, prf };
    const known = secretOf(key);
    if (known === null) throw new TypeError("a passkey without a secret");
    const dueAt = await client.inTurn(() => client.entrance.addPasskey(opened, known.secret));
    await this.#house.addLock(key, dueAt);
    if (registration !== null) {
      // While the change waits it has no slot to name; the first sign-in with it does that (spec/passkeys.md step 11).
      const slot = dueAt === null ? (await this.#house.openWay(key)).id : null;
      await client.passkeys.add(registration, { name, slot, secondFactor: false });
    }
    return dueAt;
  }

  /**
   * Begin to let the server know the passkey that this device began with, by a way in that was opened now: in the first
   * run (`key` null), or by it. Returns what it is to be used over; null: there is none, or this server knows none.
   */
  async startIntroduction(key: Key | null): Promise<Introducing | null> {
    const client = this.#house.open();
    const made = firstPasskey(client.store);
    if (made === null || client.me === null) return null;
    if (key !== null && !(key.with === "passkey" && equal(key.credential, made.credential))) {
      throw new InvalidInputError("This is not the passkey that you began with.", {
        code: "wrong-key",
        hint: "Try again, and choose that one.",
      });
    }
    if (key !== null) this.firstSlot = (await this.#house.openWay(key)).id;
    if (this.firstSlot === null) return null;
    const started = await client.passkeys.start(made);
    if (started === null) return null;
    return { credential: made.credential, challenge: started.challenge };
  }

  /** Let the server know it: it was used. */
  async introduce(assertion: Assertion, name: string): Promise<void> {
    const client = this.#house.open();
    const made = firstPasskey(client.store);
    if (made === null) return;
    await client.passkeys.add(made, { name, slot: this.firstSlot, secondFactor: false, assertion });
    this.firstSlot = null;
    forgetFirst(client.store);
    await client.store.saved();
  }

  /** Tell whether the passkey that this device began with waits to be known by the server. */
  unintroduced(): boolean {
    return firstPasskey(this.#house.open().store) !== null;
  }

  /** Return what a passkey is used over to open a way in once more, null where none is asked for or nobody is there. */
  async wayChallenge(): Promise<Uint8Array | null> {
    const client = this.#house.open();
    if (client.me === null || client.me.session.length === 0) return null;
    return (await client.passkeys.wayChallenge())?.challenge ?? null;
  }

  /** Return the passkeys that the server knows. */
  async passkeys(): Promise<PasskeyShown[]> {
    const known = await this.#house.open().passkeys.all();
    return known.map(({ id, name, createdAt, unlocks, secondFactor, alerts }) => ({
      id: hex(id),
      name,
      createdAt,
      unlocks: unlocks !== null,
      secondFactor,
      noticed: alerts.length > 0,
    }));
  }

  /** Ask for a passkey beside the words from now on, or no more; `key` opens a way in once more. */
  async setSecondFactor(id: string, on: boolean, key: Key): Promise<void> {
    await this.#house.openWay(key);
    await this.#house.open().passkeys.setSecondFactor(fromHex(id), on);
  }

  /**
   * Remove a passkey by the ways in that `opened` opens once more: one that unlocks goes with its way in.
   *
   * Returns when it is gone (seconds since 1970; null: now). Throws (last-slot) if too little would be left.
   */
  async removePasskey(id: string, opened: readonly Key[], here: Key | null = null): Promise<number | null> {
    try {
      return await this.#remove(id, opened, await this.#openAll(opened, here));
    } finally {
      this.letGo();
    }
  }

  async #remove(id: string, opened: readonly Key[], ways: readonly Opened[]): Promise<number | null> {
    const client = this.#house.open();
    const known = (await client.passkeys.all()).find((one) => hex(one.id) === id);
    if (known === undefined) return null;
    if (known.unlocks === null) {
      await client.passkeys.remove(known.id);
      return null;
    }
    const slot = known.unlocks;
    await this.#opensWithout(known.credential, opened);
    const dueAt = await client.inTurn(() => client.entrance.remove(ways, slot));
    if (dueAt === null) await this.#house.keepLocks(await this.#without(known.credential));
    return dueAt;
  }

  /** Let this device be unlocked by what else was opened; throw (last-slot) if nothing but this passkey unlocks it. */
  async #opensWithout(credential: Uint8Array, opened: readonly Key[]): Promise<void> {
    const others = opened.filter((key) => key.with !== "passkey" || !equal(key.credential, credential));
    for (const key of others) await this.#house.addLock(key, null);
    if ((await this.#without(credential)).length > 0) return;
    throw new InvalidInputError("Nothing else would unlock this device.", {
      code: "last-slot",
      hint: "Give your spare key too.",
    });
  }

  async #without(credential: Uint8Array): Promise<LockWay[]> {
    return (await this.#house.locks()).filter((one) => !equal(one.params, credential));
  }

  /**
   * Return what this device's list of passkeys may be told about which of them still count.
   *
   * Null, too, if a passkey that unlocks this device is not among them: a server that leaves it out would have its
   * secret deleted.
   */
  async accepted(): Promise<Accepted | null> {
    const accepted = await this.#house.open().passkeys.accepted();
    const here = (await this.#house.locks()).filter((one) => kindOf(one.kind) === "passkey");
    const whole = here.every(({ params }) => accepted?.credentials.some((one) => equal(one, params)) === true);
    return whole ? accepted : null;
  }

  /** Try whether a way in still opens the account: practice, which changes nothing. */
  async tryWay(key: Key): Promise<void> {
    await this.#house.openWay(key);
  }

  async stopChange(id: string): Promise<void> {
    await this.#house.open().entrance.stop(fromHex(id));
  }
}
