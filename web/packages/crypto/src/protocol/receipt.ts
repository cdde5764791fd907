/**
 * Receipts: what a server promises of one act, and what a reader holds it to. Implements spec/receipt.md.
 *
 * A receipt binds the server to one event, at one place of its log; who kept it can show a lie.
 * Does not: prove anything by itself; the proof comes with the next public checkpoint. No I/O.
 */

import { equal } from "../bytes.ts";
import type { Value } from "../encoding.ts";
import { IntegrityError } from "../errors.ts";
import * as shape from "../shape.ts";
import { commitment } from "./event.ts";
import { decodeTold, type Told } from "./ledger.ts";

/** What somebody asked for, as far as it is said: which collection, which person, the hash of what they signed. */
export interface About {
  readonly collection?: Uint8Array;
  readonly person?: Uint8Array;
  readonly digest?: Uint8Array;
}

/** The name of a receipt's event, and at which of its fields stands what was asked for. */
interface Form {
  readonly event: string;
  readonly places: { readonly [name in keyof About]: number };
}

/** What a receipt can be for: step 2. */
const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ["grant", { event: "sharing.grant.given", places: { collection: 0, person: 2, digest: 6 } }],
  ["revocation", { event: "sharing.grant.revoked", places: { collection: 0, person: 2 } }],
  ["consent", { event: "consent.record.given", places: { digest: 0, collection: 1, person: 3 } }],
  ["consent-ended", { event: "consent.record.ended", places: { collection: 1 } }],
  ["choice", { event: "consent.choice.made", places: { digest: 0 } }],
  ["keys", { event: "accounts.statement.added", places: { digest: 0 } }],
  ["collection", { event: "vault.collection.erased", places: { collection: 0 } }],
  ["account", { event: "rights.erasure.done", places: {} }],
]);
const ASKED = ["collection", "person", "digest"] as const;

/** Tell whether a reader knows what a receipt is for; what it does not it leaves aside: step 2. */
export function isKnown(one: ReceiptFields): boolean {
  return FORMS.has(one.what);
}

/** What a receipt says. */
export interface ReceiptFields {
  readonly what: string;
  readonly subject: Uint8Array;
  readonly seq: number;
  readonly at: number;
  readonly commitment: Uint8Array;
  readonly position: number | null;
}

/**
 * That an event about `subject` was recorded, at `position` of the log `audit` (null: it will be given one).
 *
 * `seq` is its place in the subject's own list, `at` when the server said so (seconds since 1970 UTC).
 */
export class Receipt implements ReceiptFields {
  readonly what: string;
  readonly subject: Uint8Array;
  readonly seq: number;
  readonly at: number;
  readonly commitment: Uint8Array;
  readonly position: number | null;

  constructor(fields: ReceiptFields) {
    this.what = fields.what;
    this.subject = fields.subject;
    this.seq = fields.seq;
    this.at = fields.at;
    this.commitment = fields.commitment;
    this.position = fields.position;
  }

  /** Read one; raise `InvalidInputError` (shape). What it is for may be unknown here: step 2. */
  static of(value: unknown): Receipt {
    const [what, subject, seq, at, committed, position] = shape.fields(value, 6, "A receipt");
    return new Receipt({
      what: shape.text(what, "What a receipt is for"),
      subject: shape.raw(subject, "A receipt's subject", { length: 32 }),
      seq: shape.number(seq, "A receipt's seq"),
      at: shape.number(at, "A receipt's time"),
      commitment: shape.raw(committed, "A receipt's commitment", { length: 32 }),
      position: position === null ? null : shape.number(position, "A receipt's position"),
    });
  }

  /** Return it as it is encoded: step 1. */
  value(): Value {
    return [this.what, this.subject, this.seq, this.at, this.commitment, this.position];
  }

  /** Return the event that it is for; raise `IntegrityError` (receipt-differs): step 4. */
  check(about: About, salt: Uint8Array, body: Uint8Array): Told {
    const told = decodeTold(body);
    const form = FORMS.get(this.what);
    const same =
      equal(commitment(salt, body), this.commitment) &&
      told.name === form?.event &&
      equal(told.subject, this.subject) &&
      told.seq === this.seq;
    if (form === undefined || !same || !ASKED.every((name) => isAt(told, form.places[name], about[name]))) {
      throw new IntegrityError("A receipt of the server is for something else than was done.", {
        code: "receipt-differs",
      });
    }
    return told;
  }
}

/** Whether `wanted` stands at that field; what was not asked for, or an event does not say, is no difference. */
function isAt(told: Told, place: number | undefined, wanted: Uint8Array | undefined): boolean {
  if (place === undefined || wanted === undefined) return true;
  const said = told.fields[place];
  return said instanceof Uint8Array && equal(said, wanted);
}
