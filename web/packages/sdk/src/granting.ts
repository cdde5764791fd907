/**
 * What sharing needs that a page does not wait for: grants, invitations, names of what others share, safety words.
 *
 * It is loaded with the first act on people. Guarantees: see `sharing`. I/O: server and local store.
 */

import {
  DeniedError,
  IntegrityError,
  InvalidInputError,
  MindhavenError,
  NotFoundError,
  Signed,
  card,
  collection as collections,
  consent as consents,
  decode,
  encode,
  equal,
  hex,
  randomBytes,
  shape,
  type Value,
  type chain,
  type epoch as epochs,
} from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import { OfflineError, SignedOutError } from "./errors.ts";
import { consentName } from "./facts.ts";
import { toText } from "./ids.ts";
import type { Contact, Listing } from "./listing.ts";
import type { People } from "./people.ts";
import { Reader } from "./read.ts";
import { only, type Sharer, type Granting } from "./sharing.ts";
import type { LocalStore } from "./store.ts";
import { keepTold } from "./told.ts";
import type { Transport } from "./transport.ts";
import type { Prepared, Vault } from "./vault.ts";

/** The version of the register that a consent names where the server has published no policy. */
const UNPUBLISHED = "unpublished";

/** Grants and invitations of one account. */
export class Grants {
  readonly #store: LocalStore;
  readonly #transport: Transport;
  readonly #access: Access;
  readonly #people: People;
  readonly #vault: Vault;
  readonly #listing: Listing;

  constructor({ store, transport, access, people, vault, listing }: Sharer) {
    this.#store = store;
    this.#transport = transport;
    this.#access = access;
    this.#people = people;
    this.#vault = vault;
    this.#listing = listing;
  }

