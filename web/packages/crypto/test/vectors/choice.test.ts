import { expect } from "vitest";

import { choice, Signed } from "../../src/index.ts";
import { accountOf } from "./account_ops.ts";
import { ACCEPTED, type Inputs, runVectors } from "./harness.ts";

interface Written {
  readonly person: string;
  readonly number: number;
  readonly previous: string;
  readonly purpose: string;
  readonly act: number;
  readonly terms: number;
  readonly text_hash: string;
  readonly language: string;
  readonly policy: string;
  readonly asked: number;
  readonly at: number;
  readonly until: number;
  readonly by: string;
}
interface WrittenSigned {
  readonly body: string;
  readonly signatures: readonly string[];
}

function doEncode(x: Inputs): unknown {
  const { text_hash: text, ...rest } = x.value<Written>("fields");
  const made: choice.Choice = {
    ...rest,
    act: rest.act as choice.Act,
    by: rest.by as choice.By,
    person: x.bytes(rest.person),
    previous: x.bytes(rest.previous),
    textHash: x.bytes(text),
    policy: x.bytes(rest.policy),
  };
  const body = choice.encodeChoice(made);
  expect(choice.decodeChoice(body)).toEqual(made);
  return { body, hash: choice.choiceHash(made) };
}

async function doVerify(x: Inputs): Promise<unknown> {
  const { body, signatures } = x.value<WrittenSigned>("signed");
  const signed = new Signed(x.bytes(body), signatures.map((one) => x.bytes(one)));
  await choice.verifyChoice(signed, await accountOf(x), x.number("generation"));
  return ACCEPTED;
}

function chainOf(x: Inputs): choice.Choice[] {
  const found = x.raws("choices").map(choice.decodeChoice);
  choice.checkChain(found);
  return found;
}

function doState(x: Inputs): unknown {
  const state = choice.stateOf(chainOf(x), x.text("purpose"), x.number("terms"), x.number("day"));
  return { state, allows: choice.allows(state) };
}

runVectors("choice", {
  encode: doEncode,
  "text-hash": (x) => ({ hash: choice.textHash(x.text("text")) }),
  verify: doVerify,
  chain: (x) => ({ count: chainOf(x).length }),
  state: doState,
});
