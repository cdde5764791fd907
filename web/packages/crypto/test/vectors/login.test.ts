import { expect } from "vitest";

import { login, Seed, SessionSigner } from "../../src/index.ts";
import { ACCEPTED, type Inputs, runVectors } from "./harness.ts";

type Written = Omit<login.LoginFields, "detail" | "nonce"> & { readonly detail: string; readonly nonce: string };

function claimOf(x: Inputs, key: string): login.LoginClaim {
  const given = x.value<Written>(key);
  return new login.LoginClaim({ ...given, detail: x.bytes(given.detail), nonce: x.bytes(given.nonce) });
}

runVectors("login", {
  claim: async (x) => {
    const claim = claimOf(x, "claim");
    const key = await SessionSigner.fromSeed(new Seed(x.raw("seed")));
    expect(login.LoginClaim.decode(claim.encode())).toEqual(claim);
    return { body: claim.encode(), signature: await claim.sign(key), public: key.public };
  },
  verify: async (x) => {
    const claim = login.LoginClaim.decode(x.raw("body"));
    const options = { expected: claimOf(x, "expected"), now: x.number("now") };
    await login.verifyClaim(claim, x.raw("key"), x.raw("signature"), options);
    return ACCEPTED;
  },
  decode: (x) => login.LoginClaim.decode(x.raw("body")),
});