  #contact(uid: Uint8Array): Contact {
    const found = this.#listing.contacts().find((one) => equal(one.uid, uid));
    if (found === undefined) throw new NotFoundError("This is no contact.", { code: "contact-unknown" });
    return found;
  }

  /** Return the hash of the policy that the server shows, in hex: what it said it does when this was agreed to. */
  async #registerVersion(): Promise<string> {
    const policy = new Reader(await this.#transport.call("GET", "/v1/purposes")).bytesOrNull("policy", 32);
    return policy === null ? UNPUBLISHED : hex(policy);
  }

  /** Grant one of one's own collections, called `part`; see `Sharing.grant`. */
  async grant(id: Uint8Array, part: string, uid: Uint8Array, granting: Granting): Promise<void> {
    const contact = this.#contact(uid);
    if (contact.checked === "none") {
      throw new DeniedError("This person was found by name only.", {
        code: "contact-unchecked",
        hint: "Compare safety words with them first.",
      });
    }
    const me = this.#access.needMe();
    const [there, mine] = [await this.#people.fetch(uid), await this.#people.fetch(me.uid)];
    const { since, until } = granting;
    const member: collections.Member = { uid, role: collections.READER, since, until };
    const parties = {
      grantor: { uid: me.uid, keyId: mine.generation, xwing: mine.identity.xwing },
      recipient: { uid, keyId: there.generation, xwing: there.identity.xwing },
    };
    const sealed = await consents.sealPart([part, contact.handle, granting.text], parties, id);
    const given = new consents.Consent({
      grantor: me.uid,
      recipient: uid,
      role: collections.READER,
      purpose: granting.purpose ?? "care",
      collection: id,
      since,
      until,
      textHash: consents.textHash(granting.text),
      language: granting.language,
      registerVersion: await this.#registerVersion(),
      sealedHash: consents.sealedHash(sealed),
    });
    consents.checkTaken(given, [], this.#vault.today()); // what else stands between the two, the server knows
    const signed = await given.sign(me.bundle.newest());
    const digest = signed.hash(consents.TYPE);
    const prepare = async (state: chain.ChainState): Promise<Prepared> => {
      const others = [...state.members.values()].filter((one) => !equal(one.uid, uid));
      const wraps = await this.#pastWraps(id, state, member);
      const { settings } = state;
      return only({ kind: "members", members: [...others, member], settings, consent: digest, wraps });
    };
    const extra: Value[] = [[signed.body, [...signed.signatures]], sealed];
    this.#store.put(consentName(digest), encode(extra)); // for a server that loses it
    const answer = await this.#vault.push(id, prepare, { path: "grants", extra });
    keepTold(this.#store, answer, { collection: id, person: uid, digest });
  }

  /** Wrap every past epoch with live records that the new member is entitled to. */
  async #pastWraps(
    id: Uint8Array,
    state: chain.ChainState,
    member: collections.Member,
  ): Promise<collections.PastWraps[]> {
    const there = await this.#people.withGeneration(member.uid, 1);
    const live = new Set(this.#store.items(id).map((one) => one.state.epoch));
    const found: collections.PastWraps[] = [];
    for (const number of [...live].sort((one, other) => one - other)) {
      const epoch: epochs.Epoch | undefined = state.epochs.get(number);
      if (epoch === undefined || !collections.isEntitled(member, epoch.month, this.#vault.today())) continue;
      const key = this.#vault.epochKey(id, number);
      if (key === null) {
        throw new IntegrityError("This device does not hold every key of this part.", { code: "epoch-key-missing" });
      }
      const place = { collection: id, number, month: epoch.month };
      found.push({ epoch: number, wraps: [await this.#vault.wrapFor(there, key, place)] });
    }
    return found;
  }

  /** Return the words that both people see if each has the right person. */
  words(uid: Uint8Array): string {
    return card.safetyWords(this.#access.needMe().uid, uid);
  }

  // -- consents

  /** Return the names that the owners of collections (hex) sealed to this person, from their own verified consents. */
  async namesFor(wanted: readonly { readonly id: Uint8Array; readonly owner: Uint8Array }[]): Promise<Map<string, string>> {
    const answer = new Reader(await this.#transport.call("GET", "/v1/consents"));
    const names = new Map<string, string>();
    for (const one of answer.list("consents", (value) => new Reader(value))) {
      const signed = Signed.decode(one.bytes("signed"));
      const sealed = one.bytes("sealed");
      const consent = consents.Consent.decode(signed.body);
      const { grantor, recipient, collection, sealedHash } = consent;
      const theirs = wanted.some(({ id, owner }) => equal(id, collection) && equal(owner, grantor));
      if (!equal(recipient, this.#access.needMe().uid) || !theirs) continue;
      const generation = one.number("generation");
      await consents.verifyConsent(signed, await this.#people.withGeneration(grantor, generation), generation);
      if (!equal(consents.sealedHash(sealed), sealedHash)) {
        throw new IntegrityError("A consent's sealed part was swapped.", { code: "consent-sealed" });
      }
      const name = await this.#nameIn(sealed, consent);
      if (name !== null && !names.has(hex(collection))) names.set(hex(collection), name);
    }
    return names;
  }

  async #nameIn(sealed: Uint8Array, consent: consents.Consent): Promise<string | null> {
    const me = this.#access.needMe();
    const { grantor, collection } = consent;
    for (const identity of me.bundle.identities.values()) {
      try {
        const content = await consents.openPart(sealed, grantor, collection, { uid: me.uid, identity });
        return consents.readPart(content, consent).name;
      } catch (error) {
        if (!(error instanceof MindhavenError)) throw error;
      }
    }
    return null;
  }

  // -- invitations

  /** Make an invitation link: single use, seven days; its secret never reaches the server. */
  async invite(): Promise<string> {
    const me = this.#access.needMe();
    const invitation = new card.Invitation(me.uid, randomBytes(32), randomBytes(32));
    await this.#transport.call("POST", "/v1/invitations", { id: invitation.id });
    this.#store.put(`invite/${hex(invitation.id)}`, encode([invitation.secret]));
    return invitation.link(this.#transport.origin);
  }

  /** Answer an invitation; the inviter becomes a contact, checked by the link. */
  async accept(link: string, myName: string, theirName: string): Promise<void> {
    const me = this.#access.needMe();
    const invitation = card.Invitation.parse(link);
    if (equal(invitation.inviter, me.uid)) {
      throw new InvalidInputError("This is your own invitation.", { code: "contact-self" });
    }
    const inviter = await this.#people.fetch(invitation.inviter);
    const identity = me.bundle.newest();
    const who = { uid: me.uid, keyId: identity.generation, handle: me.handle, name: myName };
    const sealed = await card.answer(invitation, inviter, who, identity);
    await this.#transport.call("POST", `/v1/invitations/${toText(invitation.id)}/answer`, { answer: sealed });
    await this.#listing.keepContact({ uid: invitation.inviter, handle: "", name: theirName, checked: "link" });
  }

  /** Report to their owner that these collections were shown here; what is not shared any more is left out. */
  async reportOpened(shown: readonly Uint8Array[]): Promise<void> {
    for (const one of shown) {
      try {
        await this.#transport.call("POST", `/v1/collections/${toText(one)}/opened`);
      } catch (error) {
        if (!(error instanceof DeniedError || error instanceof NotFoundError) || error instanceof SignedOutError) throw error;
      }
    }
  }

  /** Open the answers to one's invitations; each answerer becomes a contact, checked by the link's secret. */
  async answers(): Promise<Contact[]> {
    const me = this.#access.needMe();
    const shown = new Reader(await this.#transport.call("GET", "/v1/invitations"));
    const found: Contact[] = [];
    for (const one of shown.list("invitations", (value) => new Reader(value))) {
      const id = one.bytes("id", 32);
      const kept = this.#store.get(`invite/${hex(id)}`);
      const sealed = one.bytesOrNull("answer");
      if (sealed === null || kept === null) continue;
      const [secret] = shape.fields(decode(kept), 1, "An invitation's row");
      const invitation = new card.Invitation(me.uid, id, shape.raw(secret, "A secret", { length: 32 }));
      const who = await this.#answerer(invitation, sealed);
      if (who === null) continue; // junk from whoever saw the link; the other answers count
      const known = this.#listing.contacts().find((contact) => equal(contact.uid, who.uid));
      const contact = known ?? { uid: who.uid, handle: who.handle, name: who.name, checked: "link" };
      if (known === undefined) await this.#listing.keepContact(contact); // who answers again stays who they are
      await this.#transport.call("DELETE", `/v1/invitations/${toText(id)}`);
      this.#store.remove(`invite/${hex(id)}`);
      found.push(contact);
    }
    return found;
  }

  async #answerer(invitation: card.Invitation, sealed: Uint8Array): Promise<card.Answer | null> {
    try {
      const { uid, keyId } = card.answerer(sealed);
      const identity = this.#access.needMe().bundle.identities.get(keyId);
      if (identity === undefined) return null;
      return await card.openAnswer(invitation, sealed, identity, await this.#people.fetch(uid));
    } catch (error) {
      if (!(error instanceof MindhavenError) || error instanceof OfflineError) throw error;
      return null;
    }
  }
}
