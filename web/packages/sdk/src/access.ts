/**
 * Ways in: signing up, logging in, opening slots, changing keys. I/O: server and local store.
 *
 * Guarantees: the root lives only inside one call; what stays on the device is the bundle's content and a session key,
 * both held without their seeds (`me.ts`).
 */

import {
  IntegrityError,
  InvalidInputError,
  RootKey,
  Seed,
  SessionSigner,
  Signed,
  ZERO32,
  equal,
  hex,
  type SlotSecret,
  account,
  login,
  slots,
} from "@mindhaven/crypto";

import { SignedOutError } from "./errors.ts";
import { toText } from "./ids.ts";
import { NOTHING_BESIDE, asSent, type Assertion, type Beside } from "./assertion.ts";
import { forgetMe, nameKeyOf, readMe, sealName, settle, type Given, type Me } from "./me.ts";
import type { People } from "./people.ts";
import { Reader } from "./read.ts";
import type { LocalStore } from "./store.ts";
import { keepTold } from "./told.ts";
import type { Transport } from "./transport.ts";
import { firstKeys, makeSlots, openBundles, openListed, prepareChange, type New, type NewSlot } from "./ways.ts";
import {
  readAccount,
  readLoginStarted,
  readSession,
  readSignupStarted,
  type SessionGiven,
  type AccountShown,
  type KeySet,
  type LoginStarted,
  type SignupStarted,
} from "./wire.ts";

/** A way in, opened on this device: which slot, and the keys that its secret gives. */
export interface Opened {
  readonly id: Uint8Array;
  readonly keys: slots.SlotKeys;
  readonly root: RootKey;
}

/** The ways in of one account, on one device. */
export class Access {
  readonly #store: LocalStore;
  readonly #transport: Transport;
  readonly #people: People;
  readonly #now: () => number;
  #me: Me | null = null;

  constructor(store: LocalStore, transport: Transport, people: People, now: () => number) {
    this.#store = store;
    this.#transport = transport;
    this.#people = people;
    this.#now = now;
    transport.renew = () => this.renew();
  }

  /** Take up what the store keeps of an account, if it keeps one. */
  async load(): Promise<void> {
    this.#me = await readMe(this.#store);
    if (this.#me !== null) await this.#people.kept(this.#me.uid);
  }

  get me(): Me | null {
    return this.#me;
  }

  /** Return the account of this device; throws `SignedOutError` if there is none. */
  needMe(): Me {
    if (this.#me === null) throw new SignedOutError("Nobody is signed in here.", { code: "signed-out" });
    return this.#me;
  }

  /** Keep an account on this device: its keys come with their seeds, and are held without them from here on. */
  async #keep(given: Given, session: Seed | null): Promise<Me> {
    const { me, rows } = await settle(this.#store, given, session, this.#me);
    await this.#store.batch((batch) => {
      for (const [name, row] of rows) batch.put(name, row);
    });
    this.#me = me;
    return me;
  }

  /** Return the account's keys with their seeds, as its root opens them: for what seals or hands them on. */
  async wholeBundle({ root }: Opened): Promise<slots.Bundle> {
    const { shown, state } = await this.shown(this.needMe().uid);
    return this.#whole(root, state, shown);
  }

