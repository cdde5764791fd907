/**
 * Consents: what accompanies every grant. Implements spec/consent.md.
 *
 * The open part names exactly what is granted, to whom and until when, under the hash of the text that the person saw;
 * what is health information (kinds, names) is sealed to the two of them.
 * Does not: decide whether a consent is lawful. Works through WebCrypto; no other I/O.
 */

import { equal, utf8 } from "../bytes.ts";
import { decode, encode, labelledHash, type Value } from "../encoding.ts";
import { IntegrityError } from "../errors.ts";
import { openBox, sealBox } from "../seal.ts";
import { SealKey } from "../secrets.ts";
import * as shape from "../shape.ts";
import { verify } from "../sign.ts";
import { ENC_BYTES, wrap, wrapInfo } from "../wrap.ts";
import type { AccountState } from "./account.ts";
import { Signed } from "./encoding.ts";
import { checkMonth, type Recipient } from "./epoch.ts";
import type { Identity } from "./identity.ts";
import { READER, dayOf, type Member, type Role, roleOf } from "./member.ts";

export const TYPE = "consent";
/** The sealed part: names of kinds and of the two people; a page of text at most. */
export const MAX_SEALED_BYTES = 64 * 1024;

/** Characters of the text that is agreed to: two pages, more than anybody reads before they agree. */
export const MAX_WORDS = 10_000;

/** A hundred years: a last day beyond a life is none. */
const MOST_DAYS = 36_525;
/** Ten years for notes and for a case: who agreed to it is asked again before that. */
const MOST_DAYS_APART = 3_653;

/** What a recipient may use it for: step 7. What is not `care` is asked by itself: laws say so. */
export type Purpose = "care" | "notes" | "proceedings";

/** What a consent says; `since` is a month (yyyymm, 0: all), `until` a day (days since 1970 UTC, 0: open). */
export interface ConsentFields {
  readonly grantor: Uint8Array;
  readonly recipient: Uint8Array;
  readonly role: Role;
  readonly purpose: string;
  readonly collection: Uint8Array;
  readonly since: number;
  readonly until: number;
  readonly textHash: Uint8Array;
  readonly language: string;
  readonly registerVersion: string;
  readonly sealedHash: Uint8Array;
}

/**
 * The open part: step 1.
 *
 * `[grantor, recipient uid, role, purpose code, collection, from, until, text hash, language, register version,
 * sealed-part hash]`.
 */
export class Consent implements ConsentFields {
  readonly grantor: Uint8Array;
  readonly recipient: Uint8Array;
  readonly role: Role;
  readonly purpose: string;
  readonly collection: Uint8Array;
  readonly since: number;
  readonly until: number;
  readonly textHash: Uint8Array;
  readonly language: string;
  readonly registerVersion: string;
  readonly sealedHash: Uint8Array;

  constructor(fields: ConsentFields) {
    this.grantor = fields.grantor;
    this.recipient = fields.recipient;
    this.role = fields.role;
    this.purpose = fields.purpose;
    this.collection = fields.collection;
    this.since = fields.since;
    this.until = fields.until;
    this.textHash = fields.textHash;
    this.language = fields.language;
    this.registerVersion = fields.registerVersion;
    this.sealedHash = fields.sealedHash;
  }

  /** Return the consent that `body` encodes. */
  static decode(body: Uint8Array): Consent {
    const [grantor, recipient, role, purpose, collection, since, until, text, language, version, sealed] =
      shape.fields(decode(body), 11, "A consent");
    return new Consent({
      grantor: shape.raw(grantor, "A grantor", { length: 32 }),
      recipient: shape.raw(recipient, "A recipient", { length: 32 }),
      role: roleOf(role),
      purpose: shape.text(purpose, "A purpose", { most: 64 }),
      collection: shape.raw(collection, "A collection id", { length: 32 }),
      since: checkMonth(shape.number(since, "A first month")),
      until: dayOf(until, "A last day"),
      textHash: shape.raw(text, "A text hash", { length: 32 }),
      language: shape.text(language, "A language", { most: 35 }),
      registerVersion: shape.text(version, "A register version", { most: 64 }),
      sealedHash: shape.raw(sealed, "A sealed-part hash", { length: 32 }),
    });
  }

  /** Return the body bytes of this consent. */
  encode(): Uint8Array {
    return encode([
      this.grantor,
      this.recipient,
      this.role,
      this.purpose,
      this.collection,
      this.since,
      this.until,
      this.textHash,
      this.language,
      this.registerVersion,
      this.sealedHash,
    ]);
  }

  /** Return this consent hybrid-signed by the grantor. */
  async sign(identity: Identity): Promise<Signed> {
    const body = this.encode();
    return new Signed(body, await identity.signer.sign(TYPE, body));
  }
}

/** Return the labelled SHA-256 of the text that the person saw: step 2. */
export function textHash(text: string): Uint8Array {
  return labelledHash("consent-text", utf8(text));
}

/** Return the labelled SHA-256 of the sealed part: step 4. */
export function sealedHash(sealed: Uint8Array): Uint8Array {
  return labelledHash("consent-sealed", sealed);
}

/** Return the consent that `grantor` signed with `generation`, or raise `IntegrityError`: step 5. */
export async function verifyConsent(signed: Signed, grantor: AccountState, generation: number): Promise<Consent> {
  const consent = Consent.decode(signed.body);
  if (!equal(consent.grantor, grantor.uid)) {
    throw new IntegrityError("A consent was given by another person.", { code: "consent-grantor" });
  }
  await verify(TYPE, grantor.keysOf(generation).signing, signed.body, signed.signatures, { hybrid: true });
  return consent;
}

