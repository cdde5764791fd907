import { expect } from "vitest";

import { collection, consent, decode, Signed } from "../../src/index.ts";
import { accountOf, readerOf } from "./account_ops.ts";
import { ACCEPTED, type Inputs, runVectors } from "./harness.ts";

interface WrittenConsent {
  readonly grantor: string;
  readonly recipient: string;
  readonly role: number;
  readonly purpose: string;
  readonly collection: string;
  readonly from: number;
  readonly until: number;
  readonly text_hash: string;
  readonly language: string;
  readonly register: string;
  readonly sealed_hash: string;
}
interface WrittenSigned {
  readonly body: string;
  readonly signatures: readonly string[];
}

function doEncode(x: Inputs): unknown {
  const fields = x.value<WrittenConsent>("fields");
  const made = new consent.Consent({
    grantor: x.bytes(fields.grantor),
    recipient: x.bytes(fields.recipient),
    role: collection.roleOf(fields.role),
    purpose: fields.purpose,
    collection: x.bytes(fields.collection),
    since: fields.from,
    until: fields.until,
    textHash: x.bytes(fields.text_hash),
    language: fields.language,
    registerVersion: fields.register,
    sealedHash: x.bytes(fields.sealed_hash),
  });
  const body = made.encode();
  expect(consent.Consent.decode(body)).toEqual(made);
  return { body, hash: new Signed(body, []).hash(consent.TYPE) };
}

async function doVerify(x: Inputs): Promise<unknown> {
  const { body, signatures } = x.value<WrittenSigned>("signed");
  const signed = new Signed(x.bytes(body), signatures.map((one) => x.bytes(one)));
  await consent.verifyConsent(signed, await accountOf(x), x.number("generation"));
  return ACCEPTED;
}

function doAgrees(x: Inputs): unknown {
  const member = collection.memberOf(x.all("member"));
  consent.checkAgrees(consent.Consent.decode(x.raw("body")), member, x.raw("collection"), x.raw("grantor"));
  return ACCEPTED;
}

function doTaken(x: Inputs): unknown {
  consent.checkTaken(consent.Consent.decode(x.raw("body")), x.value<string[]>("standing"), x.value<number | null>("day"));
  return ACCEPTED;
}

function doReadPart(x: Inputs): unknown {
  return { ...consent.readPart(decode(x.raw("content")), consent.Consent.decode(x.raw("body"))) };
}

async function doOpenPart(x: Inputs): Promise<unknown> {
  const opener = { uid: x.raw("uid"), identity: await readerOf(x) };
  return { content: await consent.openPart(x.raw("sealed"), x.raw("grantor"), x.raw("collection"), opener) };
}

runVectors("consent", {
  encode: doEncode,
  "text-hash": (x) => ({ hash: consent.textHash(x.text("text")) }),
  "sealed-hash": (x) => ({ hash: consent.sealedHash(x.raw("sealed")) }),
  verify: doVerify,
  agrees: doAgrees,
  "open-part": doOpenPart,
  "read-part": doReadPart,
  taken: doTaken,
});