  /** Open the bundle, and hold it against what this device has of it: an older one names no list, or lacks keys. */
  async #whole(root: RootKey, state: account.AccountState, shown: AccountShown): Promise<slots.Bundle> {
    const { bundle } = this.needMe();
    const whole = await openBundles(root, state, shown, null);
    if (![...bundle.identities.keys()].every((generation) => whole.identities.has(generation))) {
      throw new IntegrityError("The server shows older keys than this device has.", { code: "bundle-mismatch" });
    }
    return equal(bundle.index, ZERO32) ? whole : new slots.Bundle(whole.identities, bundle.index);
  }

  #claim(name: string, purpose: string, detail: Uint8Array, nonce: Uint8Array): login.LoginClaim {
    const time = Math.floor(this.#now() / 1000);
    return new login.LoginClaim({ origin: this.#transport.origin, account: name, purpose, detail, nonce, time });
  }

  /** Get a new access token with the session's key. */
  async renew(): Promise<void> {
    const me = this.needMe();
    if (me.session.length === 0) {
      throw new SignedOutError("This device is signed out.", {
        code: "signed-out",
        hint: "Sign in again. Your entries are still here.",
      });
    }
    const given = new Reader(
      await this.#transport.call("POST", "/v1/sessions/nonce", { session: me.session }, { open: true }),
    );
    const claim = this.#claim(hex(me.uid), "renew", me.session, given.bytes("nonce", 32));
    const body = { session: me.session, claim: claim.encode(), signature: await claim.sign(me.signer) };
    const token = new Reader(await this.#transport.call("POST", "/v1/sessions/renew", body, { open: true }));
    this.#transport.useToken(token.text("token"), token.number("token_expires_at"));
  }

  // -- signing up

  /** Reserve a handle: a word of one's own and digits that the server draws. */
  async startSignup(word: string | null, handle: string | null = null): Promise<SignupStarted> {
    const asked = { word, handle, invitation: null };
    return readSignupStarted(await this.#transport.call("POST", "/v1/signup/start", asked, { open: true }));
  }

  /** Make the account: root, identity, chain, slots, bundle; then sign this device in. */
  async finishSignup(started: SignupStarted, ways: readonly NewSlot[], device: string): Promise<Me> {
    const root = RootKey.fresh();
    const identity = await account.Identity.fresh(1);
    const made = await makeSlots(ways);
    const first = made[0];
    if (first === undefined) throw new InvalidInputError("An account needs a way in.", { code: "slot-unknown" });
    const listed = slots.SlotList.fresh(made.map((one) => one.slot));
    const statement = await account.genesis(root, identity, listed.hash());
    const uid = account.Statement.decode(statement.body).uid;
    const bundle = new slots.Bundle(new Map([[1, identity]]), ZERO32);
    await this.#people.learn(uid, [statement.encode()]);
    const keys = await firstKeys(uid, statement.encode(), root, listed, bundle, made);
    const sessionSeed = Seed.fresh();
    const signer = await SessionSigner.fromSeed(sessionSeed);
    const claim = this.#claim(started.handle, "session", signer.public, started.nonce);
    const body = {
      nonce: started.nonce,
      keys,
      slot: first.slot.id,
      claim: claim.encode(),
      signature: await claim.sign(first.keys.login),
      authority_signature: (await (await account.authority(root)).signFast("signup", claim.encode()))[0],
      device_name: await sealName(nameKeyOf(bundle), device),
      earlier: [],
    };
    const given = readSession(await this.#transport.call("POST", "/v1/signup", body, { open: true }));
    if (!equal(given.uid, uid)) throw swapped();
    this.#transport.useToken(given.token, given.tokenExpiresAt);
    const { role, session } = given;
    return this.#keep({ uid, handle: started.handle, role, bundle, session, signer }, sessionSeed);
  }

  // -- signing in

  /** Sign this device in by handle and passphrase; `beside`: what the account asks for beside it. */
  async logIn(handle: string, passphrase: string, device: string, beside: Beside = NOTHING_BESIDE): Promise<Me> {
    const started = await this.#loginStart(handle);
    const { memoryKib, passes, lanes, serverSalt } = started;
    const params = new slots.PassphraseParams({ memoryKib, passes, lanes, serverSalt, name: handle });
    const secret = await params.secret(passphrase);
    return this.#logIn(handle, started, await slots.SlotKeys.of(secret, slots.SlotKind.PASSPHRASE), device, beside);
  }

  /** Sign this device in by a recovery key or a passkey alone: they find the account without a name. */
  async recover(
    secret: SlotSecret,
    kind: slots.SlotKind,
    device: string,
    assertion: Assertion | null = null,
  ): Promise<Me> {
    const lookup = slots.lookupId(secret, kind);
    if (lookup === undefined) {
      throw new InvalidInputError("This way in needs the account's name.", { code: "slot-needs-name" });
    }
    const name = hex(lookup);
    const keys = await slots.SlotKeys.of(secret, kind);
    return this.#logIn(name, await this.#loginStart(name), keys, device, { code: null, assertion });
  }

  async #loginStart(name: string): Promise<LoginStarted> {
    return readLoginStarted(await this.#transport.call("POST", "/v1/login/start", { name }, { open: true }));
  }

  async #logIn(
    name: string,
    started: LoginStarted,
    keys: slots.SlotKeys,
    device: string,
    { code, assertion }: Beside,
  ): Promise<Me> {
    const before = this.#me;
    const sessionSeed = Seed.fresh();
    const signer = await SessionSigner.fromSeed(sessionSeed);
    const claim = this.#claim(name, "session", signer.public, started.nonce);
    const known = before === null ? null : before.signer;
    const body = {
      claim: claim.encode(),
      signature: await claim.sign(keys.login),
      known_device: known?.public ?? null,
      known_signature: known === null ? null : await claim.sign(known),
      code,
      assertion: asSent(assertion),
    };
    const given = readSession(await this.#transport.call("POST", "/v1/login", body, { open: true }));
    if (before !== null && !equal(before.uid, given.uid)) throw swapped();
    this.#transport.useToken(given.token, given.tokenExpiresAt);
    try {
      return await this.#enter(given, sessionSeed, keys, device);
    } catch (error) {
      // The new session's token fits nothing that this device goes on with.
      if (this.#me === before) this.#transport.useToken(null);
      throw error;
    }
  }

  /** Open the account that a log-in led to, and keep it on this device. */
  async #enter(given: SessionGiven, sessionSeed: Seed, keys: slots.SlotKeys, device: string): Promise<Me> {
    const { shown, state, listed } = await this.shown(given.uid);
    const root = await openListed(shown, state, listed, given.slot, keys);
    const bundle = await openBundles(root, state, shown, this.#me?.bundle ?? null);
    const { uid, role, session } = given;
    const signer = await SessionSigner.fromSeed(sessionSeed);
    const me = await this.#keep({ uid, handle: shown.handle, role, bundle, session, signer }, sessionSeed);
    await this.#transport.call("PUT", "/v1/sessions/here/name", { device_name: await sealName(me.nameKey, device) });
    return me;
  }

  /**
   * Take up the account that another device let this one into; what its chain does not state is not taken.
   *
   * Throws `IntegrityError` (bundle-mismatch) and what verifying the chain throws; then nothing is kept.
   */
  async adopt(
    given: Pick<Me, "uid" | "bundle" | "session" | "signer">,
    sessionSeed: Seed,
    device: string,
  ): Promise<Me> {
    this.#me = { ...given, handle: "", role: "", nameKey: nameKeyOf(given.bundle) };
    try {
      const { shown, state } = await this.shown(given.uid);
      slots.checkBundle(given.bundle, state, state.generation);
      const me = await this.#keep({ ...given, handle: shown.handle, role: shown.role }, sessionSeed);
      const named = { device_name: await sealName(me.nameKey, device) };
      await this.#transport.call("PUT", "/v1/sessions/here/name", named);
      return me;
    } catch (error) {
      this.#me = null;
      await forgetMe(this.#store);
      this.#transport.useToken(null);
      throw error;
    }
  }

  /** Sign this device out; its entries stay here. */
  async logOut(): Promise<void> {
    const me = this.needMe();
    if (me.session.length > 0) await this.#transport.call("DELETE", `/v1/sessions/${toText(me.session)}`);
    this.#transport.useToken(null);
    await this.#keep({ ...me, session: new Uint8Array(0) }, null);
  }

  /** Fetch one's own account; verify its chain and that the slot list is the stated one. */
  async shown(uid: Uint8Array): Promise<{ shown: AccountShown; state: account.AccountState; listed: slots.SlotList }> {
    const shown = readAccount(await this.#transport.call("GET", "/v1/account"));
    if (!equal(shown.uid, uid)) throw swapped();
    const state = await this.#people.learn(uid, shown.statements);
    const listed = slots.SlotList.decode(shown.slots);
    if (!equal(listed.hash(), state.statement.slotsHash)) {
      throw new IntegrityError("The list of ways in is not the one that the account states.", { code: "slot-list" });
    }
    return { shown, state, listed };
  }

  // -- opening and changing

  /** Open a slot on this signed-in device by its secret; the caller lets go of the root soon. */
  async openWay(
    kind: slots.SlotKind,
    secretOf: (params: Uint8Array) => Promise<SlotSecret>,
    assertion: Assertion | null = null,
  ): Promise<Opened> {
    const me = this.needMe();
    const { shown, state, listed } = await this.shown(me.uid);
    for (const slot of listed.slots) {
      if (slot.kind !== kind) continue;
      const keys = await slots.SlotKeys.of(await secretOf(slot.params), kind);
      if (!equal(keys.unwrapper.public, slot.xwing)) continue;
      const root = await openListed(shown, state, listed, slot.id, keys);
      await this.#slotNow(slot.id, keys, assertion);
      return { id: slot.id, keys, root };
    }
    throw new InvalidInputError("This does not open any of your ways in.", {
      code: "slot-refused",
      hint: "Check it again.",
    });
  }

  async #slotNow(slot: Uint8Array, keys: slots.SlotKeys, assertion: Assertion | null): Promise<void> {
    const me = this.needMe();
    const given = new Reader(await this.#transport.call("POST", "/v1/slot-now/nonce"));
    const claim = this.#claim(hex(me.uid), "slot-now", me.session, given.bytes("nonce", 32));
    const body = { slot, claim: claim.encode(), signature: await claim.sign(keys.login), assertion: asSent(assertion) };
    this.#renewAfter(await this.#transport.call("POST", "/v1/slot-now", body));
  }

  #renewAfter(answer: unknown): void {
    const token = new Reader(answer);
    this.#transport.useToken(token.text("token"), token.number("token_expires_at"));
  }

  /**
   * Change ways in or keys in one act; return when it counts (seconds since 1970; null: now).
   *
   * `keep`: which slots stay (null: all); `replace`: what takes a slot's place. Nothing is kept on this device until the server has taken it whole.
   */
  async change(
    root: RootKey,
    asked: {
      fresh: New;
      add?: readonly NewSlot[];
      replace?: { readonly id: Uint8Array; readonly slot: NewSlot };
      keep?: (id: Uint8Array) => boolean;
      index?: Uint8Array;
    },
  ): Promise<number | null> {
    const me = this.needMe();
    const { shown, state, listed } = await this.shown(me.uid);
    const { add = [], replace } = asked;
    const added = await makeSlots(add);
    const [swapped] = replace === undefined ? [] : await makeSlots([replace.slot], [replace.id]);
    const stay = listed.slots
      .filter((slot) => asked.keep?.(slot.id) ?? true)
      .map((slot) => (swapped !== undefined && equal(slot.id, swapped.slot.id) ? swapped.slot : slot));
    const all = [...stay, ...added.map((one) => one.slot)];
    const made = swapped === undefined ? added : [...added, swapped];
    const whole = await this.#whole(root, state, shown);
    const bundle = asked.index === undefined ? whole : new slots.Bundle(whole.identities, asked.index);
    const change = await prepareChange(state, shown, root, bundle, { all, made, fresh: asked.fresh });
    const keys: KeySet = change.keys;
    const given = await this.#transport.call("POST", "/v1/account/keys", { keys });
    keepTold(this.#store, given, { digest: Signed.decode(keys.statement).hash("statement") });
    const answer = new Reader(given);
    if (!answer.flag("applied")) return answer.numberOrNull("due_at");
    await this.#people.learn(me.uid, [...this.#people.statements(me.uid), keys.statement]);
    await this.#keep({ ...me, bundle: change.bundle }, null);
    return null;
  }
}

function swapped(): IntegrityError {
  return new IntegrityError("The server answered with another account than this device's.", {
    code: "account-swapped",
    hint: "Do not type your passphrase here again. Ask the people who run the server.",
  });
}
