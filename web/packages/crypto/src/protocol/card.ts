/**
 * Cards, safety numbers and invitation links: how people find each other without the server. Implements spec/card.md.
 *
 * A card names an account by its self-certifying uid; an invitation's answer is vouched for by a secret that the server
 * never saw.
 */

import { compare, concat, equal, hex, utf8 } from "../bytes.ts";
import { checkEqual, mac } from "../derive.ts";
import { decode, encode, labelledHash } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import * as shape from "../shape.ts";
import { verify } from "../sign.ts";
import { ENC_BYTES, wrap, wrapInfo, wrapped } from "../wrap.ts";
import type { AccountState, Identity } from "./account.ts";
import { base32, fromBase32 } from "./base32.ts";
import { WORDS } from "./words.ts";

export const CARD_PREFIX = "mindhaven-card-1:";
export const LINK_MARK = "#invite=";
/** How long an invitation link works: a week between two appointments. */
export const INVITE_SECONDS = 7 * 24 * 3600;
export const ANSWER_TYPE = "invitation-answer";
export const SAFETY_DIGITS = 30;
export const SAFETY_WORDS = 6;
const WRAP_KIND = "invitation-wrap";
const CHECK_BYTES = 3;
const UID_BYTES = 32;

function malformed(message: string, hint?: string): InvalidInputError {
  return new InvalidInputError(message, hint === undefined ? { code: "card-malformed" } : { code: "card-malformed", hint });
}

function untext(text: string): Uint8Array {
  const data = fromBase32(text);
  if (data === undefined) throw malformed("This card or link has a slip in it.", "Copy it again, whole.");
  return data;
}

/** A handle and the uid it stands for. */
export class Card {
  readonly handle: string;
  readonly uid: Uint8Array;

  constructor(handle: string, uid: Uint8Array) {
    this.handle = handle;
    this.uid = uid;
  }

  /** Return the card that `text` writes; raise `InvalidInputError` (card-malformed) for a slip. */
  static parse(text: string): Card {
    const line = text.replaceAll(/\s+/g, "");
    const [, handle, encoded, ...more] = line.split(":");
    if (!line.startsWith(CARD_PREFIX) || handle === undefined || encoded === undefined || more.length > 0) {
      throw malformed("This is not a Mindhaven card.", `A card is one line that begins with ${CARD_PREFIX}`);
    }
    const data = untext(encoded);
    const card = new Card(handle, data.slice(0, UID_BYTES));
    if (data.length !== UID_BYTES + CHECK_BYTES || card.text() !== line.toLowerCase()) {
      throw malformed("This card has a slip in it.", "Copy it again, whole.");
    }
    return card;
  }

  /** Return the card as one line: prefix, handle, colon, uid and 3 check bytes in base32. */
  text(): string {
    const check = labelledHash("card", utf8(this.handle), Uint8Array.of(0), this.uid).slice(0, CHECK_BYTES);
    return `${CARD_PREFIX}${this.handle}:${base32(concat(this.uid, check))}`;
  }
}

function pairHash(one: Uint8Array, other: Uint8Array): Uint8Array {
  return labelledHash("safety-number", ...[one, other].sort(compare));
}

/** Return the number that two people compare: 30 digits in groups of five, the same for both. */
export function safetyNumber(one: Uint8Array, other: Uint8Array): string {
  const number = BigInt(`0x${hex(pairHash(one, other))}`) % 10n ** BigInt(SAFETY_DIGITS);
  const digits = number.toString().padStart(SAFETY_DIGITS, "0");
  return digits.replaceAll(/(?<=^(?:\d{5})+)(?=\d)/g, " ");
}

/** Return the six words that two people compare, the same for both (48 bits). */
export function safetyWords(one: Uint8Array, other: Uint8Array): string {
  return [...pairHash(one, other).slice(-SAFETY_WORDS)].map((value) => WORDS[value]).join(" ");
}

/** What a link's fragment holds: `[inviter uid, invite id, 32-byte secret]`. */
export class Invitation {
  readonly inviter: Uint8Array;
  readonly id: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(inviter: Uint8Array, id: Uint8Array, secret: Uint8Array) {
    this.inviter = inviter;
    this.id = id;
    this.#secret = secret;
  }

  /** Return the invitation in `link`; raise `InvalidInputError` for anything else. */
  static parse(link: string): Invitation {
    const at = link.indexOf(LINK_MARK);
    if (at < 0) throw malformed("This is not an invitation link.");
    const fragment = link.slice(at + LINK_MARK.length).trim();
    const [inviter, id, secret] = shape.fields(decode(untext(fragment)), 3, "A link");
    return new Invitation(
      shape.raw(inviter, "An inviter", { length: 32 }),
      shape.raw(id, "An invitation id", { length: 32 }),
      shape.raw(secret, "An invitation secret", { length: 32 }),
    );
  }

