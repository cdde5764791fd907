import { expect } from "vitest";

import {
  decode,
  derive,
  encode,
  fromHex,
  label,
  labelledHash,
  mac,
  Seed,
  SessionSigner,
  shape,
  Signed,
  Signer,
  type Value,
  verify,
  verifyKeys,
} from "../../src/index.ts";
import { ACCEPTED, type Inputs, runVectors } from "./harness.ts";

type Written = number | string | boolean | null | readonly Written[] | { readonly [kind: string]: unknown };

/** The value that a vector writes as JSON; what the encoding has no type for stays for it to refuse. */
function plain(value: Written): unknown {
  if (Array.isArray(value)) return (value as readonly Written[]).map(plain);
  if (typeof value !== "object" || value === null) return value;
  const [[kind, content] = []] = Object.entries(value);
  if (kind === "hex") return fromHex(content as string);
  if (kind === "float") return Number(content);
  if (kind === "map") return new Map();
  if (kind === "utf16") {
    const units = (content as string).match(/.{4}/g) ?? [];
    return String.fromCharCode(...units.map((unit) => parseInt(unit, 16)));
  }
  const whole = BigInt(content as string);
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

function doEncode(x: Inputs): unknown {
  const value = plain(x.value<Written>("value"));
  const encoded = encode(value as Value);
  expect(decode(encoded)).toEqual(value);
  return { encoded };
}

async function doSignFast(x: Inputs): Promise<unknown> {
  const seed = new Seed(x.raw("seed"));
  const signer = await Signer.fromSeeds(seed, new Seed(new Uint8Array(32)));
  const [signature] = await signer.signFast(x.text("kind"), x.raw("body"));
  const single = await SessionSigner.fromSeed(seed);
  expect(await single.sign(x.text("kind"), x.raw("body"))).toEqual(signature);
  expect(single.public).toEqual(signer.public.ed25519);
  return { signature, public: single.public };
}

async function doVerify(x: Inputs): Promise<unknown> {
  const keys = verifyKeys(x.raw("ed25519"), x.raw("mldsa65"));
  await verify(x.text("kind"), keys, x.raw("body"), x.raws("signatures"), { hybrid: x.value<boolean>("hybrid") });
  return ACCEPTED;
}

function doSigned(x: Inputs): unknown {
  const signed = Signed.decode(x.raw("encoded"));
  expect(signed.encode()).toEqual(x.raw("encoded"));
  return { body: signed.body, signatures: signed.signatures, hash: signed.hash(x.text("kind")) };
}

runVectors("encoding", {
  encode: doEncode,
  decode: (x) => decode(x.raw("encoded")),
  "decode-zeros": (x) => decode(new Uint8Array(x.number("count"))),
  "encode-zeros": (x) => ({ bytes: encode(new Uint8Array(x.number("count"))).length }),
  number: (x) => ({ number: shape.number(decode(x.raw("encoded")), "A number") }),
  label: (x) => ({ label: label(x.text("kind")) }),
  hash: (x) => ({ hash: labelledHash(x.text("kind"), ...x.raws("parts")) }),
  derive: (x) => ({
    okm: derive(x.raw("secret"), x.text("kind"), {
      context: x.raw("context"),
      salt: x.raw("salt"),
      length: x.number("length"),
    }),
  }),
  mac: (x) => ({ mac: mac(x.raw("key"), x.text("kind"), x.raw("message")) }),
  "sign-fast": doSignFast,
  verify: doVerify,
  signed: doSigned,
});
