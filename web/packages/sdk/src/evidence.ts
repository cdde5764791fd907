/**
 * What the receipt of a choice, or of a consent to a share, rests on, for others to check without the server. I/O: server and local store.
 *
 * Guarantees: the same bytes as the Python SDK gathers (docs/reference/consent-receipts.md), each verified here first.
 * Does not: write the receipt in a form of others; `mindhaven receipt verify FILE --as 27560` makes that of this file.
 */

import {
  IntegrityError,
  NotFoundError,
  type Signed,
  UnavailableError,
  base64,
  choice,
  consent as consents,
  encode,
  equal,
  fromHex,
  ledger,
  sha256,
  tlog,
  utf8,
  type Value,
} from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { toText } from "./ids.ts";
import { Logs } from "./logs.ts";
import { type OwnEvent, type OwnPage, ownEvents } from "./openings.ts";
import { Reader } from "./read.ts";
import { isInLog } from "./receipts.ts";

const VERSION = "mindhaven/consent-receipt/v1";
const EVENT = "consent.choice.made";
const SHARE_VERSION = "mindhaven/share-receipt/v1";
const SHARE_EVENT = "consent.record.given";
/** The register's version where the server had published no policy. */
const UNPUBLISHED = "unpublished";

/** A choice with the signature and the generation of the keys that made it. */
export interface Made {
  readonly choice: choice.Choice;
  readonly signed: Signed;
  readonly generation: number;
}

/**
 * Return the file of one's own choice: JSON that carries the evidence.
 *
 * Throws `UnavailableError` (receipt-early) while the log has not signed its entry, `NotFoundError`
 * (consent-receipt-policy, text-unknown), `IntegrityError` (choice-text, policy-differs, consent-receipt-event).
 */
export async function evidenceFile(client: Mindhaven, made: Made): Promise<Uint8Array> {
  const words = await wordsOf(client, made.choice.textHash);
  const policy = await policyOf(client, made.choice.policy);
  const proof = await proofOf(client, EVENT, choice.choiceHash(made.choice));
  return fileOf(client, VERSION, [made.generation, made.signed.encode(), words, policy, proof]);
}

/** A consent to a share that this person gave: its signature, of which keys, and the words that were agreed to. */
export interface GivenConsent {
  readonly consent: consents.Consent;
  readonly signed: Signed;
  readonly generation: number;
  readonly words: string;
}

/** Return the file of one's own consent to a share; throws as `evidenceFile` does. */
export async function shareEvidenceFile(client: Mindhaven, given: GivenConsent): Promise<Uint8Array> {
  const version = given.consent.registerVersion;
  const policy = version === UNPUBLISHED ? new Uint8Array() : await policyOf(client, fromHex(version));
  const proof = await proofOf(client, SHARE_EVENT, given.signed.hash(consents.TYPE));
  return fileOf(client, SHARE_VERSION, [given.generation, given.signed.encode(), given.words, policy, proof]);
}

function fileOf(client: Mindhaven, version: string, rest: readonly Value[]): Uint8Array {
  const { uid } = client.access.needMe();
  const evidence = encode([version, client.people.statements(uid), ...rest]);
  return utf8(`${JSON.stringify({ form: version, proof: base64(evidence) }, null, 2)}\n`);
}

async function wordsOf(client: Mindhaven, digest: Uint8Array): Promise<string> {
  const answer = await client.vault.transport.call("GET", `/v1/choice-texts/${toText(digest)}`, undefined, { open: true });
  const text = new Reader(answer).text("text");
  if (equal(choice.textHash(text), digest)) return text;
  throw new IntegrityError("The server shows other words than those that were agreed to.", { code: "choice-text" });
}

/** Return the packed policy of a hash: the newest one, or one before it. */
async function policyOf(client: Mindhaven, digest: Uint8Array): Promise<Uint8Array> {
  let path = "/v1/policy";
  for (;;) {
    const shown = new Reader(await client.vault.transport.call("GET", path, undefined, { open: true }));
    const [texts, version] = [shown.bytes("texts"), shown.number("version")];
    if (!equal(sha256(texts), shown.bytes("digest", 32))) {
      throw new IntegrityError("What this server shows as its policy is not what it published.", { code: "policy-differs" });
    }
    if (equal(sha256(texts), digest)) return texts;
    const before = `/v1/policies/${String(version - 1)}`;
    if (version <= 1 || path === before) {
      throw new NotFoundError("The server does not have the policy that was shown then.", { code: "consent-receipt-policy" });
    }
    path = before;
  }
}

/** Return the tlog-proof of the event that a choice or consent was made, with the event's opening. */
async function proofOf(client: Mindhaven, event: string, digest: Uint8Array): Promise<Uint8Array> {
  const { entry, page } = await eventOf(client, event, digest);
  const { state } = page;
  if (entry.position === null || state === null || state.quorum === "missing" || !isInLog(entry, state)) {
    throw new UnavailableError("The log has not signed this entry yet, so there is nothing to show.", {
      code: "receipt-early",
      hint: "It does so by the hour: try again later.",
    });
  }
  const opening = encode([entry.salt, entry.body]);
  return new tlog.TlogProof(entry.position, entry.proof ?? [], tlog.Note.parse(page.note), opening).encode();
}

async function eventOf(
  client: Mindhaven,
  event: string,
  digest: Uint8Array,
): Promise<{ readonly entry: OwnEvent; readonly page: OwnPage }> {
  const { transport } = client.vault;
  const logs = new Logs(client.store, transport);
  let next = 0;
  for (;;) {
    const page = await ownEvents(transport, logs, next);
    const entry = page.entries.find((one) => isAbout(one, event, digest));
    if (entry !== undefined) return { entry, page };
    const last = page.entries.at(-1);
    if (last === undefined || last.seq < next || last.seq + 1 >= page.total) {
      throw new IntegrityError("The record of who touched your data does not have this.", {
        code: "consent-receipt-event",
        hint: "Ask the people who run the server, and keep this device as it is.",
      });
    }
    next = last.seq + 1;
  }
}

function isAbout({ body }: OwnEvent, event: string, digest: Uint8Array): boolean {
  if (body === null) return false;
  const { name, fields } = ledger.decodeTold(body);
  return name === event && fields[0] instanceof Uint8Array && equal(fields[0], digest);
}