  /** The secret that the server never sees. */
  get secret(): Uint8Array {
    return this.#secret;
  }

  /** Return the link; everything after `#` stays out of every request. */
  link(origin: string): string {
    return `${origin.replace(/\/+$/, "")}/${LINK_MARK}${base32(encode([this.inviter, this.id, this.#secret]))}`;
  }
}

/** Who answered an invitation: uid, key id, handle, and the name they wish to be seen under. */
export interface Answer {
  readonly uid: Uint8Array;
  readonly keyId: number;
  readonly handle: string;
  readonly name: string;
}

/**
 * Return the answer: MACed with the link's secret, hybrid-signed, sealed to the inviter.
 *
 * Raises `IntegrityError` (invitation-inviter) if `inviter` is not the one whom the link names.
 */
export async function answer(
  invitation: Invitation,
  inviter: AccountState,
  who: Answer,
  identity: Identity,
): Promise<Uint8Array> {
  if (!equal(inviter.uid, invitation.inviter)) {
    throw new IntegrityError("This link leads to another person than it names.", { code: "invitation-inviter" });
  }
  const body = encode([invitation.inviter, invitation.id, who.uid, who.keyId, who.handle, who.name]);
  const vouch = mac(invitation.secret, ANSWER_TYPE, body);
  const signed = encode([body, vouch, await identity.signer.sign(ANSWER_TYPE, body)]);
  const info = wrapInfo(WRAP_KIND, who.uid, inviter.uid, inviter.generation, [invitation.id]);
  const message = await wrap(inviter.identity.xwing, signed, info);
  return encode([who.uid, inviter.generation, message.enc, message.ciphertext]);
}

/** Return the claimed uid of an answer's sender, and the inviter's key id that it is sealed to. */
export function answerer(sealed: Uint8Array): { readonly uid: Uint8Array; readonly keyId: number } {
  const [uid, keyId] = shape.fields(decode(sealed), 4, "An answer");
  return { uid: shape.raw(uid, "A uid", { length: 32 }), keyId: shape.number(keyId, "A key id", { least: 1 }) };
}

/**
 * Return who answered, after every check of spec/card.md step 7.
 *
 * Raises `IntegrityError`: wrap-does-not-open, invitation-mac, invitation-swapped, signature-invalid.
 */
export async function openAnswer(
  invitation: Invitation,
  sealed: Uint8Array,
  identity: Identity,
  sender: AccountState,
): Promise<Answer> {
  const { uid, keyId } = answerer(sealed);
  const [, , enc, ciphertext] = shape.fields(decode(sealed), 4, "An answer");
  const message = wrapped(
    shape.raw(enc, "An answer's enc", { length: ENC_BYTES }),
    shape.raw(ciphertext, "An answer's ciphertext"),
  );
  const info = wrapInfo(WRAP_KIND, uid, invitation.inviter, keyId, [invitation.id]);
  const opened = shape.fields(decode(await identity.unwrapper.unwrap(message, info)), 3, "An answer");
  const body = shape.raw(opened[0], "An answer's body");
  const vouch = shape.raw(opened[1], "An answer's mac", { length: 32 });
  const signatures = shape.items(opened[2], "The signatures", { most: 2 });
  checkEqual(
    mac(invitation.secret, ANSWER_TYPE, body),
    vouch,
    "This answer does not come from someone who has your link.",
    "invitation-mac",
  );
  const [inviter, invite, who, whoKey, handle, name] = shape.fields(decode(body), 6, "An answer");
  const expected = is(inviter, invitation.inviter) && is(invite, invitation.id) && is(who, uid);
  if (!expected || !equal(sender.uid, uid)) {
    throw new IntegrityError("This answer was swapped for another's.", { code: "invitation-swapped" });
  }
  const senderKey = shape.number(whoKey, "A key id", { least: 1 });
  const signed = signatures.map((one) => shape.raw(one, "A signature"));
  await verify(ANSWER_TYPE, sender.keysOf(senderKey).signing, body, signed, { hybrid: true });
  return {
    uid,
    keyId: senderKey,
    handle: shape.text(handle, "A handle", { most: 64 }),
    name: shape.text(name, "A name"),
  };
}

function is(value: unknown, expected: Uint8Array): boolean {
  return value instanceof Uint8Array && equal(value, expected);
}
