import { expect } from "vitest";

import { transfer } from "../../src/index.ts";
import { type Inputs, runVectors } from "./harness.ts";

function doPush(x: Inputs): unknown {
  const push = transfer.decodePush(x.raw("push"));
  expect(transfer.encodePush(push.signed, push.items)).toEqual(x.raw("push"));
  return { puts: push.items.length };
}

runVectors("transfer", { push: doPush });
