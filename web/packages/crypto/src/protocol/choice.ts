/**
 * Choices: what a person allows the host to do, purpose by purpose, as one signed chain. Implements spec/choice.md.
 *
 * Each choice is about one purpose, under the hash of the words that were shown; none can be put in, left out of the
 * middle, or dated before the one that it follows; what is allowed is reckoned from the chain alone.
 * Does not: decide which purposes there are, or whether a host keeps to them. Works through WebCrypto; no other I/O.
 */

import { equal, utf8 } from "../bytes.ts";
import { decode, encode, labelledHash } from "../encoding.ts";
import { IntegrityError, InvalidInputError } from "../errors.ts";
import * as shape from "../shape.ts";
import { verify } from "../sign.ts";
import type { AccountState } from "./account.ts";
import { Signed, ZERO32 } from "./encoding.ts";
import type { Identity } from "./identity.ts";

export const TYPE = "choice";
export const HOUR = 3600;
/** Choices of one person: a page a day for three thousand years. */
const MOST_NUMBER = 1_000_000;
/** What was answered. */
export const GIVEN = 1;
export const REFUSED = 2;
export const DEFERRED = 3;
export const WITHDRAWN = 4;
export type Act = typeof GIVEN | typeof REFUSED | typeof DEFERRED | typeof WITHDRAWN;
const BY = ["self", "parent", "guardian", "attorney", "signal"] as const;
/** Who answered: the person, somebody who acts for them by law, or a signal of their browser. */
export type By = (typeof BY)[number];
/** How a purpose stands: step 6. */
export type State =
  "unasked" | "given" | "renewed" | "refused" | "deferred" | "withdrawn" | "expired" | "invalidated";
const NAMES: Readonly<Record<Act, State>> = { 1: "given", 2: "refused", 3: "deferred", 4: "withdrawn" };

/** What a choice says: step 1. `asked` and `at` are whole hours in seconds since 1970 UTC, `until` a day (0: open). */
export interface Choice {
  readonly person: Uint8Array;
  readonly number: number;
  readonly previous: Uint8Array;
  readonly purpose: string;
  readonly act: Act;
  readonly terms: number;
  readonly textHash: Uint8Array;
  readonly language: string;
  readonly policy: Uint8Array;
  readonly asked: number;
  readonly at: number;
  readonly until: number;
  readonly by: By;
}

/** Return the body bytes of a choice. */
export function encodeChoice(one: Choice): Uint8Array {
  const { person, number, previous, purpose, act, terms, textHash, language, policy, asked, at, until, by } = one;
  return encode([person, number, previous, purpose, act, terms, textHash, language, policy, asked, at, until, by]);
}

/** Return the choice that `body` encodes. */
export function decodeChoice(body: Uint8Array): Choice {
  const [person, number, previous, purpose, act, terms, text, language, policy, asked, at, until, by] = shape.fields(
    decode(body),
    13,
    "A choice",
  );
  return checked({
    person: shape.raw(person, "A person", { length: 32 }),
    number: shape.number(number, "A choice's number", { most: MOST_NUMBER }),
    previous: shape.raw(previous, "The hash before", { length: 32 }),
    purpose: shape.text(purpose, "A purpose", { most: 64 }),
    act: shape.number(act, "An act", { least: GIVEN, most: WITHDRAWN }) as Act,
    terms: shape.number(terms, "A version of terms", { least: 1 }),
    textHash: shape.raw(text, "A text hash", { length: 32 }),
    language: shape.text(language, "A language", { most: 35 }),
    policy: shape.raw(policy, "A policy's hash", { length: 32 }),
    asked: shape.number(asked, "When it was asked"),
    at: shape.number(at, "When it was answered"),
    until: shape.number(until, "A last day", { most: 10_000_000 }),
    by: byOf(shape.text(by, "Who answered", { most: 16 })),
  });
}

