/**
 * What was agreed to with each share, in the words that were signed. I/O: server and local store.
 *
 * Guarantees: each consent's signature is verified, and its words are those that it names. One whose grantor sealed
 * other words than they signed is told as such, and hides no other.
 */

import { IntegrityError, InvalidInputError, MindhavenError, NotFoundError, Signed, consent as consents, equal, hex } from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { shareEvidenceFile } from "./evidence.ts";
import { Reader } from "./read.ts";

/**
 * One consent to a share. `id`: its hash in hex. `since`: a month (yyyymm, 0: all), `until`: a day (0: open), times in
 * seconds since 1970 UTC. `part` and `words` are null where no key here opens them, `words` also where they were not
 * kept; `fault` is the code of what is wrong with what was sealed.
 */
export interface Agreement {
  readonly id: string;
  readonly grantor: Uint8Array;
  readonly recipient: Uint8Array;
  readonly purpose: string;
  readonly language: string;
  readonly since: number;
  readonly until: number;
  readonly givenAt: number;
  readonly endedAt: number | null;
  readonly part: string | null;
  readonly words: string | null;
  readonly fault: string;
}

interface Shown {
  readonly signed: Signed;
  readonly consent: consents.Consent;
  readonly sealed: Uint8Array;
  readonly generation: number;
  readonly givenAt: number;
  readonly endedAt: number | null;
}

async function verified(client: Mindhaven, value: unknown): Promise<Shown> {
  const one = new Reader(value);
  const signed = Signed.decode(one.bytes("signed"));
  const generation = one.number("generation");
  const { grantor } = consents.Consent.decode(signed.body);
  const consent = await consents.verifyConsent(signed, await client.people.withGeneration(grantor, generation), generation);
  const sealed = one.bytes("sealed");
  if (!equal(consents.sealedHash(sealed), consent.sealedHash)) {
    throw new IntegrityError("A consent's sealed part was swapped.", { code: "consent-sealed" });
  }
  return { signed, consent, sealed, generation, givenAt: one.number("given_at"), endedAt: one.numberOrNull("ended_at") };
}

async function shown(client: Mindhaven): Promise<Shown[]> {
  const answer = new Reader(await client.vault.transport.call("GET", "/v1/consents"));
  const found: Shown[] = [];
  for (const value of answer.list("consents", (one) => one)) found.push(await verified(client, value));
  return found;
}

/** Return what is sealed to the two, null if no key here opens it. Throws `IntegrityError` (consent-text). */
async function partOf(client: Mindhaven, { consent, sealed }: Shown): Promise<consents.Part | null> {
  const me = client.access.needMe();
  for (const identity of me.bundle.identities.values()) {
    let content: unknown;
    try {
      content = await consents.openPart(sealed, consent.grantor, consent.collection, { uid: me.uid, identity });
    } catch (error) {
      if (error instanceof IntegrityError) continue;
      throw error;
    }
    return consents.readPart(content, consent);
  }
  return null;
}

/** What was agreed to with the shares of one account. */
export class Agreements {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Return every consent to a share that was given or received, the newest first. */
  async all(): Promise<Agreement[]> {
    return agreements(this.#client);
  }

  /**
   * Return the receipt of one's own consent (its id in hex), as a file for others; see `shareEvidenceFile`.
   *
   * Throws `NotFoundError` (consent-receipt-number), `InvalidInputError` (consent-receipt-words).
   */
  async receipt(id: string): Promise<Uint8Array> {
    return shareReceipt(this.#client, id);
  }
}

async function agreements(client: Mindhaven): Promise<Agreement[]> {
  const found: Agreement[] = [];
  for (const one of await shown(client)) {
    let part: consents.Part | null = null;
    let fault = "";
    try {
      part = await partOf(client, one);
    } catch (error) {
      if (!(error instanceof MindhavenError)) throw error;
      fault = error.reason;
    }
    const { grantor, recipient, purpose, language, since, until } = one.consent;
    found.push({
      id: hex(one.signed.hash(consents.TYPE)),
      grantor,
      recipient,
      purpose,
      language,
      since,
      until,
      givenAt: one.givenAt,
      endedAt: one.endedAt,
      part: part?.name ?? null,
      words: part?.text ?? null,
      fault,
    });
  }
  return found;
}

async function shareReceipt(client: Mindhaven, id: string): Promise<Uint8Array> {
  const me = client.access.needMe();
  const found = (await shown(client)).find((one) => hex(one.signed.hash(consents.TYPE)) === id);
  if (found === undefined || !equal(found.consent.grantor, me.uid)) {
    throw new NotFoundError("There is no consent of yours of this hash.", { code: "consent-receipt-number" });
  }
  const words = (await partOf(client, found))?.text ?? null;
  if (words === null) {
    throw new InvalidInputError("The words of this share were not kept with it.", { code: "consent-receipt-words" });
  }
  return shareEvidenceFile(client, { ...found, words });
}
