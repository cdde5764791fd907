/**
 * What this person allows the host, purpose by purpose: asked, answered, taken back. I/O: server and local store.
 *
 * Guarantees: what is signed is what the server was seen to ask, word for word; a choice that the server keeps back, or
 * puts at another place, is found by every device that has seen it.
 * Does not: make a server keep to a no; its log, and receipts, show what it was told. Implements spec/choice.md.
 */

import {
  ConflictError,
  DeniedError,
  IntegrityError,
  NotFoundError,
  Signed,
  ZERO32,
  choice,
  decode,
  encode,
  equal,
  hex,
  shape,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { evidenceFile, type Made } from "./evidence.ts";
import { Reader } from "./read.ts";
import { keepTold } from "./told.ts";

const PATH = "/v1/choices";
/** The row with the hash of the policy that this device told of last. */
const TOLD = "policy-told";
const KEPT = "choice-chain";
const DAY_SECONDS = 86_400;
/** As many as one person can have, and one more. */
const MOST = 1_000_001;

/** What may be asked, in the words of one language. `offered`: it can be allowed here; `days`: for how long at most. */
export interface Purpose {
  readonly id: string;
  readonly entry: string;
  readonly terms: number;
  readonly offered: boolean;
  readonly days: number;
  readonly says: ReadonlyMap<string, Said>;
}

/** What a person is shown. */
export interface Said {
  readonly title: string;
  readonly what: string;
  readonly then: string;
}

/** What a server asks about, under the policy that stands. */
export interface Purposes {
  readonly policy: Uint8Array | null;
  /** The server's clock, in seconds since 1970 UTC. */
  readonly now: number;
  readonly purposes: readonly Purpose[];
}

/** Every choice of this person in order, verified; `lost`: those that this device has seen and the server lacks. */
export interface Chain {
  readonly made: readonly Made[];
  readonly choices: readonly choice.Choice[];
  readonly lost: readonly choice.Choice[];
}

const ACTS = { give: choice.GIVEN, refuse: choice.REFUSED, defer: choice.DEFERRED, withdraw: choice.WITHDRAWN } as const;
const NAMES = { 1: "given", 2: "refused", 3: "deferred", 4: "withdrawn" } as const;

/** One answer of a chain in words; `at` in seconds since 1970 UTC, by the hour. `signal`: the browser's own. */
export interface Answer {
  readonly number: number;
  readonly purpose: string;
  readonly act: (typeof NAMES)[choice.Act];
  readonly at: number;
  readonly signal: boolean;
}

/** What is answered; `asked` is what the person was shown, `askedAt` when (milliseconds since 1970). */
export interface Answered {
  readonly purpose: string;
  readonly act: keyof typeof ACTS;
  readonly language: string;
  readonly asked: Purposes;
  readonly askedAt: number;
  readonly by?: choice.By;
}

/** Return the words that a person is shown, as they are hashed: one line each. */
export function wordsOf({ title, what, then }: Said): string {
  return `${title}\n${what}\n${then}`;
}

/** The choices of one account. */
export class Choices {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Return what the server asks about, in its words. */
  async asked(): Promise<Purposes> {
    const answer = new Reader(await this.#client.vault.transport.call("GET", "/v1/purposes"));
    return { policy: answer.bytesOrNull("policy", 32), now: answer.number("now"), purposes: answer.list("purposes", purposeOf) };
  }

  /**
   * Return whether the server's policy is another than the one that this device told of last (`policyTold`).
   *
   * The first one is not news: people are asked under it when they begin.
   */
  async policyNews(): Promise<boolean> {
    const { policy } = await this.asked();
    const told = this.#client.store.get(TOLD);
    if (policy === null || (told !== null && equal(told, policy))) return false;
    if (told !== null) return true;
    await this.#tell(policy);
    return false;
  }

  /** Keep which policy stood when this device began, so that a later one is news. */
  async policyBegun(): Promise<void> {
    if (this.#client.store.get(TOLD) === null) await this.policyTold();
  }

  /** Keep that the person was told of the policy that stands. */
  async policyTold(): Promise<void> {
    const { policy } = await this.asked();
    if (policy !== null) await this.#tell(policy);
  }

  async #tell(policy: Uint8Array): Promise<void> {
    this.#client.store.put(TOLD, policy);
    await this.#client.store.saved();
  }

  /** Return one's own choices. Throws `IntegrityError` (choice-order, -time, -nothing, -person, signatures). */
  async chain(): Promise<Chain> {
    const { uid } = this.#client.access.needMe();
    const made: Made[] = [];
    const found: choice.Choice[] = [];
    while (found.length < MOST) {
      const page = new Reader(await this.#client.vault.transport.call("GET", `${PATH}/${String(found.length)}`));
      const given = page.list("choices", (value) => {
        const one = new Reader(value);
        return { signed: one.bytes("signed"), generation: one.number("generation") };
      });
      if (given.length === 0) break;
      for (const { signed: bytes, generation } of given) {
        const account = await this.#client.people.withGeneration(uid, generation);
        if (generation < (made.at(-1)?.generation ?? 0)) {
          throw new IntegrityError("A choice was signed by replaced keys.", { code: "choice-generation" });
        }
        const signed = Signed.decode(bytes);
        const one = await choice.verifyChoice(signed, account, generation);
        made.push({ choice: one, signed, generation });
        found.push(one);
      }
    }
    choice.checkChain(found);
    return { made, choices: found, lost: await this.#remembered(made) };
  }

  /** Return every answer of a chain in words, the oldest first. */
  answers({ choices }: Chain): Answer[] {
    return choices.map(({ number, purpose, act, at, by }) => ({ number, purpose, act: NAMES[act], at, signal: by === "signal" }));
  }

  /**
   * Return one's own choices, after those that a restored server lost were sent again, as far as it takes them.
   *
   * A no is taken however old it is; what was given longer ago than two hours has to be given anew.
   */
  async giveBack(): Promise<Chain> {
    let chain = await this.chain();
    for (const lost of this.#kept()) {
      const last = chain.choices.at(-1);
      const previous = last === undefined ? ZERO32 : choice.choiceHash(last);
      if (lost.choice.number !== chain.choices.length || !equal(lost.choice.previous, previous)) continue;
      try {
        await this.#send(lost);
      } catch (error) {
        if (error instanceof ConflictError || error instanceof DeniedError) break;
        throw error;
      }
      chain = await this.chain();
    }
    return chain;
  }

  /** Return how a purpose stands by a chain. */
  state({ choices }: Chain, { id, terms }: Pick<Purpose, "id" | "terms">): choice.State {
    return choice.stateOf(choices, id, terms, Math.floor(this.#client.now() / 1000 / DAY_SECONDS));
  }

  /**
   * Answer for one purpose; what the server may do follows in the same moment. Returns what was signed.
   *
   * A choice that meets one of another device is made once more after that one. Throws `NotFoundError` (purpose-unknown),
   * `DeniedError` (purpose-never), `ConflictError` (choice-nothing, -text, -policy, -clock).
   */
  async choose(answered: Answered): Promise<choice.Choice> {
    try {
      return await this.#sign(answered);
    } catch (error) {
      if (!(error instanceof ConflictError) || error.reason !== "choice-order") throw error;
      return this.#sign(answered);
    }
  }

  /** Return the receipt of one's own choice of a number, as a file for others; see `evidenceFile`. */
  async receipt(number: number): Promise<Uint8Array> {
    const made = (await this.chain()).made.at(number);
    if (made === undefined || number < 0) {
      throw new NotFoundError("There is no choice of this number.", { code: "consent-receipt-number" });
    }
    return evidenceFile(this.#client, made);
  }

  /** Forget what this device has seen of choices that the server lost, once the person was told. */
  async letGo(): Promise<void> {
    this.#client.store.remove(KEPT);
    await this.#client.store.saved();
  }

  async #sign({ purpose, act: named, language, asked, askedAt, by = "self" }: Answered): Promise<choice.Choice> {
    const about = asked.purposes.find(({ id }) => id === purpose);
    const said = about?.says.get(language);
    if (about === undefined || said === undefined) {
      throw new NotFoundError("Nobody is asked about this here.", { code: "purpose-unknown" });
    }
    const { made: before, choices, lost } = await this.giveBack();
    const last = choices.at(-1);
    const act = ACTS[named];
    const newest = choices.findLast((one) => one.purpose === purpose);
    if (act === choice.REFUSED && newest?.act === choice.REFUSED) return newest; // that no stands already
    const { now: seconds } = await this.asked();
    const at = Math.max(hourOf(seconds), last?.at ?? 0);
    const withdrawn = act === choice.WITHDRAWN ? newest : undefined;
    const me = this.#client.access.needMe();
    const made: choice.Choice = {
      person: me.uid,
      number: choices.length,
      previous: last === undefined ? ZERO32 : choice.choiceHash(last),
      purpose,
      act,
      terms: withdrawn?.terms ?? about.terms,
      textHash: withdrawn?.textHash ?? choice.textHash(wordsOf(said)),
      language: withdrawn?.language ?? language,
      policy: asked.policy ?? ZERO32,
      asked: Math.min(hourOf(Math.floor(askedAt / 1000)), at),
      at,
      until: act === choice.GIVEN && about.days > 0 ? Math.floor(seconds / DAY_SECONDS) + about.days : 0,
      by,
    };
    const identity = me.bundle.newest();
    const whole: Made = { choice: made, signed: await choice.signChoice(made, identity), generation: identity.generation };
    await this.#send(whole);
    const gone = new Set(lost.map((one) => hex(choice.choiceHash(one))));
    this.#remember([...before, ...this.#kept().filter((one) => gone.has(hex(choice.choiceHash(one.choice)))), whole]);
    await this.#client.store.saved();
    return made;
  }

  /** Send a choice and keep its receipts. Throws `IntegrityError` (choice-unanswered) for an answer about another. */
  async #send({ choice: made, signed, generation }: Made): Promise<void> {
    const body = encode([generation, [signed.body, [...signed.signatures]]]);
    const answer = await this.#client.vault.transport.cbor("POST", PATH, body);
    const [number, receipts] = shape.fields(decode(answer), 2, "The answer to a choice");
    if (number !== made.number) {
      throw new IntegrityError("The server answered about another choice than the one that was made.", {
        code: "choice-unanswered",
      });
    }
    // As a grant's answer is kept: [number, head, receipts].
    keepTold(this.#client.store, encode([made.number, null, receipts as never]), { digest: choice.choiceHash(made) });
  }

  #kept(): Made[] {
    const row = this.#client.store.get(KEPT);
    return (row === null ? [] : shape.items(decode(row), "Choices", { most: MOST })).map((entry) => {
      const [generation, bytes] = shape.fields(entry, 2, "A choice that was seen");
      const signed = Signed.decode(shape.raw(bytes, "A choice"));
      return { choice: choice.decodeChoice(signed.body), signed, generation: shape.number(generation, "A generation") };
    });
  }

  /** Return what this device has seen and the server does not show; remember what it shows beside that. */
  async #remembered(found: readonly Made[]): Promise<choice.Choice[]> {
    const shown = new Set(found.map((one) => hex(choice.choiceHash(one.choice))));
    const lost = this.#kept().filter((one) => !shown.has(hex(choice.choiceHash(one.choice))));
    this.#remember([...found, ...lost]);
    await this.#client.store.saved();
    return lost.map((one) => one.choice);
  }

  #remember(made: readonly Made[]): void {
    this.#client.store.put(KEPT, encode(made.map((one) => [one.generation, one.signed.encode()])));
  }
}

function hourOf(seconds: number): number {
  return Math.floor(seconds / choice.HOUR) * choice.HOUR;
}

function purposeOf(value: unknown): Purpose {
  const one = new Reader(value);
  return {
    id: one.text("id"),
    entry: one.text("entry"),
    terms: one.number("terms"),
    offered: one.flag("offered"),
    days: one.number("days"),
    says: saidOf((value as { readonly says?: unknown }).says),
  };
}

function saidOf(value: unknown): Map<string, Said> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new IntegrityError("The server's answer has the wrong shape.", { code: "answer-shape" });
  }
  const said = Object.entries(value as Record<string, unknown>).map(([language, shown]): [string, Said] => {
    const one = new Reader(shown);
    return [language, { title: one.text("title"), what: one.text("what"), then: one.text("then") }];
  });
  return new Map(said);
}