function checked(one: Choice): Choice {
  if (one.asked % HOUR !== 0 || one.at % HOUR !== 0 || one.asked > one.at) {
    throw wrongTime("Its hours are not whole, or it was answered before it was asked.");
  }
  if (one.until !== 0 && one.act !== GIVEN) {
    throw new IntegrityError("Only what is given has a last day.", { code: "choice-until" });
  }
  if (one.by === "signal" && (one.act === GIVEN || one.act === DEFERRED)) {
    throw new IntegrityError("A signal can only say no.", { code: "choice-signal" });
  }
  return one;
}

function byOf(text: string): By {
  const found = BY.find((one) => one === text);
  if (found === undefined) throw new InvalidInputError("Who answered is none that is known here.", { code: "shape" });
  return found;
}

/** Return the labelled SHA-256 that the next one names: step 3. */
export function choiceHash(one: Choice): Uint8Array {
  return labelledHash(`${TYPE}-hash`, encodeChoice(one));
}

/** Return a choice hybrid-signed by the person. */
export async function signChoice(one: Choice, identity: Identity): Promise<Signed> {
  const body = encodeChoice(checked(one));
  return new Signed(body, await identity.signer.sign(TYPE, body));
}

/** Return the labelled SHA-256 of the words that the person saw: step 2. */
export function textHash(text: string): Uint8Array {
  return labelledHash(`${TYPE}-text`, utf8(text));
}

/** Return the choice that `person` signed with `generation`, or raise `IntegrityError`: step 4. */
export async function verifyChoice(signed: Signed, person: AccountState, generation: number): Promise<Choice> {
  const choice = decodeChoice(signed.body);
  if (!equal(choice.person, person.uid)) {
    throw new IntegrityError("A choice is another person's.", { code: "choice-person" });
  }
  await verify(TYPE, person.keysOf(generation).signing, signed.body, signed.signatures, { hybrid: true });
  return choice;
}

/** Raise `IntegrityError` where one of a person's choices does not follow the one before: step 5. */
export function checkChain(choices: readonly Choice[]): void {
  const newestOf = new Map<string, Choice>();
  for (const [at, choice] of choices.entries()) {
    const last = choices[at - 1];
    const previous = last === undefined ? ZERO32 : choiceHash(last);
    if (choice.number !== at || !equal(choice.previous, previous)) {
      throw new IntegrityError("A choice does not follow the one before it.", { code: "choice-order" });
    }
    if (last !== undefined && choice.at < last.at) throw wrongTime("It is dated before the one that it follows.");
    if (choice.act === WITHDRAWN) checkWithdrawn(choice, newestOf.get(choice.purpose));
    newestOf.set(choice.purpose, choice);
  }
}

function checkWithdrawn(choice: Choice, given: Choice | undefined): void {
  if (given?.act !== GIVEN) throw new IntegrityError("There is nothing to withdraw.", { code: "choice-nothing" });
  const same = choice.terms === given.terms && equal(choice.textHash, given.textHash) && choice.language === given.language;
  if (!same) throw new IntegrityError("A choice takes back something else than was given.", { code: "choice-words" });
}

/** Return how a purpose stands on a day (days since 1970 UTC), `terms` being its newest: step 6. */
export function stateOf(choices: readonly Choice[], purpose: string, terms: number, day: number): State {
  const about = choices.filter((one) => one.purpose === purpose);
  const newest = about.at(-1);
  if (newest === undefined) return "unasked";
  if (newest.act !== GIVEN) return NAMES[newest.act];
  if (newest.until !== 0 && newest.until < day) return "expired";
  if (newest.terms < terms) return "invalidated";
  return about.slice(0, -1).some((one) => one.act === GIVEN) ? "renewed" : "given";
}

/** Whether the host may act in this state. */
export function allows(state: State): boolean {
  return state === "given" || state === "renewed";
}

function wrongTime(why: string): IntegrityError {
  return new IntegrityError(`A choice's time is wrong. ${why}`, { code: "choice-time" });
}