/** Raise `IntegrityError` (consent-differs) unless the consent says exactly what the commit grants: step 6. */
export function checkAgrees(consent: Consent, member: Member, collection: Uint8Array, grantor: Uint8Array): void {
  const agrees =
    equal(consent.grantor, grantor) &&
    equal(consent.recipient, member.uid) &&
    consent.role === member.role &&
    equal(consent.collection, collection) &&
    consent.since === member.since &&
    consent.until === member.until;
  if (!agrees) {
    throw new IntegrityError("The consent and what is granted differ.", { code: "consent-differs" });
  }
}

const PURPOSES: ReadonlySet<string> = new Set<Purpose>(["care", "notes", "proceedings"]);

/**
 * Raise `IntegrityError` unless a consent is of a form that is taken, and joined with no other: steps 7 and 8.
 *
 * `standing`: the purposes of the consents that stand between the two over this collection. `day`: on which it is given
 * (days since 1970 UTC), null where it was given before.
 */
export function checkTaken(consent: ConsentFields, standing: readonly string[], day: number | null): void {
  if (!PURPOSES.has(consent.purpose)) {
    const hint = "Use a newer version.";
    throw new IntegrityError("A share is for care, notes or proceedings.", { code: "consent-purpose", hint });
  }
  if (consent.purpose !== "care" && (consent.role !== READER || consent.until === 0)) {
    const message = "A share of notes, or for proceedings, lets somebody read only, and has a last day.";
    throw new IntegrityError(message, { code: "consent-form" });
  }
  const most = consent.purpose === "care" ? MOST_DAYS : MOST_DAYS_APART;
  if (day !== null && consent.until !== 0 && (consent.until < day || consent.until > day + most)) {
    throw new IntegrityError("The last day of this share has passed, or is too far off.", { code: "consent-day" });
  }
  if (standing.some((one) => one !== consent.purpose)) {
    throw new IntegrityError("This is shared with this person for another purpose. Each has a consent of its own.", {
      code: "consent-separate",
      hint: "Stop that share first, or share a part of its own.",
    });
  }
}

/** Between whom a sealed part is: the grantor first. */
export interface Parties {
  readonly grantor: Recipient;
  readonly recipient: Recipient;
}

/** Return `content` sealed to both, CBOR [box, [[uid, key id, enc, ciphertext], ...]]: step 3. */
export async function sealPart(
  content: readonly Value[],
  parties: Parties,
  collection: Uint8Array,
): Promise<Uint8Array> {
  const key = SealKey.fresh();
  const wraps: Value[] = [];
  for (const { uid, keyId, xwing } of [parties.grantor, parties.recipient]) {
    const { enc, ciphertext } = await wrap(xwing, key, infoOf(parties.grantor.uid, uid, keyId, collection));
    wraps.push([uid, keyId, enc, ciphertext]);
  }
  return encode([await sealBox(key, "consent-part", collection, encode(content)), wraps]);
}

/** What only the two can read; `text` is null in a part from before the words went along. */
export interface Part {
  readonly name: string;
  readonly handle: string;
  readonly text: string | null;
}

/** Return what `openPart` opened; raise `IntegrityError` (consent-text) for other words: step 3. */
export function readPart(content: unknown, consent: ConsentFields): Part {
  const long = Array.isArray(content) && content.length === 3;
  const [name, handle, words] = shape.fields(content, long ? 3 : 2, "A consent's sealed part");
  const text = long ? shape.text(words, "The words", { most: MAX_WORDS }) : null;
  if (text !== null && !equal(textHash(text), consent.textHash)) {
    throw new IntegrityError("These are not the words that were agreed to.", { code: "consent-text" });
  }
  return { name: shape.text(name, "A name"), handle: shape.text(handle, "A handle"), text };
}

/** Who opens a sealed part: a uid, and its private keys of the generation that it was wrapped to. */
export interface Opener {
  readonly uid: Uint8Array;
  readonly identity: Identity;
}

/** Return what `sealPart` sealed, opened by one of the two; raise `IntegrityError` (consent-not-yours) otherwise. */
export async function openPart(
  sealed: Uint8Array,
  grantor: Uint8Array,
  collection: Uint8Array,
  opener: Opener,
): Promise<unknown> {
  const [box, wraps] = shape.fields(decode(sealed), 2, "A consent's sealed part");
  for (const entry of shape.items(wraps, "The wraps", { most: 2 })) {
    const [to, keyId, encapsulated, wrapped] = shape.fields(entry, 4, "A wrap");
    const enc = shape.raw(encapsulated, "A wrap's enc", { length: ENC_BYTES });
    const ciphertext = shape.raw(wrapped, "A wrap's ciphertext");
    const mine = to instanceof Uint8Array && equal(to, opener.uid) && keyId === opener.identity.generation;
    if (!mine) continue;
    const info = infoOf(grantor, opener.uid, opener.identity.generation, collection);
    const key = new SealKey(await opener.identity.unwrapper.unwrap({ enc, ciphertext }, info));
    return decode(await openBox(key, "consent-part", collection, shape.raw(box, "A sealed part's box")));
  }
  throw new IntegrityError("This consent's sealed part is not sealed to you.", { code: "consent-not-yours" });
}

function infoOf(grantor: Uint8Array, recipient: Uint8Array, keyId: number, collection: Uint8Array): Uint8Array {
  return wrapInfo("consent-wrap", grantor, recipient, keyId, [collection]);
}
